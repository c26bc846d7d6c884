package org.veil4j.he.ckks;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The transform of the canonical embedding. A real polynomial m of degree below N is the complex vector w with
 * w[k] = m[k] + i m[k + N/2]; slot j is its value at zeta^(5^j), zeta = exp(i pi / N), so that the automorphism of 5^k
 * shifts the slots cyclically. Radix 2, in place, decimation in time, N/2 points. Immutable; tables are cached by N.
 * Roots are rounded from their exact angles: no recurrence.
 */
final class SpecialFft {
    private static final Map<Integer, SpecialFft> CACHE = new ConcurrentHashMap<>();

    private final int slots;
    /** Roots of the layers of length 2, 4, ..., each half as many as its length, one after another. */
    private final double[] rootRe;

    private final double[] rootIm;

    private SpecialFft(int logN) {
        slots = 1 << (logN - 1);
        rootRe = new double[slots];
        rootIm = new double[slots];
        for (int length = 2; length <= slots; length <<= 1) {
            int half = length >> 1;
            long mask = 4L * length - 1;
            long power = 1;
            for (int j = 0; j < half; j++) {
                rootRe[half + j] = cosine(power, 4L * length);
                rootIm[half + j] = cosine(power + 3L * length & mask, 4L * length);
                power = power * 5 & mask;
            }
        }
    }

    /** The transform for N = 2^logN. */
    static SpecialFft of(int logN) {
        return CACHE.computeIfAbsent(logN, SpecialFft::new);
    }

    /** cos(2 pi k / m) for 0 at most k, k below m, m a multiple of 8; the angle is brought into [0, pi/4] exactly. */
    private static double cosine(long k, long m) {
        long a = Math.min(k, m - k);
        double sign = 1;
        if (a > m / 4) {
            a = m / 2 - a;
            sign = -1;
        }
        if (a <= m / 8) {
            return sign * StrictMath.cos(2 * Math.PI * a / m);
        }
        return sign * StrictMath.sin(2 * Math.PI * (m / 4 - a) / m);
    }

    /** From w to slots, in place. */
    void toSlots(double[] re, double[] im) {
        reverse(re, im);
        for (int length = 2; length <= slots; length <<= 1) {
            layerToSlots(re, im, length >> 1);
        }
    }

    private void layerToSlots(double[] re, double[] im, int half) {
        for (int start = 0; start < slots; start += 2 * half) {
            for (int j = 0; j < half; j++) {
                int a = start + j;
                int b = a + half;
                double c = rootRe[half + j];
                double s = rootIm[half + j];
                double x = re[b] * c - im[b] * s;
                double y = re[b] * s + im[b] * c;
                re[b] = re[a] - x;
                im[b] = im[a] - y;
                re[a] += x;
                im[a] += y;
            }
        }
    }

    /** From slots to w times N/2, in place. */
    void fromSlots(double[] re, double[] im) {
        for (int length = slots; length >= 2; length >>= 1) {
            layerFromSlots(re, im, length >> 1);
        }
        reverse(re, im);
    }

    private void layerFromSlots(double[] re, double[] im, int half) {
        for (int start = 0; start < slots; start += 2 * half) {
            for (int j = 0; j < half; j++) {
                int a = start + j;
                int b = a + half;
                double c = rootRe[half + j];
                double s = rootIm[half + j];
                double x = re[a] - re[b];
                double y = im[a] - im[b];
                re[a] += re[b];
                im[a] += im[b];
                re[b] = x * c + y * s;
                im[b] = y * c - x * s;
            }
        }
    }

    private void reverse(double[] re, double[] im) {
        int shift = Integer.numberOfLeadingZeros(slots) + 1;
        for (int i = 0; i < slots; i++) {
            int j = Integer.reverse(i) >>> shift;
            if (i < j) {
                double t = re[i];
                re[i] = re[j];
                re[j] = t;
                t = im[i];
                im[i] = im[j];
                im[j] = t;
            }
        }
    }
}
