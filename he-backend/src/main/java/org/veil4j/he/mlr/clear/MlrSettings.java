package org.veil4j.he.mlr.clear;

import org.jspecify.annotations.Nullable;

/**
 * What a training run does, encrypted or not.
 *
 * @param algorithm how weights are improved
 * @param iterations how often, at least 1
 * @param steps by what the gradient is multiplied
 * @param sigmoid stands for the sigmoid; null for the sigmoid itself (in the clear only). Softmax ignores it
 * @param startWeight what all weights are at first; the paper has 0.0128
 * @param batchRows rows of a mini-batch, taken in the order of the data, again and again; 0 for all rows
 */
public record MlrSettings(
        MlrAlgorithm algorithm,
        int iterations,
        StepSchedule steps,
        @Nullable SigmoidPolynomial sigmoid,
        double startWeight,
        int batchRows) {
    /** Most iterations of a run. */
    public static final int MAX_ITERATIONS = 100_000;

    /** The paper's start weight. */
    public static final double PAPER_START_WEIGHT = 0.0128;

    /** Checks. */
    public MlrSettings {
        if (iterations < 1 || iterations > MAX_ITERATIONS) {
            throw new IllegalArgumentException("iterations=" + iterations + ": must be 1 to " + MAX_ITERATIONS);
        }
        if (!(Math.abs(startWeight) <= 1e3)) {
            throw new IllegalArgumentException("startWeight=" + startWeight + ": must be finite, at most 1000");
        }
        if (batchRows < 0) {
            throw new IllegalArgumentException("batchRows=" + batchRows + ": must be at least 1, or 0 for all rows");
        }
    }

    /** The paper's encrypted run on so many rows: quadratic gradient, degree 3, its start weights and steps. */
    public static MlrSettings paper(int iterations, int rows) {
        MlrAlgorithm algorithm = MlrAlgorithm.SIGMOID_NAG_QUADRATIC;
        return new MlrSettings(
                algorithm,
                iterations,
                StepSchedule.paper(algorithm, rows),
                SigmoidPolynomial.PAPER,
                PAPER_START_WEIGHT,
                0);
    }

    /** Ours: quadratic gradient, degree 3, weights that start at zero, larger steps. For standardised rows of norm 1. */
    public static MlrSettings recommended(int iterations) {
        return new MlrSettings(
                MlrAlgorithm.SIGMOID_NAG_QUADRATIC,
                iterations,
                StepSchedule.RECOMMENDED,
                SigmoidPolynomial.PAPER,
                0,
                0);
    }

    /** Mini-batches that so many rows fall into; the last one may be smaller. */
    public int batches(int rows) {
        return batchRows == 0 || batchRows >= rows ? 1 : (rows + batchRows - 1) / batchRows;
    }

    /** First row of a mini-batch; for the number of batches itself, the number of rows. */
    public int batchStart(int batch, int rows) {
        return batches(rows) == 1 ? batch * rows : Math.min(rows, batch * batchRows);
    }
}
