package org.veil4j.he.ring.kernel.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of a forward {@link VectorNtt}, and what both directions use.
 *
 * <p>Vector code is written out in full and no method holds more than about 70 vector operations: helper methods and longer
 * bodies defeat the inliner, and a vector that is not inlined is an object, a thousand times slower.
 *
 * <p>Ranges: k is |x|/p for the largest p, 2^50. Product with a factor w, |w| at most p/2: q is x w' rounded by adding
 * 3/2 2^52, which holds for k to 4; (x w - h) - (q p - h), both brackets exact, is at most p (1/2 + k/16). The reduction
 * rounds x/p in one fma: canonical for |x| below 4p. A step takes n values a leg, the legs {@code leg}
 * apart in x, to legs {@code step} apart in a; factors are entries k, 2k and 2k + 1 of w, with their ratios to p in wp.
 */
final class VectorLoops {
    static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_512;
    static final int LANES = 8;
    static final double MAGIC = 0x1.8p52;

    private static final VectorShuffle<Double> SWAP1 = VectorShuffle.fromOp(SPECIES, i -> i ^ 1);
    private static final VectorShuffle<Double> SWAP2 = VectorShuffle.fromOp(SPECIES, i -> i ^ 2);
    private static final VectorShuffle<Double> SWAP4 = VectorShuffle.fromOp(SPECIES, i -> i ^ 4);
    private static final VectorMask<Double> UPPER1 = VectorMask.fromLong(SPECIES, 0xAA);
    private static final VectorMask<Double> UPPER2 = VectorMask.fromLong(SPECIES, 0xCC);
    private static final VectorMask<Double> UPPER4 = VectorMask.fromLong(SPECIES, 0xF0);

    private VectorLoops() {}

    /** Radix-2 step. In: k; out: 1.07 k + 1/2. */
    static void forward2(
            double[] x,
            int from,
            int leg,
            double[] a,
            int to,
            int step,
            int n,
            double[] w,
            double[] wp,
            int k,
            double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        double w1 = w[k];
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, wp[k]);
        for (int j = 0; j < n; j += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + leg + j);
            DoubleVector h1 = x1.mul(g1);
            DoubleVector r1 = x1.fma(f1, h1).sub(x1.fma(q1, magic).sub(magic).fma(modulus, h1));
            x0.add(r1).intoArray(a, to + j);
            x0.sub(r1).intoArray(a, to + step + j);
        }
    }

    /** Radix-4 step. In: k at most 2.4; out: 1.13 k + 1.04. */
    static void forward4(
            double[] x,
            int from,
            int leg,
            double[] a,
            int to,
            int step,
            int n,
            double[] w,
            double[] wp,
            int k,
            double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        double w1 = w[k];
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, wp[k]);
        double w2 = w[2 * k];
        DoubleVector f2 = DoubleVector.broadcast(SPECIES, w2);
        DoubleVector g2 = DoubleVector.broadcast(SPECIES, -w2);
        DoubleVector q2 = DoubleVector.broadcast(SPECIES, wp[2 * k]);
        double w3 = w[2 * k + 1];
        DoubleVector f3 = DoubleVector.broadcast(SPECIES, w3);
        DoubleVector g3 = DoubleVector.broadcast(SPECIES, -w3);
        DoubleVector q3 = DoubleVector.broadcast(SPECIES, wp[2 * k + 1]);
        for (int j = 0; j < n; j += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + leg + j);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, x, from + 2 * leg + j);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, x, from + 3 * leg + j);
            DoubleVector h2 = x2.mul(g1);
            DoubleVector r2 = x2.fma(f1, h2).sub(x2.fma(q1, magic).sub(magic).fma(modulus, h2));
            DoubleVector h3 = x3.mul(g1);
            DoubleVector r3 = x3.fma(f1, h3).sub(x3.fma(q1, magic).sub(magic).fma(modulus, h3));
            DoubleVector y0 = x0.add(r2);
            DoubleVector y2 = x0.sub(r2);
            DoubleVector y1 = x1.add(r3);
            DoubleVector y3 = x1.sub(r3);
            DoubleVector h1 = y1.mul(g2);
            DoubleVector r1 = y1.fma(f2, h1).sub(y1.fma(q2, magic).sub(magic).fma(modulus, h1));
            DoubleVector h4 = y3.mul(g3);
            DoubleVector r4 = y3.fma(f3, h4).sub(y3.fma(q3, magic).sub(magic).fma(modulus, h4));
            y0.add(r1).intoArray(a, to + j);
            y0.sub(r1).intoArray(a, to + step + j);
            y2.add(r4).intoArray(a, to + 2 * step + j);
            y2.sub(r4).intoArray(a, to + 3 * step + j);
        }
    }

    /** Radix-4 step that reduces the first leg. In: k at most 3.2; out: 2. */
    static void forward4Reduced(
            double[] x,
            int from,
            int leg,
            double[] a,
            int to,
            int step,
            int n,
            double[] w,
            double[] wp,
            int k,
            double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        double w1 = w[k];
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, wp[k]);
        double w2 = w[2 * k];
        DoubleVector f2 = DoubleVector.broadcast(SPECIES, w2);
        DoubleVector g2 = DoubleVector.broadcast(SPECIES, -w2);
        DoubleVector q2 = DoubleVector.broadcast(SPECIES, wp[2 * k]);
        double w3 = w[2 * k + 1];
        DoubleVector f3 = DoubleVector.broadcast(SPECIES, w3);
        DoubleVector g3 = DoubleVector.broadcast(SPECIES, -w3);
        DoubleVector q3 = DoubleVector.broadcast(SPECIES, wp[2 * k + 1]);
        for (int j = 0; j < n; j += LANES) {
            DoubleVector z = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + leg + j);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, x, from + 2 * leg + j);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, x, from + 3 * leg + j);
            DoubleVector x0 = z.fma(inverse, magic).sub(magic).fma(negative, z);
            DoubleVector h2 = x2.mul(g1);
            DoubleVector r2 = x2.fma(f1, h2).sub(x2.fma(q1, magic).sub(magic).fma(modulus, h2));
            DoubleVector h3 = x3.mul(g1);
            DoubleVector r3 = x3.fma(f1, h3).sub(x3.fma(q1, magic).sub(magic).fma(modulus, h3));
            DoubleVector y0 = x0.add(r2);
            DoubleVector y2 = x0.sub(r2);
            DoubleVector y1 = x1.add(r3);
            DoubleVector y3 = x1.sub(r3);
            DoubleVector h1 = y1.mul(g2);
            DoubleVector r1 = y1.fma(f2, h1).sub(y1.fma(q2, magic).sub(magic).fma(modulus, h1));
            DoubleVector h4 = y3.mul(g3);
            DoubleVector r4 = y3.fma(f3, h4).sub(y3.fma(q3, magic).sub(magic).fma(modulus, h4));
            y0.add(r1).intoArray(a, to + j);
            y0.sub(r1).intoArray(a, to + step + j);
            y2.add(r4).intoArray(a, to + 2 * step + j);
            y2.sub(r4).intoArray(a, to + 3 * step + j);
        }
    }

    /** Radix-4 step that reduces the first leg and the results. In: k at most 3.2; out: canonical. */
    static void forward4Last(
            double[] x,
            int from,
            int leg,
            double[] a,
            int to,
            int step,
            int n,
            double[] w,
            double[] wp,
            int k,
            double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        double w1 = w[k];
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, wp[k]);
        double w2 = w[2 * k];
        DoubleVector f2 = DoubleVector.broadcast(SPECIES, w2);
        DoubleVector g2 = DoubleVector.broadcast(SPECIES, -w2);
        DoubleVector q2 = DoubleVector.broadcast(SPECIES, wp[2 * k]);
        double w3 = w[2 * k + 1];
        DoubleVector f3 = DoubleVector.broadcast(SPECIES, w3);
        DoubleVector g3 = DoubleVector.broadcast(SPECIES, -w3);
        DoubleVector q3 = DoubleVector.broadcast(SPECIES, wp[2 * k + 1]);
        for (int j = 0; j < n; j += LANES) {
            DoubleVector z = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + leg + j);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, x, from + 2 * leg + j);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, x, from + 3 * leg + j);
            DoubleVector x0 = z.fma(inverse, magic).sub(magic).fma(negative, z);
            DoubleVector h2 = x2.mul(g1);
            DoubleVector r2 = x2.fma(f1, h2).sub(x2.fma(q1, magic).sub(magic).fma(modulus, h2));
            DoubleVector h3 = x3.mul(g1);
            DoubleVector r3 = x3.fma(f1, h3).sub(x3.fma(q1, magic).sub(magic).fma(modulus, h3));
            DoubleVector y0 = x0.add(r2);
            DoubleVector y2 = x0.sub(r2);
            DoubleVector y1 = x1.add(r3);
            DoubleVector y3 = x1.sub(r3);
            DoubleVector h1 = y1.mul(g2);
            DoubleVector r1 = y1.fma(f2, h1).sub(y1.fma(q2, magic).sub(magic).fma(modulus, h1));
            DoubleVector h4 = y3.mul(g3);
            DoubleVector r4 = y3.fma(f3, h4).sub(y3.fma(q3, magic).sub(magic).fma(modulus, h4));
            DoubleVector s0 = y0.add(r1);
            s0.fma(inverse, magic).sub(magic).fma(negative, s0).intoArray(a, to + j);
            DoubleVector s1 = y0.sub(r1);
            s1.fma(inverse, magic).sub(magic).fma(negative, s1).intoArray(a, to + step + j);
            DoubleVector s2 = y2.add(r4);
            s2.fma(inverse, magic).sub(magic).fma(negative, s2).intoArray(a, to + 2 * step + j);
            DoubleVector s3 = y2.sub(r4);
            s3.fma(inverse, magic).sub(magic).fma(negative, s3).intoArray(a, to + 3 * step + j);
        }
    }

    /** First two layers of a cyclic transform, with the factors 1, 1 and k. In: k at most 0.6; out: 2.4. */
    static void cyclic4(
            double[] x,
            int from,
            int leg,
            double[] a,
            int to,
            int step,
            int n,
            double[] w,
            double[] wp,
            int k,
            double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        double w1 = w[k];
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, wp[k]);
        for (int j = 0; j < n; j += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + leg + j);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, x, from + 2 * leg + j);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, x, from + 3 * leg + j);
            DoubleVector y0 = x0.add(x2);
            DoubleVector y2 = x0.sub(x2);
            DoubleVector y1 = x1.add(x3);
            DoubleVector y3 = x1.sub(x3);
            DoubleVector h1 = y3.mul(g1);
            DoubleVector r1 = y3.fma(f1, h1).sub(y3.fma(q1, magic).sub(magic).fma(modulus, h1));
            y0.add(y1).intoArray(a, to + j);
            y0.sub(y1).intoArray(a, to + step + j);
            y2.add(r1).intoArray(a, to + 2 * step + j);
            y2.sub(r1).intoArray(a, to + 3 * step + j);
        }
    }

    /**
     * Products of a row with one factor a column, reduced. In: k at most 3.2; out: 1/2. The quotient is that of the rounded
     * product, which leaves up to 0.83: too much for the layers that follow without a second reduction.
     */
    static void twist(double[] a, int from, double[] u, int column, int n, double p) {
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        for (int j = 0; j < n; j += LANES) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, a, from + j);
            DoubleVector f = DoubleVector.fromArray(SPECIES, u, column + j);
            DoubleVector h = x.mul(f);
            DoubleVector y =
                    x.fma(f, h.neg()).add(h.fma(inverse, magic).sub(magic).fma(negative, h));
            y.fma(inverse, magic).sub(magic).fma(negative, y).intoArray(a, from + j);
        }
    }

    /** Products of a row with two factors a column. In: k at most 3.2; out: 0.6. */
    static void twist2(double[] a, int from, double[] u, double[] v, int column, int n, double p) {
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        for (int j = 0; j < n; j += LANES) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, a, from + j);
            DoubleVector f = DoubleVector.fromArray(SPECIES, u, column + j);
            DoubleVector h = x.mul(f);
            DoubleVector y =
                    x.fma(f, h.neg()).add(h.fma(inverse, magic).sub(magic).fma(negative, h));
            DoubleVector g = DoubleVector.fromArray(SPECIES, v, column + j);
            DoubleVector i = y.mul(g);
            y.fma(g, i.neg())
                    .add(i.fma(inverse, magic).sub(magic).fma(negative, i))
                    .intoArray(a, from + j);
        }
    }

    /** Transposes blocks of 8 x 8, from rows s apart to rows d apart. */
    static void transpose(double[] x, int from, int s, double[] a, int to, int d, int n, int next, int nextTo) {
        for (int i = from, o = to; i < from + n; i += next, o += nextTo) {
            DoubleVector a0 = DoubleVector.fromArray(SPECIES, x, i);
            DoubleVector a1 = DoubleVector.fromArray(SPECIES, x, i + s);
            DoubleVector a2 = DoubleVector.fromArray(SPECIES, x, i + 2 * s);
            DoubleVector a3 = DoubleVector.fromArray(SPECIES, x, i + 3 * s);
            DoubleVector a4 = DoubleVector.fromArray(SPECIES, x, i + 4 * s);
            DoubleVector a5 = DoubleVector.fromArray(SPECIES, x, i + 5 * s);
            DoubleVector a6 = DoubleVector.fromArray(SPECIES, x, i + 6 * s);
            DoubleVector a7 = DoubleVector.fromArray(SPECIES, x, i + 7 * s);
            DoubleVector b0 = a0.blend(a4.rearrange(SWAP4), UPPER4);
            DoubleVector b4 = a0.rearrange(SWAP4).blend(a4, UPPER4);
            DoubleVector b1 = a1.blend(a5.rearrange(SWAP4), UPPER4);
            DoubleVector b5 = a1.rearrange(SWAP4).blend(a5, UPPER4);
            DoubleVector b2 = a2.blend(a6.rearrange(SWAP4), UPPER4);
            DoubleVector b6 = a2.rearrange(SWAP4).blend(a6, UPPER4);
            DoubleVector b3 = a3.blend(a7.rearrange(SWAP4), UPPER4);
            DoubleVector b7 = a3.rearrange(SWAP4).blend(a7, UPPER4);
            DoubleVector c0 = b0.blend(b2.rearrange(SWAP2), UPPER2);
            DoubleVector c2 = b0.rearrange(SWAP2).blend(b2, UPPER2);
            DoubleVector c1 = b1.blend(b3.rearrange(SWAP2), UPPER2);
            DoubleVector c3 = b1.rearrange(SWAP2).blend(b3, UPPER2);
            DoubleVector c4 = b4.blend(b6.rearrange(SWAP2), UPPER2);
            DoubleVector c6 = b4.rearrange(SWAP2).blend(b6, UPPER2);
            DoubleVector c5 = b5.blend(b7.rearrange(SWAP2), UPPER2);
            DoubleVector c7 = b5.rearrange(SWAP2).blend(b7, UPPER2);
            c0.blend(c1.rearrange(SWAP1), UPPER1).intoArray(a, o);
            c0.rearrange(SWAP1).blend(c1, UPPER1).intoArray(a, o + d);
            c2.blend(c3.rearrange(SWAP1), UPPER1).intoArray(a, o + 2 * d);
            c2.rearrange(SWAP1).blend(c3, UPPER1).intoArray(a, o + 3 * d);
            c4.blend(c5.rearrange(SWAP1), UPPER1).intoArray(a, o + 4 * d);
            c4.rearrange(SWAP1).blend(c5, UPPER1).intoArray(a, o + 5 * d);
            c6.blend(c7.rearrange(SWAP1), UPPER1).intoArray(a, o + 6 * d);
            c6.rearrange(SWAP1).blend(c7, UPPER1).intoArray(a, o + 7 * d);
        }
    }
}
