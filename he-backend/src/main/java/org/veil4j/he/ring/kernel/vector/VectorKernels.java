package org.veil4j.he.ring.kernel.vector;

import jdk.incubator.vector.DoubleVector;
import org.veil4j.he.ring.kernel.NttTransform;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * Kernels on 512-bit vectors: transforms and inner products. The other loops are already vector code in the plain kernels,
 * to which they are left: most are bound by memory, and conversions of bases are faster there.
 */
public final class VectorKernels implements PolyKernels {
    /** Adding and subtracting this rounds to a multiple of 2^49. */
    private static final double SPLIT = 0x1.8p101;

    private final PolyKernels plain;

    /** Called by name. */
    public VectorKernels(PolyKernels plain) {
        this.plain = plain;
    }

    /** Width in bits of the vectors that this CPU prefers. */
    public static int preferredBits() {
        return DoubleVector.SPECIES_PREFERRED.vectorBitSize();
    }

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public NttTransform ntt(int logN, long p) {
        return new VectorNtt(logN, p);
    }

    @Override
    public void dot(double[] r, double[][] a, double[][] b, int terms, double p) {
        int d = Math.min(terms, 4);
        dotFirst(r, a, b, d, p);
        for (; d < terms; d += 4) {
            dotNext(r, a, b, d, Math.min(terms, d + 4), p);
        }
    }

    /**
     * Sum of up to four products, |a b| below 2^98 each: high parts in multiples of 2^49, exact as the sum stays in
     * [2^101, 2^102), low parts at most 2^48 each. The reduced high part is at most p/2 + 2^48, so the total is below 2^51.
     */
    private static void dotFirst(double[] r, double[][] a, double[][] b, int to, double p) {
        DoubleVector negative = DoubleVector.broadcast(VectorLoops.SPECIES, -p);
        DoubleVector inverse = DoubleVector.broadcast(VectorLoops.SPECIES, 1.0 / p);
        DoubleVector magic = DoubleVector.broadcast(VectorLoops.SPECIES, VectorLoops.MAGIC);
        DoubleVector split = DoubleVector.broadcast(VectorLoops.SPECIES, SPLIT);
        for (int i = 0; i < r.length; i += VectorLoops.LANES) {
            DoubleVector high = split;
            DoubleVector low = DoubleVector.zero(VectorLoops.SPECIES);
            for (int d = 0; d < to; d++) {
                DoubleVector x = DoubleVector.fromArray(VectorLoops.SPECIES, a[d], i);
                DoubleVector y = DoubleVector.fromArray(VectorLoops.SPECIES, b[d], i);
                DoubleVector next = x.fma(y, high);
                low = low.add(x.fma(y, high.sub(next)));
                high = next;
            }
            DoubleVector h = high.sub(split);
            DoubleVector s = h.fma(inverse, magic).sub(magic).fma(negative, h).add(low);
            s.fma(inverse, magic).sub(magic).fma(negative, s).intoArray(r, i);
        }
    }

    /**
     * Adds up to four more products to a canonical r, in the same way: the total is at most
     * 2^51 + 2^47, which the reduction's one rounding still takes (to 2^52).
     */
    private static void dotNext(double[] r, double[][] a, double[][] b, int start, int to, double p) {
        DoubleVector negative = DoubleVector.broadcast(VectorLoops.SPECIES, -p);
        DoubleVector inverse = DoubleVector.broadcast(VectorLoops.SPECIES, 1.0 / p);
        DoubleVector magic = DoubleVector.broadcast(VectorLoops.SPECIES, VectorLoops.MAGIC);
        DoubleVector split = DoubleVector.broadcast(VectorLoops.SPECIES, SPLIT);
        for (int i = 0; i < r.length; i += VectorLoops.LANES) {
            DoubleVector high = split;
            DoubleVector low = DoubleVector.fromArray(VectorLoops.SPECIES, r, i);
            for (int d = start; d < to; d++) {
                DoubleVector x = DoubleVector.fromArray(VectorLoops.SPECIES, a[d], i);
                DoubleVector y = DoubleVector.fromArray(VectorLoops.SPECIES, b[d], i);
                DoubleVector next = x.fma(y, high);
                low = low.add(x.fma(y, high.sub(next)));
                high = next;
            }
            DoubleVector h = high.sub(split);
            DoubleVector s = h.fma(inverse, magic).sub(magic).fma(negative, h).add(low);
            s.fma(inverse, magic).sub(magic).fma(negative, s).intoArray(r, i);
        }
    }

    @Override
    public void baseConvert(double[] r, double[][] a, double[] w, int terms, double p) {
        plain.baseConvert(r, a, w, terms, p);
    }

    @Override
    public void addWeighted(double[] r, double[][] a, double[] w, int terms, double[] scratch, double p) {
        plain.addWeighted(r, a, w, terms, scratch, p);
    }

    @Override
    public void reduce(double[] r, double[] a, double p) {
        plain.reduce(r, a, p);
    }

    @Override
    public void reduceLongs(double[] r, long[] a, double p) {
        plain.reduceLongs(r, a, p);
    }

    @Override
    public void add(double[] r, double[] a, double[] b, double p) {
        plain.add(r, a, b, p);
    }

    @Override
    public void subtract(double[] r, double[] a, double[] b, double p) {
        plain.subtract(r, a, b, p);
    }

    @Override
    public void negate(double[] r, double[] a) {
        plain.negate(r, a);
    }

    @Override
    public void multiply(double[] r, double[] a, double[] b, double p) {
        plain.multiply(r, a, b, p);
    }

    @Override
    public void multiplyAdd(double[] r, double[] a, double[] b, double p) {
        plain.multiplyAdd(r, a, b, p);
    }

    @Override
    public void multiplyScalar(double[] r, double[] a, double w, double p) {
        plain.multiplyScalar(r, a, w, p);
    }

    @Override
    public void multiplyScalarAdd(double[] r, double[] a, double w, double p) {
        plain.multiplyScalarAdd(r, a, w, p);
    }

    @Override
    public void subtractMultiplyScalar(double[] r, double[] a, double[] b, double w, double p) {
        plain.subtractMultiplyScalar(r, a, b, w, p);
    }

    @Override
    public void overflow(double[] v, double[][] a, double[] inverses, int terms) {
        plain.overflow(v, a, inverses, terms);
    }

    @Override
    public void permute(double[] r, double[] a, int[] from) {
        plain.permute(r, a, from);
    }
}
