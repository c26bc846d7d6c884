package org.veil4j.he.ring.kernel;

/**
 * Sums of residues times integer weights for {@link PlainKernels}, unreduced until their end. As in {@link SumLoops} a high
 * part runs next to a large constant and what each rounding leaves is exact by one more fma: four flops a term, two of them
 * fma, whatever the sizes, and no piece of a residue is ever cut off and stored.
 *
 * <p>Bounds: {@value #MAX_TERMS} products below 2^49 * 2^34 add up to less than 2^91, so the running high part stays in
 * [2^92, 2^93), where doubles are multiples of 2^40. A rounding leaves at most 2^39, all of them at most 2^47: with the residue
 * that was in r, sums of low parts stay below 2^50.
 */
final class WeightedLoops {
    /** Products that run into one high part. */
    static final int MAX_TERMS = 256;

    /** What a high part starts from. */
    static final double SPLIT = 0x1.8p92;

    private WeightedLoops() {}

    /** Adds four products to the pair (low, high). More at once leaves registers and vector code behind on JDK 17. */
    static void add4(
            double[] low,
            double[] high,
            double[] a0,
            double[] a1,
            double[] a2,
            double[] a3,
            double w0,
            double w1,
            double w2,
            double w3) {
        for (int i = 0; i < low.length; i++) {
            double x0 = a0[i];
            double x1 = a1[i];
            double x2 = a2[i];
            double x3 = a3[i];
            double h = high[i];
            double h0 = Math.fma(x0, w0, h);
            double h1 = Math.fma(x1, w1, h0);
            double h2 = Math.fma(x2, w2, h1);
            double h3 = Math.fma(x3, w3, h2);
            high[i] = h3;
            low[i] = low[i]
                    + Math.fma(x0, w0, h - h0)
                    + Math.fma(x1, w1, h0 - h1)
                    + Math.fma(x2, w2, h1 - h2)
                    + Math.fma(x3, w3, h2 - h3);
        }
    }

    /** Adds one product to the pair (low, high). */
    static void add1(double[] low, double[] high, double[] a, double w) {
        for (int i = 0; i < low.length; i++) {
            double x = a[i];
            double h = high[i];
            double next = Math.fma(x, w, h);
            high[i] = next;
            low[i] = low[i] + Math.fma(x, w, h - next);
        }
    }

    /**
     * low = low + high mod p. The first reduction leaves at most p/2 and the rounding of its quotient, below 2^39, exact as it
     * is an integer; with the low parts that is below 2^51, which the second one makes canonical.
     */
    static void fold(double[] low, double[] high, double p, double pInv) {
        for (int i = 0; i < low.length; i++) {
            double h = high[i] - SPLIT;
            double s = low[i] + Math.fma(Math.rint(h * pInv), -p, h);
            low[i] = Math.fma(Math.rint(s * pInv), -p, s);
        }
    }
}
