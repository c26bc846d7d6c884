package org.veil4j.he.rlwe;

/** The sums of a {@link HoistedTransform}: two parts each. */
final class PlainSums extends DiagonalSums<PlainDiagonal> {
    PlainSums(KeySwitcher switcher, TransformPlan<PlainDiagonal> plan) {
        super(switcher, plan, 2);
    }

    @Override
    int made(PlainDiagonal factor) {
        return factor.isTransformed() ? 0 : 1;
    }

    @Override
    double[][] residues(PlainDiagonal factor, int i, double[][] scratch) {
        double[] own = scratch.length == 0 ? RotatedInputs.ZERO : scratch[0];
        return new double[][] {factor.residues(plan.level, i, own)};
    }

    @Override
    BlockSum blocks(Piece piece, double[][] rotated0, double[][] rotated1, double p) {
        double[][] w = piece.factors(0);
        double[] r0 = piece.sum[0];
        double[] r1 = piece.sum[1];
        double[] add0 = piece.started ? r0 : null;
        double[] add1 = piece.started ? r1 : null;
        return (from, to) -> kernels.dotPair(r0, r1, add0, add1, w, rotated0, rotated1, w.length, from, to, p);
    }
}
