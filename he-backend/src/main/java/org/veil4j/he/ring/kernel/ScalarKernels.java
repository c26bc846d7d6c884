package org.veil4j.he.ring.kernel;

import org.jspecify.annotations.Nullable;

/**
 * Kernels in 64-bit integers, for CPUs without a hardware fma, where Math.fma is a thousand times slower, and as the
 * reference of the tests. A product modulo p takes its quotient from a rounded double product, which is within 0.4 of the
 * exact one for |a b| at most 2^100, and its remainder, below p in absolute value, from wrapping 64-bit arithmetic.
 */
final class ScalarKernels implements PolyKernels {
    static final ScalarKernels INSTANCE = new ScalarKernels();

    private ScalarKernels() {}

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public NttTransform ntt(int logN, long p) {
        return new ScalarNtt(logN, p);
    }

    /** a b mod p in (-p, p). */
    private static long product(double a, double b, long p, double pInv) {
        long x = (long) a;
        long y = (long) b;
        long q = (long) Math.rint(a * b * pInv);
        return x * y - q * p;
    }

    /** The balanced residue of x in (-3p/2, 3p/2). */
    private static double balance(long x, long p, long half) {
        return (double) (x - (p & ((half - x) >> 63)) + (p & ((half + x) >> 63)));
    }

    @Override
    public void reduce(double[] r, double[] a, double p) {
        long q = (long) p;
        long half = q >> 1;
        for (int i = 0; i < r.length; i++) {
            double x = a[i];
            int shift = Math.max(0, Math.getExponent(x) - 60);
            long y = (long) Math.scalb(x, -shift) % q;
            for (; shift > 0; shift -= 13) {
                y = (y << Math.min(shift, 13)) % q;
            }
            r[i] = balance(y, q, half);
        }
    }

    @Override
    public void reduceLongs(double[] r, long[] a, double p) {
        long q = (long) p;
        long half = q >> 1;
        for (int i = 0; i < r.length; i++) {
            r[i] = balance(a[i] % q, q, half);
        }
    }

    @Override
    public void add(double[] r, double[] a, double[] b, double p) {
        long q = (long) p;
        long half = q >> 1;
        for (int i = 0; i < r.length; i++) {
            r[i] = balance((long) a[i] + (long) b[i], q, half);
        }
    }

    @Override
    public void subtract(double[] r, double[] a, double[] b, double p) {
        long q = (long) p;
        long half = q >> 1;
        for (int i = 0; i < r.length; i++) {
            r[i] = balance((long) a[i] - (long) b[i], q, half);
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
        long q = (long) p;
        long half = q >> 1;
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            r[i] = balance(product(a[i], b[i], q, pInv), q, half);
        }
    }

    @Override
    public void multiplyAdd(double[] r, double[] a, double[] b, double p) {
        long q = (long) p;
        long half = q >> 1;
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            r[i] = balance((long) r[i] + product(a[i], b[i], q, pInv), q, half);
        }
    }

    @Override
    public void multiplyScalar(double[] r, double[] a, double w, double p) {
        long q = (long) p;
        long half = q >> 1;
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            r[i] = balance(product(a[i], w, q, pInv), q, half);
        }
    }

    @Override
    public void multiplyScalarAdd(double[] r, double[] a, double w, double p) {
        long q = (long) p;
        long half = q >> 1;
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            r[i] = balance((long) r[i] + product(a[i], w, q, pInv), q, half);
        }
    }

    @Override
    public void subtractMultiplyScalar(double[] r, double[] a, double[] b, double w, double p) {
        long q = (long) p;
        long half = q >> 1;
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            r[i] = balance(product(a[i] - b[i], w, q, pInv), q, half);
        }
    }

    /** Sums of products below p in absolute value: 2^13 of them fit a long. */
    @Override
    public void dot(double[] r, double[][] a, double[][] b, int terms, double p) {
        long q = (long) p;
        long half = q >> 1;
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            long sum = 0;
            for (int d = 0; d < terms; d++) {
                sum += product(a[d][i], b[d][i], q, pInv);
            }
            r[i] = balance(sum % q, q, half);
        }
    }

    /** As {@link #dot}: up to 2^12 products, so that there is room for what is added. */
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
        long q = (long) p;
        long half = q >> 1;
        double pInv = 1.0 / p;
        for (int i = from; i < to; i++) {
            long sum = add == null ? 0 : (long) add[i];
            for (int d = 0; d < terms; d++) {
                sum += product(a[d][i], b[d][i], q, pInv);
            }
            r[i] = balance(sum % q, q, half);
        }
    }

    @Override
    public void baseConvert(double[] r, double[][] a, double[] w, int terms, double p) {
        long q = (long) p;
        long half = q >> 1;
        double pInv = 1.0 / p;
        for (int i = 0; i < r.length; i++) {
            long sum = 0;
            for (int d = 0; d < terms; d++) {
                sum += product(a[d][i], w[d], q, pInv);
            }
            r[i] = balance(sum % q, q, half);
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
        long q = (long) p;
        long half = q >> 1;
        double pInv = 1.0 / p;
        for (int i = from; i < to; i++) {
            long sum = product(v[i], z, q, pInv);
            for (int d = 0; d < terms; d++) {
                sum += product(a[d][i], w[d], q, pInv);
            }
            r[i] = balance(sum % q, q, half);
        }
    }

    @Override
    public void addWeighted(double[] r, double[][] a, double[] w, int terms, double[] scratch, double p) {
        for (int d = 0; d < terms; d++) {
            multiplyScalarAdd(r, a[d], Math.IEEEremainder(w[d], p), p);
        }
    }

    @Override
    public void overflow(double[] v, double[][] a, double[] inverses, int terms, int from, int to) {
        for (int i = from; i < to; i++) {
            double sum = 0;
            for (int d = 0; d < terms; d++) {
                sum += a[d][i] * inverses[d];
            }
            v[i] = Math.rint(sum) + 0.0; // no negative zero
        }
    }

    @Override
    public void permute(double[] r, double[] a, int[] from) {
        for (int i = 0; i < r.length; i++) {
            r[i] = a[from[i]];
        }
    }
}
