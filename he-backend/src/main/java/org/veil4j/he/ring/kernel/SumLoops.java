package org.veil4j.he.ring.kernel;

/**
 * Sums of several products for {@link PlainKernels}, reduced together: high parts are multiples of a power of two that add up
 * next to a large constant, exactly; what each rounding leaves is small and exact by one more fma. Three terms below 2^98
 * stay between 2^101 and 2^102, where high parts are multiples of 2^49 and each low part is at most 2^48; six stay between
 * 2^102 and 2^103, with 2^50 and 2^49. The reduced high part is at most 0.9 p. The condition inside never ends a loop
 * early: see {@link RowLoops#butterfly4}.
 */
final class SumLoops {
    /** Products that one call adds up. */
    static final int TERMS = 3;

    /** Products that {@link #scaled6} adds up. */
    static final int MANY = 6;

    private static final double SPLIT = 0x1.8p101;
    private static final double SPLIT_MANY = 0x1.8p102;

    private SumLoops() {}

    /**
     * r = a[d] b[d] + ... three terms from d on, for places in [from, to). In: |a|, |b| at most p/2. Out: canonical, as the sum before the last
     * reduction is below 2^51.
     */
    static void dot3(double[] r, double[][] a, double[][] b, int d, int from, int to, double p, double pInv) {
        double[] a0 = a[d];
        double[] a1 = a[d + 1];
        double[] a2 = a[d + 2];
        double[] b0 = b[d];
        double[] b1 = b[d + 1];
        double[] b2 = b[d + 2];
        for (int i = from; i < r.length; i++) {
            if (i >= to) {
                break;
            }
            double x0 = a0[i];
            double x1 = a1[i];
            double x2 = a2[i];
            double y0 = b0[i];
            double y1 = b1[i];
            double y2 = b2[i];
            double h0 = Math.fma(x0, y0, SPLIT);
            double h1 = Math.fma(x1, y1, h0);
            double h2 = Math.fma(x2, y2, h1);
            double h = h2 - SPLIT;
            double s = Math.fma(x0, y0, SPLIT - h0)
                    + Math.fma(x1, y1, h0 - h1)
                    + Math.fma(x2, y2, h1 - h2)
                    + Math.fma(Math.rint(h * pInv), -p, h);
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }

    /** r = r + a[d] b[d] + ... three terms from d on, as {@link #dot3}. In: |a|, |b|, |r| at most p/2. Out: canonical. */
    static void dot3Next(double[] r, double[][] a, double[][] b, int d, int from, int to, double p, double pInv) {
        double[] a0 = a[d];
        double[] a1 = a[d + 1];
        double[] a2 = a[d + 2];
        double[] b0 = b[d];
        double[] b1 = b[d + 1];
        double[] b2 = b[d + 2];
        for (int i = from; i < r.length; i++) {
            if (i >= to) {
                break;
            }
            double x0 = a0[i];
            double x1 = a1[i];
            double x2 = a2[i];
            double y0 = b0[i];
            double y1 = b1[i];
            double y2 = b2[i];
            double h0 = Math.fma(x0, y0, SPLIT);
            double h1 = Math.fma(x1, y1, h0);
            double h2 = Math.fma(x2, y2, h1);
            double h = h2 - SPLIT;
            double s = r[i]
                    + Math.fma(x0, y0, SPLIT - h0)
                    + Math.fma(x1, y1, h0 - h1)
                    + Math.fma(x2, y2, h1 - h2)
                    + Math.fma(Math.rint(h * pInv), -p, h);
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }

    /** r = a[0] w[0] + a[1] w[1] + a[2] w[2]. In: |a| below 2^49, |w| at most p/2. Out: at most 2^51. */
    static void scaled3(double[] r, double[][] a, double[] w, int n, double p, double pInv) {
        double[] a0 = a[0];
        double[] a1 = a[1];
        double[] a2 = a[2];
        double w0 = w[0];
        double w1 = w[1];
        double w2 = w[2];
        for (int i = 0; i < r.length; i++) {
            if (i >= n) {
                break;
            }
            double x0 = a0[i];
            double x1 = a1[i];
            double x2 = a2[i];
            double h0 = Math.fma(x0, w0, SPLIT);
            double h1 = Math.fma(x1, w1, h0);
            double h2 = Math.fma(x2, w2, h1);
            double h = h2 - SPLIT;
            r[i] = Math.fma(x0, w0, SPLIT - h0)
                    + Math.fma(x1, w1, h0 - h1)
                    + Math.fma(x2, w2, h1 - h2)
                    + Math.fma(Math.rint(h * pInv), -p, h);
        }
    }

    /** r = a[0] w[0] + ... six terms. In: |a| below 2^49, |w| at most p/2. Out: at most 2^52. */
    static void scaled6(double[] r, double[][] a, double[] w, int n, double p, double pInv) {
        double[] a0 = a[0];
        double[] a1 = a[1];
        double[] a2 = a[2];
        double[] a3 = a[3];
        double[] a4 = a[4];
        double[] a5 = a[5];
        double w0 = w[0];
        double w1 = w[1];
        double w2 = w[2];
        double w3 = w[3];
        double w4 = w[4];
        double w5 = w[5];
        for (int i = 0; i < r.length; i++) {
            if (i >= n) {
                break;
            }
            double x0 = a0[i];
            double x1 = a1[i];
            double x2 = a2[i];
            double x3 = a3[i];
            double x4 = a4[i];
            double x5 = a5[i];
            double h0 = Math.fma(x0, w0, SPLIT_MANY);
            double h1 = Math.fma(x1, w1, h0);
            double h2 = Math.fma(x2, w2, h1);
            double h3 = Math.fma(x3, w3, h2);
            double h4 = Math.fma(x4, w4, h3);
            double h5 = Math.fma(x5, w5, h4);
            double h = h5 - SPLIT_MANY;
            r[i] = Math.fma(x0, w0, SPLIT_MANY - h0)
                    + Math.fma(x1, w1, h0 - h1)
                    + Math.fma(x2, w2, h1 - h2)
                    + Math.fma(x3, w3, h2 - h3)
                    + Math.fma(x4, w4, h3 - h4)
                    + Math.fma(x5, w5, h4 - h5)
                    + Math.fma(Math.rint(h * pInv), -p, h);
        }
    }
}
