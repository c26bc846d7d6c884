package org.veil4j.he.rlwe;

import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.kernel.Kernels;

/** A {@link PlainDiagonal} as integer coefficients, transformed on use. */
final class CoefficientDiagonal implements PlainDiagonal {
    private final RlweParameters parameters;
    private final int @Nullable [] small;
    private final double[] large;
    /** Largest magnitude of a coefficient. */
    private final double max;

    private CoefficientDiagonal(RlweParameters parameters, int @Nullable [] small, double[] large, double max) {
        this.parameters = parameters;
        this.small = small;
        this.large = large;
        this.max = max;
    }

    static CoefficientDiagonal of(RlweParameters parameters, double[] coefficients) {
        if (coefficients.length != parameters.n()) {
            throw new IllegalArgumentException(
                    "coefficients.length=" + coefficients.length + ": must be N=" + parameters.n());
        }
        double max = 0;
        boolean fits = true;
        for (int i = 0; i < coefficients.length; i++) {
            double c = coefficients[i];
            if (!(Math.abs(c) <= MAX_COEFFICIENT) || c != Math.rint(c)) {
                throw new IllegalArgumentException(
                        "coefficients[" + i + "]: must be an integer of magnitude at most 2^101; use a smaller scale");
            }
            max = Math.max(max, Math.abs(c));
            fits &= c == (int) c;
        }
        if (!fits) {
            return new CoefficientDiagonal(parameters, null, coefficients.clone(), max);
        }
        int[] small = new int[coefficients.length];
        for (int i = 0; i < small.length; i++) {
            small[i] = (int) coefficients[i];
        }
        return new CoefficientDiagonal(parameters, small, new double[0], max);
    }

    @Override
    public RlweParameters parameters() {
        return parameters;
    }

    @Override
    public int maxLevel() {
        return parameters.maxLevel();
    }

    @Override
    public long sizeBytes() {
        return (long) parameters.n() * (small == null ? Double.BYTES : Integer.BYTES);
    }

    @Override
    public boolean isTransformed() {
        return false;
    }

    /** A transform takes coefficients up to p, so that most need no reduction. */
    @Override
    public double[] residues(int level, int limb, double[] scratch) {
        RnsBasis basis = parameters.qpAt(level);
        int[] c = small;
        double[] from = large;
        if (c != null) {
            for (int i = 0; i < scratch.length; i++) {
                scratch[i] = c[i];
            }
            from = scratch;
        }
        double p = basis.modulus(limb).p();
        if (max > p) {
            Kernels.get().reduce(scratch, from, p);
        } else if (from != scratch) {
            System.arraycopy(from, 0, scratch, 0, scratch.length);
        }
        basis.ntt(limb).forward(scratch);
        return scratch;
    }

    @Override
    public PlainDiagonal toResidues(int level) {
        parameters.requireLevel(level);
        double[][] limbs = new double[parameters.qpAt(level).size()][];
        for (int i = 0; i < limbs.length; i++) {
            limbs[i] = residues(level, i, new double[parameters.n()]);
        }
        return new ResidueDiagonal(parameters, level, limbs);
    }

    /** Without the content, which may be secret. */
    @Override
    public String toString() {
        return "PlainDiagonal[coefficients of " + (small == null ? Double.BYTES : Integer.BYTES) + " bytes]";
    }
}
