package org.veil4j.he.ring.kernel;

/**
 * Base conversion for {@link PlainKernels}: sums of three or six products and a small multiple, reduced once. As in
 * {@link SumLoops} high parts run next to a constant 3/2 2^E, here one that fits the sizes of the factors: with products of at
 * most B, six add up to at most 2^(E-1) for E = 1 + log2(6 B), rounded up, and the roundings leave at most 2^(E-53) each, the
 * reduction of the high part at most p/2 + 2^(E-53). With a multiple of at most 7 p/2, or a residue, the sum before the last
 * reduction is at most 4 p + 7 2^(E-53): canonical when that is below 2^51, otherwise below 2^53, hence exact, and reduced
 * once more. The condition inside never ends a loop early: see {@link RowLoops#butterfly4}.
 */
final class ConvertLoops {
    private static final int FEW = 3;
    private static final int MANY = 6;

    private ConvertLoops() {}

    /** See {@link PolyKernels#centredConvert}. Past the last term the first of a call stands in, with weight zero. */
    static void convert(
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
        double pInv = 1.0 / p;
        int e = Math.getExponent(MANY * bound * (p / 2)) + 2;
        double split = Math.scalb(1.5, e);
        boolean canonical = 4 * p + 7 * Math.scalb(1.0, e - 53) < 0x1p51;
        int d;
        if (terms > FEW) {
            first6(r, a, w, 0, terms, v, z, split, from, to, p, pInv);
            d = MANY;
        } else {
            first3(r, a, w, 0, terms, v, z, split, from, to, p, pInv);
            d = FEW;
        }
        while (d < terms) {
            if (!canonical) {
                PlainKernels.reduce(r, from, to, p);
            }
            if (terms - d > FEW) {
                next6(r, a, w, d, terms, split, from, to, p, pInv);
                d += MANY;
            } else {
                next3(r, a, w, d, terms, split, from, to, p, pInv);
                d += FEW;
            }
        }
        if (!canonical) {
            PlainKernels.reduce(r, from, to, p);
        }
    }

    /** Three terms from d on, and v z. Out: see {@link #convert}. */
    static void first3(
            double[] r,
            double[][] a,
            double[] w,
            int d,
            int terms,
            double[] v,
            double z,
            double split,
            int from,
            int to,
            double p,
            double pInv) {
        double[] a0 = a[d];
        double[] a1 = d + 1 < terms ? a[d + 1] : a[d];
        double[] a2 = d + 2 < terms ? a[d + 2] : a[d];
        double w0 = w[d];
        double w1 = d + 1 < terms ? w[d + 1] : 0;
        double w2 = d + 2 < terms ? w[d + 2] : 0;
        for (int i = from; i < r.length; i++) {
            if (i >= to) {
                break;
            }
            double x0 = a0[i];
            double x1 = a1[i];
            double x2 = a2[i];
            double h0 = Math.fma(x0, w0, split);
            double h1 = Math.fma(x1, w1, h0);
            double h2 = Math.fma(x2, w2, h1);
            double h = h2 - split;
            double s = v[i] * z
                    + Math.fma(x0, w0, split - h0)
                    + Math.fma(x1, w1, h0 - h1)
                    + Math.fma(x2, w2, h1 - h2)
                    + Math.fma(Math.rint(h * pInv), -p, h);
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }

    /** Six terms from d on, and v z. Out: see {@link #convert}. */
    static void first6(
            double[] r,
            double[][] a,
            double[] w,
            int d,
            int terms,
            double[] v,
            double z,
            double split,
            int from,
            int to,
            double p,
            double pInv) {
        double[] a0 = a[d];
        double[] a1 = d + 1 < terms ? a[d + 1] : a[d];
        double[] a2 = d + 2 < terms ? a[d + 2] : a[d];
        double[] a3 = d + 3 < terms ? a[d + 3] : a[d];
        double[] a4 = d + 4 < terms ? a[d + 4] : a[d];
        double[] a5 = d + 5 < terms ? a[d + 5] : a[d];
        double w0 = w[d];
        double w1 = d + 1 < terms ? w[d + 1] : 0;
        double w2 = d + 2 < terms ? w[d + 2] : 0;
        double w3 = d + 3 < terms ? w[d + 3] : 0;
        double w4 = d + 4 < terms ? w[d + 4] : 0;
        double w5 = d + 5 < terms ? w[d + 5] : 0;
        for (int i = from; i < r.length; i++) {
            if (i >= to) {
                break;
            }
            double x0 = a0[i];
            double x1 = a1[i];
            double x2 = a2[i];
            double x3 = a3[i];
            double x4 = a4[i];
            double x5 = a5[i];
            double h0 = Math.fma(x0, w0, split);
            double h1 = Math.fma(x1, w1, h0);
            double h2 = Math.fma(x2, w2, h1);
            double h3 = Math.fma(x3, w3, h2);
            double h4 = Math.fma(x4, w4, h3);
            double h5 = Math.fma(x5, w5, h4);
            double h = h5 - split;
            double s = v[i] * z
                    + Math.fma(x0, w0, split - h0)
                    + Math.fma(x1, w1, h0 - h1)
                    + Math.fma(x2, w2, h1 - h2)
                    + Math.fma(x3, w3, h2 - h3)
                    + Math.fma(x4, w4, h3 - h4)
                    + Math.fma(x5, w5, h4 - h5)
                    + Math.fma(Math.rint(h * pInv), -p, h);
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }

    /** Three terms from d on, and r. Out: see {@link #convert}. */
    static void next3(
            double[] r,
            double[][] a,
            double[] w,
            int d,
            int terms,
            double split,
            int from,
            int to,
            double p,
            double pInv) {
        double[] a0 = a[d];
        double[] a1 = d + 1 < terms ? a[d + 1] : a[d];
        double[] a2 = d + 2 < terms ? a[d + 2] : a[d];
        double w0 = w[d];
        double w1 = d + 1 < terms ? w[d + 1] : 0;
        double w2 = d + 2 < terms ? w[d + 2] : 0;
        for (int i = from; i < r.length; i++) {
            if (i >= to) {
                break;
            }
            double x0 = a0[i];
            double x1 = a1[i];
            double x2 = a2[i];
            double h0 = Math.fma(x0, w0, split);
            double h1 = Math.fma(x1, w1, h0);
            double h2 = Math.fma(x2, w2, h1);
            double h = h2 - split;
            double s = r[i]
                    + Math.fma(x0, w0, split - h0)
                    + Math.fma(x1, w1, h0 - h1)
                    + Math.fma(x2, w2, h1 - h2)
                    + Math.fma(Math.rint(h * pInv), -p, h);
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }

    /** Six terms from d on, and r. Out: see {@link #convert}. */
    static void next6(
            double[] r,
            double[][] a,
            double[] w,
            int d,
            int terms,
            double split,
            int from,
            int to,
            double p,
            double pInv) {
        double[] a0 = a[d];
        double[] a1 = d + 1 < terms ? a[d + 1] : a[d];
        double[] a2 = d + 2 < terms ? a[d + 2] : a[d];
        double[] a3 = d + 3 < terms ? a[d + 3] : a[d];
        double[] a4 = d + 4 < terms ? a[d + 4] : a[d];
        double[] a5 = d + 5 < terms ? a[d + 5] : a[d];
        double w0 = w[d];
        double w1 = d + 1 < terms ? w[d + 1] : 0;
        double w2 = d + 2 < terms ? w[d + 2] : 0;
        double w3 = d + 3 < terms ? w[d + 3] : 0;
        double w4 = d + 4 < terms ? w[d + 4] : 0;
        double w5 = d + 5 < terms ? w[d + 5] : 0;
        for (int i = from; i < r.length; i++) {
            if (i >= to) {
                break;
            }
            double x0 = a0[i];
            double x1 = a1[i];
            double x2 = a2[i];
            double x3 = a3[i];
            double x4 = a4[i];
            double x5 = a5[i];
            double h0 = Math.fma(x0, w0, split);
            double h1 = Math.fma(x1, w1, h0);
            double h2 = Math.fma(x2, w2, h1);
            double h3 = Math.fma(x3, w3, h2);
            double h4 = Math.fma(x4, w4, h3);
            double h5 = Math.fma(x5, w5, h4);
            double h = h5 - split;
            double s = r[i]
                    + Math.fma(x0, w0, split - h0)
                    + Math.fma(x1, w1, h0 - h1)
                    + Math.fma(x2, w2, h1 - h2)
                    + Math.fma(x3, w3, h2 - h3)
                    + Math.fma(x4, w4, h3 - h4)
                    + Math.fma(x5, w5, h4 - h5)
                    + Math.fma(Math.rint(h * pInv), -p, h);
            r[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }
}
