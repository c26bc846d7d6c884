package org.veil4j.he.ring.kernel.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link VectorNtt}.
 *
 * <p>Vector code is written out in full and no method holds more than about 50 vector operations: helper methods and longer
 * bodies defeat the inliner, and a vector that is not inlined is an object, a thousand times slower.
 *
 * <p>Ranges: k is |x|/p for the largest p, 2^50. Product with a factor w, |w| at most p/2: q is x w' rounded by adding
 * 3/2 2^52, which holds for k to 4; (x w - h) - (q p - h), both brackets exact, is at most p (1/2 + k/8). The reduction
 * rounds x/p in one fma: canonical for |x| below 4p. Forward passes reduce one leg at every second pass, the last included, so
 * that k is at most 2 before the tail.
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

    /** Radix-2 pass from x to a. In: k; out: k + 1/2 + k/16. */
    static void forward2(double[] x, int from, double[] a, int to, int t, double w1, double n1, double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, n1);
        for (int j = from, i = to; i < to + t; j += LANES, i += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, j + t);
            DoubleVector h1 = x1.mul(g1);
            DoubleVector r = x1.fma(f1, h1).sub(x1.fma(q1, magic).sub(magic).fma(modulus, h1));
            x0.add(r).intoArray(a, i);
            x0.sub(r).intoArray(a, i + t);
        }
    }

    /** Radix-4 pass from x to a. In: k at most 2; out: k + 1.1 + k/8. */
    static void forward4(
            double[] x,
            int from,
            double[] a,
            int to,
            int t,
            double w1,
            double n1,
            double w2,
            double n2,
            double w3,
            double n3,
            double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, n1);
        DoubleVector f2 = DoubleVector.broadcast(SPECIES, w2);
        DoubleVector g2 = DoubleVector.broadcast(SPECIES, -w2);
        DoubleVector q2 = DoubleVector.broadcast(SPECIES, n2);
        DoubleVector f3 = DoubleVector.broadcast(SPECIES, w3);
        DoubleVector g3 = DoubleVector.broadcast(SPECIES, -w3);
        DoubleVector q3 = DoubleVector.broadcast(SPECIES, n3);
        for (int j = from, i = to; i < to + t; j += LANES, i += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, j + t);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, x, j + 2 * t);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, x, j + 3 * t);
            DoubleVector h2 = x2.mul(g1);
            DoubleVector r2 = x2.fma(f1, h2).sub(x2.fma(q1, magic).sub(magic).fma(modulus, h2));
            DoubleVector h3 = x3.mul(g1);
            DoubleVector r3 = x3.fma(f1, h3).sub(x3.fma(q1, magic).sub(magic).fma(modulus, h3));
            DoubleVector y0 = x0.add(r2);
            DoubleVector y2 = x0.sub(r2);
            DoubleVector y1 = x1.add(r3);
            DoubleVector y3 = x1.sub(r3);
            DoubleVector h4 = y1.mul(g2);
            DoubleVector r1 = y1.fma(f2, h4).sub(y1.fma(q2, magic).sub(magic).fma(modulus, h4));
            DoubleVector h5 = y3.mul(g3);
            DoubleVector r4 = y3.fma(f3, h5).sub(y3.fma(q3, magic).sub(magic).fma(modulus, h5));
            y0.add(r1).intoArray(a, i);
            y0.sub(r1).intoArray(a, i + t);
            y2.add(r4).intoArray(a, i + 2 * t);
            y2.sub(r4).intoArray(a, i + 3 * t);
        }
    }

    /** Radix-4 pass from x to a that reduces the first leg. In: k at most 3.2, inner sums at most 4; out: 1.96. */
    static void forward4Reduced(
            double[] x,
            int from,
            double[] a,
            int to,
            int t,
            double w1,
            double n1,
            double w2,
            double n2,
            double w3,
            double n3,
            double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, n1);
        DoubleVector f2 = DoubleVector.broadcast(SPECIES, w2);
        DoubleVector g2 = DoubleVector.broadcast(SPECIES, -w2);
        DoubleVector q2 = DoubleVector.broadcast(SPECIES, n2);
        DoubleVector f3 = DoubleVector.broadcast(SPECIES, w3);
        DoubleVector g3 = DoubleVector.broadcast(SPECIES, -w3);
        DoubleVector q3 = DoubleVector.broadcast(SPECIES, n3);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        for (int j = from, i = to; i < to + t; j += LANES, i += LANES) {
            DoubleVector z = DoubleVector.fromArray(SPECIES, x, j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, j + t);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, x, j + 2 * t);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, x, j + 3 * t);
            DoubleVector x0 = z.fma(inverse, magic).sub(magic).fma(negative, z);
            DoubleVector h6 = x2.mul(g1);
            DoubleVector r2 = x2.fma(f1, h6).sub(x2.fma(q1, magic).sub(magic).fma(modulus, h6));
            DoubleVector h7 = x3.mul(g1);
            DoubleVector r3 = x3.fma(f1, h7).sub(x3.fma(q1, magic).sub(magic).fma(modulus, h7));
            DoubleVector y0 = x0.add(r2);
            DoubleVector y2 = x0.sub(r2);
            DoubleVector y1 = x1.add(r3);
            DoubleVector y3 = x1.sub(r3);
            DoubleVector h8 = y1.mul(g2);
            DoubleVector r1 = y1.fma(f2, h8).sub(y1.fma(q2, magic).sub(magic).fma(modulus, h8));
            DoubleVector h9 = y3.mul(g3);
            DoubleVector r4 = y3.fma(f3, h9).sub(y3.fma(q3, magic).sub(magic).fma(modulus, h9));
            y0.add(r1).intoArray(a, i);
            y0.sub(r1).intoArray(a, i + t);
            y2.add(r4).intoArray(a, i + 2 * t);
            y2.sub(r4).intoArray(a, i + 3 * t);
        }
    }

    /** Two layers across the vectors of transposed blocks of 64. In: k at most 2; out: 2.1. */
    static void forwardTailA(double[] a, int start, int blocks, double[] w, int factors, double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        for (int c = 0; c < 2 * blocks; c++) {
            int o = start + 64 * (c >> 1) + 8 * (c & 1);
            int k = factors + 56 * (c >> 1);
            DoubleVector z = DoubleVector.fromArray(SPECIES, a, o);
            DoubleVector x0 = z.fma(inverse, magic).sub(magic).fma(negative, z);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, a, o + 16);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, a, o + 32);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, a, o + 48);
            DoubleVector f1 = DoubleVector.fromArray(SPECIES, w, k);
            DoubleVector g1 = f1.neg();
            DoubleVector q1 = f1.mul(inverse);
            DoubleVector h10 = x2.mul(g1);
            DoubleVector r2 = x2.fma(f1, h10).sub(x2.fma(q1, magic).sub(magic).fma(modulus, h10));
            DoubleVector h11 = x3.mul(g1);
            DoubleVector r3 = x3.fma(f1, h11).sub(x3.fma(q1, magic).sub(magic).fma(modulus, h11));
            DoubleVector y0 = x0.add(r2);
            DoubleVector y2 = x0.sub(r2);
            DoubleVector y1 = x1.add(r3);
            DoubleVector y3 = x1.sub(r3);
            DoubleVector f2 = DoubleVector.fromArray(SPECIES, w, k + 8);
            DoubleVector g2 = f2.neg();
            DoubleVector q2 = f2.mul(inverse);
            DoubleVector h12 = y1.mul(g2);
            DoubleVector r1 = y1.fma(f2, h12).sub(y1.fma(q2, magic).sub(magic).fma(modulus, h12));
            DoubleVector f3 = DoubleVector.fromArray(SPECIES, w, k + 16);
            DoubleVector g3 = f3.neg();
            DoubleVector q3 = f3.mul(inverse);
            DoubleVector h13 = y3.mul(g3);
            DoubleVector r4 = y3.fma(f3, h13).sub(y3.fma(q3, magic).sub(magic).fma(modulus, h13));
            y0.add(r1).intoArray(a, o);
            y0.sub(r1).intoArray(a, o + 16);
            y2.add(r4).intoArray(a, o + 32);
            y2.sub(r4).intoArray(a, o + 48);
        }
    }

    /** Last layer, from x to a. In: k at most 2.1; out: canonical, the sums being below 4p. */
    static void forwardTailB(double[] x, int start, double[] a, int to, int blocks, double[] w, int factors, double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        for (int c = 0; c < 4 * blocks; c++) {
            int o = start + 16 * c;
            int k = factors + 56 * (c >> 2) + 24 + 8 * (c & 3);
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, o);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, o + 8);
            DoubleVector f1 = DoubleVector.fromArray(SPECIES, w, k);
            DoubleVector g1 = f1.neg();
            DoubleVector q1 = f1.mul(inverse);
            DoubleVector h14 = x1.mul(g1);
            DoubleVector r = x1.fma(f1, h14).sub(x1.fma(q1, magic).sub(magic).fma(modulus, h14));
            DoubleVector s = x0.add(r);
            DoubleVector d = x0.sub(r);
            int i = to + 16 * c;
            s.fma(inverse, magic).sub(magic).fma(negative, s).intoArray(a, i);
            d.fma(inverse, magic).sub(magic).fma(negative, d).intoArray(a, i + 8);
        }
    }

    /** First inverse layer, from x to a. In: k at most 1; out: 0.75. */
    static void inverseTailB(
            double[] x, int from, double[] a, int start, int blocks, double[] w, int factors, double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        for (int c = 0; c < 4 * blocks; c++) {
            int i = from + 16 * c;
            int k = factors + 56 * (c >> 2) + 24 + 8 * (c & 3);
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, i);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, i + 8);
            DoubleVector f1 = DoubleVector.fromArray(SPECIES, w, k);
            DoubleVector g1 = f1.neg();
            DoubleVector q1 = f1.mul(inverse);
            DoubleVector d = x0.sub(x1);
            DoubleVector s = x0.add(x1);
            DoubleVector h15 = d.mul(g1);
            DoubleVector r = d.fma(f1, h15).sub(d.fma(q1, magic).sub(magic).fma(modulus, h15));
            int o = start + 16 * c;
            s.fma(inverse, magic).sub(magic).fma(negative, s).intoArray(a, o);
            r.intoArray(a, o + 8);
        }
    }

    /** Two inverse layers across the vectors of blocks of 64. In: k at most 3/4; out: 0.9. */
    static void inverseTailA(double[] a, int start, int blocks, double[] w, int factors, double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        for (int c = 0; c < 2 * blocks; c++) {
            int o = start + 64 * (c >> 1) + 8 * (c & 1);
            int k = factors + 56 * (c >> 1);
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, a, o);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, a, o + 16);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, a, o + 32);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, a, o + 48);
            DoubleVector s0 = x0.add(x1);
            DoubleVector s1 = x2.add(x3);
            DoubleVector e0 = x0.sub(x1);
            DoubleVector e1 = x2.sub(x3);
            DoubleVector f2 = DoubleVector.fromArray(SPECIES, w, k + 8);
            DoubleVector g2 = f2.neg();
            DoubleVector q2 = f2.mul(inverse);
            DoubleVector h16 = e0.mul(g2);
            DoubleVector d0 = e0.fma(f2, h16).sub(e0.fma(q2, magic).sub(magic).fma(modulus, h16));
            DoubleVector f3 = DoubleVector.fromArray(SPECIES, w, k + 16);
            DoubleVector g3 = f3.neg();
            DoubleVector q3 = f3.mul(inverse);
            DoubleVector h17 = e1.mul(g3);
            DoubleVector d1 = e1.fma(f3, h17).sub(e1.fma(q3, magic).sub(magic).fma(modulus, h17));
            DoubleVector y0 = s0.add(s1);
            DoubleVector y1 = d0.add(d1);
            DoubleVector y2 = s0.sub(s1);
            DoubleVector y3 = d0.sub(d1);
            y0.fma(inverse, magic).sub(magic).fma(negative, y0).intoArray(a, o);
            y1.fma(inverse, magic).sub(magic).fma(negative, y1).intoArray(a, o + 16);
            DoubleVector f1 = DoubleVector.fromArray(SPECIES, w, k);
            DoubleVector g1 = f1.neg();
            DoubleVector q1 = f1.mul(inverse);
            DoubleVector h18 = y2.mul(g1);
            DoubleVector r2 = y2.fma(f1, h18).sub(y2.fma(q1, magic).sub(magic).fma(modulus, h18));
            r2.intoArray(a, o + 32);
            DoubleVector h19 = y3.mul(g1);
            DoubleVector r3 = y3.fma(f1, h19).sub(y3.fma(q1, magic).sub(magic).fma(modulus, h19));
            r3.intoArray(a, o + 48);
        }
    }

    /** Inverse radix-4 pass. In: k at most 0.9; out: 0.75. */
    static void inverse4(
            double[] a, int from, int t, double w1, double n1, double w2, double n2, double w3, double n3, double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, n1);
        DoubleVector f2 = DoubleVector.broadcast(SPECIES, w2);
        DoubleVector g2 = DoubleVector.broadcast(SPECIES, -w2);
        DoubleVector q2 = DoubleVector.broadcast(SPECIES, n2);
        DoubleVector f3 = DoubleVector.broadcast(SPECIES, w3);
        DoubleVector g3 = DoubleVector.broadcast(SPECIES, -w3);
        DoubleVector q3 = DoubleVector.broadcast(SPECIES, n3);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        for (int j = from; j < from + t; j += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, a, j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, a, j + t);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, a, j + 2 * t);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, a, j + 3 * t);
            DoubleVector s0 = x0.add(x1);
            DoubleVector s1 = x2.add(x3);
            DoubleVector e0 = x0.sub(x1);
            DoubleVector e1 = x2.sub(x3);
            DoubleVector h20 = e0.mul(g2);
            DoubleVector d0 = e0.fma(f2, h20).sub(e0.fma(q2, magic).sub(magic).fma(modulus, h20));
            DoubleVector h21 = e1.mul(g3);
            DoubleVector d1 = e1.fma(f3, h21).sub(e1.fma(q3, magic).sub(magic).fma(modulus, h21));
            DoubleVector y0 = s0.add(s1);
            DoubleVector y1 = d0.add(d1);
            DoubleVector y2 = s0.sub(s1);
            DoubleVector y3 = d0.sub(d1);
            y0.fma(inverse, magic).sub(magic).fma(negative, y0).intoArray(a, j);
            y1.fma(inverse, magic).sub(magic).fma(negative, y1).intoArray(a, j + t);
            DoubleVector h22 = y2.mul(g1);
            DoubleVector r2 = y2.fma(f1, h22).sub(y2.fma(q1, magic).sub(magic).fma(modulus, h22));
            r2.intoArray(a, j + 2 * t);
            DoubleVector h23 = y3.mul(g1);
            DoubleVector r3 = y3.fma(f1, h23).sub(y3.fma(q1, magic).sub(magic).fma(modulus, h23));
            r3.intoArray(a, j + 3 * t);
        }
    }

    /** Inverse radix-2 pass. In: k at most 0.9; out: 1.8. */
    static void inverse2(double[] a, int from, int t, double w1, double n1, double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, n1);
        for (int j = from; j < from + t; j += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, a, j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, a, j + t);
            DoubleVector d = x0.sub(x1);
            DoubleVector h24 = d.mul(g1);
            DoubleVector r = d.fma(f1, h24).sub(d.fma(q1, magic).sub(magic).fma(modulus, h24));
            x0.add(x1).intoArray(a, j);
            r.intoArray(a, j + t);
        }
    }

    /** Products with one factor, from x to a. In: k at most 4; out: canonical. */
    static void scale(double[] x, int from, double[] a, double w1, double n1, double p) {
        DoubleVector modulus = DoubleVector.broadcast(SPECIES, p);
        DoubleVector magic = DoubleVector.broadcast(SPECIES, MAGIC);
        DoubleVector f1 = DoubleVector.broadcast(SPECIES, w1);
        DoubleVector g1 = DoubleVector.broadcast(SPECIES, -w1);
        DoubleVector q1 = DoubleVector.broadcast(SPECIES, n1);
        DoubleVector inverse = DoubleVector.broadcast(SPECIES, 1.0 / p);
        DoubleVector negative = DoubleVector.broadcast(SPECIES, -p);
        for (int j = from; j < from + a.length; j += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, j);
            DoubleVector h25 = x0.mul(g1);
            DoubleVector r = x0.fma(f1, h25).sub(x0.fma(q1, magic).sub(magic).fma(modulus, h25));
            r.fma(inverse, magic).sub(magic).fma(negative, r).intoArray(a, j - from);
        }
    }

    /** Two of the three steps that transpose blocks of 8 x 8. */
    static void transposeA(double[] a, int start, int blocks) {
        for (int c = 0; c < 2 * blocks; c++) {
            int o = start + 64 * (c >> 1) + 8 * (c & 1);
            DoubleVector a0 = DoubleVector.fromArray(SPECIES, a, o);
            DoubleVector a2 = DoubleVector.fromArray(SPECIES, a, o + 16);
            DoubleVector a4 = DoubleVector.fromArray(SPECIES, a, o + 32);
            DoubleVector a6 = DoubleVector.fromArray(SPECIES, a, o + 48);
            DoubleVector b0 = a0.blend(a4.rearrange(SWAP4), UPPER4);
            DoubleVector b4 = a0.rearrange(SWAP4).blend(a4, UPPER4);
            DoubleVector b2 = a2.blend(a6.rearrange(SWAP4), UPPER4);
            DoubleVector b6 = a2.rearrange(SWAP4).blend(a6, UPPER4);
            b0.blend(b2.rearrange(SWAP2), UPPER2).intoArray(a, o);
            b0.rearrange(SWAP2).blend(b2, UPPER2).intoArray(a, o + 16);
            b4.blend(b6.rearrange(SWAP2), UPPER2).intoArray(a, o + 32);
            b4.rearrange(SWAP2).blend(b6, UPPER2).intoArray(a, o + 48);
        }
    }

    /** The last of the three steps that transpose blocks of 8 x 8. */
    static void transposeB(double[] a, int start, int blocks) {
        for (int c = 0; c < 4 * blocks; c++) {
            int o = start + 16 * c;
            DoubleVector a0 = DoubleVector.fromArray(SPECIES, a, o);
            DoubleVector a1 = DoubleVector.fromArray(SPECIES, a, o + 8);
            a0.blend(a1.rearrange(SWAP1), UPPER1).intoArray(a, o);
            a0.rearrange(SWAP1).blend(a1, UPPER1).intoArray(a, o + 8);
        }
    }
}
