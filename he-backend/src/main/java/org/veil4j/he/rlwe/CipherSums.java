package org.veil4j.he.rlwe;

/**
 * The sums of an {@link EncryptedTransform}: three parts each, those of (x0 + x1 s)(w0 + w1 s) for rotated inputs x and factors
 * w.
 */
final class CipherSums extends DiagonalSums<CipherDiagonal> {
    CipherSums(KeySwitcher switcher, TransformPlan<CipherDiagonal> plan) {
        super(switcher, plan, 3);
    }

    @Override
    int made(CipherDiagonal factor) {
        return factor.isExpanded() ? 0 : 1;
    }

    @Override
    double[][] residues(CipherDiagonal factor, int i, double[][] scratch) {
        double[] own = scratch.length == 0 ? RotatedInputs.ZERO : scratch[0];
        return new double[][] {factor.body(plan.level, i), factor.uniform(plan.level, i, own)};
    }

    @Override
    BlockSum blocks(Piece piece, double[][] rotated0, double[][] rotated1, double p) {
        double[][] w0 = piece.factors(0);
        double[][] w1 = piece.factors(1);
        double[] r0 = piece.sum[0];
        double[] r1 = piece.sum[1];
        double[] r2 = piece.sum[2];
        double[] add0 = piece.started ? r0 : null;
        double[] add1 = piece.started ? r1 : null;
        double[] add2 = piece.started ? r2 : null;
        return (from, to) -> {
            kernels.dotPair(r0, r1, add0, add1, w0, rotated0, rotated1, w0.length, from, to, p);
            kernels.dotPair(r1, r2, r1, add2, w1, rotated0, rotated1, w1.length, from, to, p);
        };
    }
}
