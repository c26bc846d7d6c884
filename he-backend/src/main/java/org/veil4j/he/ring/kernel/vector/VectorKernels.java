package org.veil4j.he.ring.kernel.vector;

import jdk.incubator.vector.DoubleVector;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.kernel.NttTransform;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * Kernels on 512-bit vectors: the transforms. The other loops are already vector code in the plain kernels, to which they are
 * left: most are bound by memory, and conversions of bases and sums of products are faster there (products of four terms in 29
 * microseconds instead of 36, N = 2^15, Zen 5; in 42 instead of 54 for two sums of three, Zen 4).
 */
public final class VectorKernels implements PolyKernels {
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
        plain.dot(r, a, b, terms, p);
    }

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
        plain.dotPair(r0, r1, add0, add1, a, b0, b1, terms, from, to, p);
    }

    @Override
    public void baseConvert(double[] r, double[][] a, double[] w, int terms, double p) {
        plain.baseConvert(r, a, w, terms, p);
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
        plain.centredConvert(r, a, bound, w, terms, v, z, from, to, p);
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
    public void overflow(double[] v, double[][] a, double[] inverses, int terms, int from, int to) {
        plain.overflow(v, a, inverses, terms, from, to);
    }

    @Override
    public void permute(double[] r, double[] a, int[] from) {
        plain.permute(r, a, from);
    }
}
