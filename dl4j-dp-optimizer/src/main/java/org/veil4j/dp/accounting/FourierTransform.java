package org.veil4j.dp.accounting;

/**
 * Discrete Fourier transform of a power of two complex numbers, in place. The spectrum is in bit-reversed order, which saves
 * both passes that would put it in order: products and powers of spectra do not care. Decimation in frequency and back in time, two
 * doublings in a pass, as long transforms wait for memory. Twiddle factors come from a table that is exact to rounding, so
 * that the error grows with the logarithm of the length only: about 1e-15 for a unit impulse at length 2^18, where Commons
 * Math's transform errs by 5.6e-12 because it forms its factors by recurrence. A power of 10^5 multiplies that. Immutable,
 * shareable.
 */
final class FourierTransform {
    /** Longest part that goes pass by pass; longer ones go quarter by quarter, to stay in the cache. */
    private static final int CACHED = 1 << 12;

    private final int n;
    /** cos and sin of -2 pi j / (2 half) at [half + j], for each power of two half below n. */
    private final double[] cos;

    private final double[] sin;

    /** A transform of the given length, a power of two, at least 2. */
    FourierTransform(int n) {
        this.n = n;
        cos = new double[n];
        sin = new double[n];
        int top = n / 2;
        if (top < 4) {
            for (int j = 0; j < top; j++) {
                set(top + j, Math.cos(2 * Math.PI * j / n), -Math.sin(2 * Math.PI * j / n));
            }
        } else {
            // An eighth of the circle is all of it.
            for (int j = 0; j <= top / 4; j++) {
                double c = Math.cos(2 * Math.PI * j / n);
                double s = Math.sin(2 * Math.PI * j / n);
                set(top + j, c, -s);
                set(top + top / 2 - j, s, -c);
                set(top + top / 2 + j, -s, -c);
                if (j > 0) {
                    set(n - j, -c, -s);
                }
            }
        }
        for (int half = top / 2; half >= 1; half /= 2) {
            for (int j = 0; j < half; j++) {
                set(half + j, cos[2 * half + 2 * j], sin[2 * half + 2 * j]);
            }
        }
    }

    private void set(int at, double c, double s) {
        cos[at] = c;
        sin[at] = s;
    }

    /** Where the spectrum has frequency k: k with its bits reversed. */
    int position(int k) {
        return Integer.reverse(k) >>> (32 - Integer.numberOfTrailingZeros(n));
    }

    /** Where the spectrum has frequency n - k, if it has k at {@code position}: counted backwards within its power of two. */
    static int mirror(int position) {
        return position == 0 ? 0 : 3 * Integer.highestOneBit(position) - 1 - position;
    }

    /** Replaces x by X[k] = sum over j of x[j] exp(-2 pi i j k / n), with X[k] at {@link #position}(k). */
    void forward(double[] re, double[] im) {
        forward(re, im, 0, n);
    }

    /** The inverse of {@link #forward}, including the division by n. */
    void inverse(double[] re, double[] im) {
        inverse(re, im, 0, n);
        double factor = 1.0 / n;
        for (int j = 0; j < n; j++) {
            re[j] *= factor;
            im[j] *= factor;
        }
    }

    private void forward(double[] re, double[] im, int start, int length) {
        if (length > CACHED) {
            int quarter = length / 4;
            split(re, im, start, quarter);
            for (int part = 0; part < 4; part++) {
                forward(re, im, start + part * quarter, quarter);
            }
            return;
        }
        int size = length;
        for (; size >= 4; size /= 4) {
            for (int first = start; first < start + length; first += size) {
                split(re, im, first, size / 4);
            }
        }
        if (size == 2) {
            pairs(re, im, start, length);
        }
    }

    private void inverse(double[] re, double[] im, int start, int length) {
        if (length > CACHED) {
            int quarter = length / 4;
            for (int part = 0; part < 4; part++) {
                inverse(re, im, start + part * quarter, quarter);
            }
            join(re, im, start, quarter);
            return;
        }
        int size = 4;
        if ((Integer.numberOfTrailingZeros(length) & 1) != 0) {
            pairs(re, im, start, length);
            size = 8;
        }
        for (; size <= length; size *= 4) {
            for (int first = start; first < start + length; first += size) {
                join(re, im, first, size / 4);
            }
        }
    }

    /** Sums and differences of neighbours: a transform of length 2, its own inverse but for a factor of 2. */
    private static void pairs(double[] re, double[] im, int start, int length) {
        for (int j = start; j < start + length; j += 2) {
            double r = re[j] - re[j + 1];
            double i = im[j] - im[j + 1];
            re[j] += re[j + 1];
            im[j] += im[j + 1];
            re[j + 1] = r;
            im[j + 1] = i;
        }
    }

    /** From one sequence of four quarters to four, of the frequencies 0, 2, 1 and 3 modulo 4. */
    private void split(double[] re, double[] im, int start, int quarter) {
        for (int j = 0; j < quarter; j++) {
            int a = start + j;
            int b = a + quarter;
            int c = b + quarter;
            int d = c + quarter;
            double evenRe = re[a] + re[c];
            double evenIm = im[a] + im[c];
            double oddRe = re[b] + re[d];
            double oddIm = im[b] + im[d];
            double lessRe = re[a] - re[c];
            double lessIm = im[a] - im[c];
            // (b - d) times -i.
            double turnedRe = im[b] - im[d];
            double turnedIm = re[d] - re[b];
            double c1 = cos[2 * quarter + j];
            double s1 = sin[2 * quarter + j];
            double c2 = cos[quarter + j];
            double s2 = sin[quarter + j];
            double c3 = c1 * c2 - s1 * s2;
            double s3 = c1 * s2 + s1 * c2;
            re[a] = evenRe + oddRe;
            im[a] = evenIm + oddIm;
            double r = evenRe - oddRe;
            double i = evenIm - oddIm;
            re[b] = r * c2 - i * s2;
            im[b] = r * s2 + i * c2;
            r = lessRe + turnedRe;
            i = lessIm + turnedIm;
            re[c] = r * c1 - i * s1;
            im[c] = r * s1 + i * c1;
            r = lessRe - turnedRe;
            i = lessIm - turnedIm;
            re[d] = r * c3 - i * s3;
            im[d] = r * s3 + i * c3;
        }
    }

    /** The inverse of {@link #split}, times 4. */
    private void join(double[] re, double[] im, int start, int quarter) {
        for (int j = 0; j < quarter; j++) {
            int a = start + j;
            int b = a + quarter;
            int c = b + quarter;
            int d = c + quarter;
            double c1 = cos[2 * quarter + j];
            double s1 = sin[2 * quarter + j];
            double c2 = cos[quarter + j];
            double s2 = sin[quarter + j];
            double c3 = c1 * c2 - s1 * s2;
            double s3 = c1 * s2 + s1 * c2;
            // Times the conjugate factors.
            double bRe = re[b] * c2 + im[b] * s2;
            double bIm = im[b] * c2 - re[b] * s2;
            double cRe = re[c] * c1 + im[c] * s1;
            double cIm = im[c] * c1 - re[c] * s1;
            double dRe = re[d] * c3 + im[d] * s3;
            double dIm = im[d] * c3 - re[d] * s3;
            double evenRe = re[a] + bRe;
            double evenIm = im[a] + bIm;
            double oddRe = re[a] - bRe;
            double oddIm = im[a] - bIm;
            double moreRe = cRe + dRe;
            double moreIm = cIm + dIm;
            // (c - d) times i.
            double turnedRe = dIm - cIm;
            double turnedIm = cRe - dRe;
            re[a] = evenRe + moreRe;
            im[a] = evenIm + moreIm;
            re[c] = evenRe - moreRe;
            im[c] = evenIm - moreIm;
            re[b] = oddRe + turnedRe;
            im[b] = oddIm + turnedIm;
            re[d] = oddRe - turnedRe;
            im[d] = oddIm - turnedIm;
        }
    }
}
