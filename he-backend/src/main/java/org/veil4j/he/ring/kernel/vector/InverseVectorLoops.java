package org.veil4j.he.ring.kernel.vector;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** The loops of an inverse {@link VectorNtt}; see {@link VectorLoops}. Both sums of a radix-4 pass are reduced. */
final class InverseVectorLoops {
    private static final VectorSpecies<Double> SPECIES = VectorLoops.SPECIES;
    private static final int LANES = VectorLoops.LANES;
    private static final double MAGIC = VectorLoops.MAGIC;

    private InverseVectorLoops() {}

    /** Inverse radix-4 step that reduces both sums. In: k at most 1; out: 0.75. */
    static void inverse4(
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
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + leg + j);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, x, from + 2 * leg + j);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, x, from + 3 * leg + j);
            DoubleVector s0 = x0.add(x1);
            DoubleVector s1 = x2.add(x3);
            DoubleVector e0 = x0.sub(x1);
            DoubleVector e1 = x2.sub(x3);
            DoubleVector h0 = e0.mul(g2);
            DoubleVector d0 = e0.fma(f2, h0).sub(e0.fma(q2, magic).sub(magic).fma(modulus, h0));
            DoubleVector h1 = e1.mul(g3);
            DoubleVector d1 = e1.fma(f3, h1).sub(e1.fma(q3, magic).sub(magic).fma(modulus, h1));
            DoubleVector y0 = s0.add(s1);
            DoubleVector y1 = d0.add(d1);
            DoubleVector y2 = s0.sub(s1);
            DoubleVector y3 = d0.sub(d1);
            DoubleVector h2 = y2.mul(g1);
            DoubleVector r2 = y2.fma(f1, h2).sub(y2.fma(q1, magic).sub(magic).fma(modulus, h2));
            DoubleVector h3 = y3.mul(g1);
            DoubleVector r3 = y3.fma(f1, h3).sub(y3.fma(q1, magic).sub(magic).fma(modulus, h3));
            y0.fma(inverse, magic).sub(magic).fma(negative, y0).intoArray(a, to + j);
            y1.fma(inverse, magic).sub(magic).fma(negative, y1).intoArray(a, to + step + j);
            r2.intoArray(a, to + 2 * step + j);
            r3.intoArray(a, to + 3 * step + j);
        }
    }

    /** As {@link #inverse4}, all results reduced. In: k at most 1; out: canonical. */
    static void inverse4Last(
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
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + leg + j);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, x, from + 2 * leg + j);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, x, from + 3 * leg + j);
            DoubleVector s0 = x0.add(x1);
            DoubleVector s1 = x2.add(x3);
            DoubleVector e0 = x0.sub(x1);
            DoubleVector e1 = x2.sub(x3);
            DoubleVector h0 = e0.mul(g2);
            DoubleVector d0 = e0.fma(f2, h0).sub(e0.fma(q2, magic).sub(magic).fma(modulus, h0));
            DoubleVector h1 = e1.mul(g3);
            DoubleVector d1 = e1.fma(f3, h1).sub(e1.fma(q3, magic).sub(magic).fma(modulus, h1));
            DoubleVector y0 = s0.add(s1);
            DoubleVector y1 = d0.add(d1);
            DoubleVector y2 = s0.sub(s1);
            DoubleVector y3 = d0.sub(d1);
            DoubleVector h2 = y2.mul(g1);
            DoubleVector r2 = y2.fma(f1, h2).sub(y2.fma(q1, magic).sub(magic).fma(modulus, h2));
            DoubleVector h3 = y3.mul(g1);
            DoubleVector r3 = y3.fma(f1, h3).sub(y3.fma(q1, magic).sub(magic).fma(modulus, h3));
            y0.fma(inverse, magic).sub(magic).fma(negative, y0).intoArray(a, to + j);
            y1.fma(inverse, magic).sub(magic).fma(negative, y1).intoArray(a, to + step + j);
            r2.fma(inverse, magic).sub(magic).fma(negative, r2).intoArray(a, to + 2 * step + j);
            r3.fma(inverse, magic).sub(magic).fma(negative, r3).intoArray(a, to + 3 * step + j);
        }
    }

    /** Inverse radix-2 step that reduces the sum. In: k at most 1; out: 0.63. */
    static void inverse2(
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
        for (int j = 0; j < n; j += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + leg + j);
            DoubleVector s = x0.add(x1);
            DoubleVector d = x0.sub(x1);
            DoubleVector h1 = d.mul(g1);
            DoubleVector r = d.fma(f1, h1).sub(d.fma(q1, magic).sub(magic).fma(modulus, h1));
            s.fma(inverse, magic).sub(magic).fma(negative, s).intoArray(a, to + j);
            r.intoArray(a, to + step + j);
        }
    }

    /** As {@link #inverse2}, both results reduced. In: k at most 1; out: canonical. */
    static void inverse2Last(
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
        for (int j = 0; j < n; j += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + leg + j);
            DoubleVector s = x0.add(x1);
            DoubleVector d = x0.sub(x1);
            DoubleVector h1 = d.mul(g1);
            DoubleVector r = d.fma(f1, h1).sub(d.fma(q1, magic).sub(magic).fma(modulus, h1));
            s.fma(inverse, magic).sub(magic).fma(negative, s).intoArray(a, to + j);
            r.fma(inverse, magic).sub(magic).fma(negative, r).intoArray(a, to + step + j);
        }
    }

    /** Last two layers of a cyclic transform, with the factors 1, 1 and k. In: k at most 0.75; out: 3. */
    static void inverseCyclic4(
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
            DoubleVector y0 = x0.add(x1);
            DoubleVector y1 = x0.sub(x1);
            DoubleVector y2 = x2.add(x3);
            DoubleVector y3 = x2.sub(x3);
            DoubleVector h1 = y3.mul(g1);
            DoubleVector r1 = y3.fma(f1, h1).sub(y3.fma(q1, magic).sub(magic).fma(modulus, h1));
            y0.add(y2).intoArray(a, to + j);
            y1.add(r1).intoArray(a, to + step + j);
            y0.sub(y2).intoArray(a, to + 2 * step + j);
            y1.sub(r1).intoArray(a, to + 3 * step + j);
        }
    }
}
