package org.veil4j.he.ring.kernel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Kernels as plain Java loops, vectorised by C2 on any CPU with a hardware fma.
 *
 * <p>Product of balanced residues: h = a b rounded, r = (a b - h) + (h - q p) with q = rint(h/p), both brackets exact;
 * |r| is at most p/2 + 2^-52 * 3/2 |a b|, then r - rint(r/p) p is canonical because |r| is below 2^51.
 */
final class PlainKernels implements PolyKernels {
    static final PlainKernels INSTANCE = new PlainKernels();

    private PlainKernels() {}

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public NttTransform ntt(int logN, long p) {
        return new PlainNtt(logN, p);
    }

    /** |a| to 2^102: the first step leaves at most p/2 + 2^50, the second is canonical. */
    @Override
    public void reduce(double[] r, double[] a, double p) {
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            double x = a[i];
            double y = Math.fma(Math.rint(x * pInv), -p, x);
            r[i] = Math.fma(Math.rint(y * pInv), -p, y);
        }
    }

    /** r = r mod p for some places. */
    static void reduce(double[] r, int from, int to, double p) {
        double pInv = 1.0 / p;
        for (int i = from; i < to; i++) {
            double x = r[i];
            double y = Math.fma(Math.rint(x * pInv), -p, x);
            r[i] = Math.fma(Math.rint(y * pInv), -p, y);
        }
    }

    /** The upper part is at most 2^62 and a multiple of 2^32; reduced and with the lower part added it is below 2^50. */
    @Override
    public void reduceLongs(double[] r, long[] a, double p) {
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            long x = a[i];
            double high = (double) (x >> 32) * 0x1p32;
            double y = Math.fma(Math.rint(high * pInv), -p, high) + (double) (x & 0xFFFFFFFFL);
            r[i] = Math.fma(Math.rint(y * pInv), -p, y);
        }
    }

    @Override
    public void add(double[] r, double[] a, double[] b, double p) {
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            double x = a[i] + b[i];
            r[i] = Math.fma(Math.rint(x * pInv), -p, x);
        }
    }

    @Override
    public void subtract(double[] r, double[] a, double[] b, double p) {
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            double x = a[i] - b[i];
            r[i] = Math.fma(Math.rint(x * pInv), -p, x);
        }
    }

    @Override
    public void negate(double[] r, double[] a) {
        for (int i = 0; i < r.length; i++) {
            r[i] = 0.0 - a[i];
        }
    }

    @Override
    public void multiply(double[] r, double[] a, double[] b, double p) {
        multiply(r, a, b, 0, r.length, p);
    }

    private static void multiply(double[] r, double[] a, double[] b, int from, int to, double p) {
        double pInv = 1.0 / p;
        for (int i = from; i < to; i++) {
            double x = a[i];
            double y = b[i];
            double h = x * y;
            double s = Math.fma(x, y, -h) + Math.fma(Math.rint(h * pInv), -p, h);
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }

    @Override
    public void multiplyAdd(double[] r, double[] a, double[] b, double p) {
        multiplyAdd(r, a, b, 0, r.length, p);
    }

    private static void multiplyAdd(double[] r, double[] a, double[] b, int from, int to, double p) {
        double pInv = 1.0 / p;
        for (int i = from; i < to; i++) {
            double x = a[i];
            double y = b[i];
            double h = x * y;
            double s = r[i] + (Math.fma(x, y, -h) + Math.fma(Math.rint(h * pInv), -p, h));
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }

    @Override
    public void multiplyScalar(double[] r, double[] a, double w, double p) {
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            double x = a[i];
            double h = x * w;
            double s = Math.fma(x, w, -h) + Math.fma(Math.rint(h * pInv), -p, h);
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }

    @Override
    public void multiplyScalarAdd(double[] r, double[] a, double w, double p) {
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            double x = a[i];
            double h = x * w;
            double s = r[i] + (Math.fma(x, w, -h) + Math.fma(Math.rint(h * pInv), -p, h));
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }

    @Override
    public void subtractMultiplyScalar(double[] r, double[] a, double[] b, double w, double p) {
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            double x = a[i] - b[i];
            double h = x * w;
            double s = Math.fma(x, w, -h) + Math.fma(Math.rint(h * pInv), -p, h);
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }

    @Override
    public void dot(double[] r, double[][] a, double[][] b, int terms, double p) {
        dot(r, a, b, terms, 0, r.length, false, p);
    }

    private static void dot(
            double[] r, double[][] a, double[][] b, int terms, int from, int to, boolean add, double p) {
        double pInv = 1.0 / p;
        int d = 0;
        if (!add && terms >= SumLoops.TERMS) {
            SumLoops.dot3(r, a, b, 0, from, to, p, pInv);
            d = SumLoops.TERMS;
        } else if (!add) {
            multiply(r, a[0], b[0], from, to, p);
            d = 1;
        }
        for (; d + SumLoops.TERMS <= terms; d += SumLoops.TERMS) {
            SumLoops.dot3Next(r, a, b, d, from, to, p, pInv);
        }
        for (; d < terms; d++) {
            multiplyAdd(r, a[d], b[d], from, to, p);
        }
    }

    /** One half after the other: shorter turns are slower, for memory is read fastest in long runs. */
    @Override
    public void dotPair(
            double[] r0,
            double[] r1,
            double @Nullable [] add0,
            double @Nullable [] add1,
            double[][] a,
            double[][] b0,
            double[][] b1,
            int terms,
            int from,
            int to,
            double p) {
        dotAdd(r0, add0, a, b0, terms, from, to, p);
        dotAdd(r1, add1, a, b1, terms, from, to, p);
    }

    private static void dotAdd(
            double[] r, double @Nullable [] add, double[][] a, double[][] b, int terms, int from, int to, double p) {
        if (add != null && add != r) {
            System.arraycopy(add, from, r, from, to - from);
        }
        dot(r, a, b, terms, from, to, add != null, p);
    }

    /** Terms that may be added unreduced: each is at most 0.6 p, so that they and at most 2^52 stay below 2^53. */
    private static final int LAZY = 6;

    @Override
    public void baseConvert(double[] r, double[][] a, double[] w, int terms, double p) {
        double pInv = 1.0 / p;
        int d;
        if (terms >= SumLoops.MANY) {
            SumLoops.scaled6(r, a, w, r.length, p, pInv);
            d = SumLoops.MANY;
        } else if (terms >= SumLoops.TERMS) {
            SumLoops.scaled3(r, a, w, r.length, p, pInv);
            d = SumLoops.TERMS;
        } else {
            scaled(r, a[0], w[0], p);
            d = 1;
        }
        for (int added = 1; d < terms; d++, added++) {
            addScaled(r, a[d], w[d], p);
            if (added % LAZY == 0) {
                reduce(r, r, p);
            }
        }
        reduce(r, r, p);
    }

    /** For |a| below 2^49 the quotient is off by at most 1/16 and the product at most 0.57 p. */
    private static void scaled(double[] r, double[] a, double w, double p) {
        double wp = w / p;
        for (int i = 0; i < r.length; i++) {
            double x = a[i];
            double h = x * w;
            r[i] = Math.fma(Math.rint(x * wp), -p, h) - Math.fma(x, -w, h);
        }
    }

    private static void addScaled(double[] r, double[] a, double w, double p) {
        double wp = w / p;
        for (int i = 0; i < r.length; i++) {
            double x = a[i];
            double h = x * w;
            r[i] += Math.fma(Math.rint(x * wp), -p, h) - Math.fma(x, -w, h);
        }
    }

    @Override
    public void centredConvert(
            double[] r,
            double[][] a,
            double bound,
            double[] w,
            int terms,
            double[] v,
            double z,
            int from,
            int to,
            double p) {
        ConvertLoops.convert(r, a, bound, w, terms, v, z, from, to, p);
    }

    @Override
    public void addWeighted(double[] r, double[][] a, double[] w, int terms, double[] scratch, double p) {
        for (int from = 0; from < terms; from += WeightedLoops.MAX_TERMS) {
            int to = Math.min(terms, from + WeightedLoops.MAX_TERMS);
            Arrays.fill(scratch, WeightedLoops.SPLIT);
            int d = from;
            for (; to - d > 1; d += 4) {
                // Past the end the first input stands in, with weight zero.
                WeightedLoops.add4(
                        r,
                        scratch,
                        a[d],
                        a[d + 1],
                        d + 2 < to ? a[d + 2] : a[d],
                        d + 3 < to ? a[d + 3] : a[d],
                        w[d],
                        w[d + 1],
                        d + 2 < to ? w[d + 2] : 0,
                        d + 3 < to ? w[d + 3] : 0);
            }
            if (d < to) {
                WeightedLoops.add1(r, scratch, a[d], w[d]);
            }
            WeightedLoops.fold(r, scratch, p, 1.0 / p);
        }
    }

    @Override
    public void overflow(double[] v, double[][] a, double[] inverses, int terms, int from, int to) {
        Arrays.fill(v, from, to, 0.0);
        int d = 0;
        for (; d + 3 <= terms; d += 3) {
            addFractions(v, a[d], a[d + 1], a[d + 2], inverses[d], inverses[d + 1], inverses[d + 2], from, to);
        }
        for (; d < terms; d++) {
            double[] x = a[d];
            double f = inverses[d];
            for (int i = from; i < to; i++) {
                v[i] += x[i] * f;
            }
        }
        for (int i = from; i < to; i++) {
            v[i] = Math.rint(v[i]) + 0.0; // no negative zero
        }
    }

    private static void addFractions(
            double[] v, double[] x, double[] y, double[] z, double f, double g, double h, int from, int to) {
        for (int i = from; i < to; i++) {
            v[i] = v[i] + x[i] * f + y[i] * g + z[i] * h;
        }
    }

    @Override
    public void permute(double[] r, double[] a, int[] from) {
        for (int i = 0; i < r.length; i++) {
            r[i] = a[from[i]];
        }
    }
}
