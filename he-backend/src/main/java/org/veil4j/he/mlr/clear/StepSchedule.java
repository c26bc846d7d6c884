package org.veil4j.he.mlr.clear;

/**
 * By what the gradient is multiplied in iteration t = 1, 2, ...: base + decay / t.
 *
 * @param base what remains; at least 0
 * @param decay what fades away; at least 0, and not both 0
 */
public record StepSchedule(double base, double decay) {
    /** For standardised rows of norm 1 under the quadratic gradient; chosen on the paper's data. */
    public static final StepSchedule RECOMMENDED = new StepSchedule(2, 8);

    /** Checks. */
    public StepSchedule {
        if (!(base >= 0) || !(decay >= 0) || !(base + decay > 0) || Double.isInfinite(base + decay)) {
            throw new IllegalArgumentException(
                    "base=" + base + ", decay=" + decay + ": must be finite, at least 0, and not both 0");
        }
    }

    /** The paper's for an algorithm: 1 + 1/(t rows) with the quadratic gradient, 1/(t rows) without. */
    public static StepSchedule paper(MlrAlgorithm algorithm, int rows) {
        return new StepSchedule(algorithm == MlrAlgorithm.SIGMOID_NAG_QUADRATIC ? 1 : 0, 1.0 / rows);
    }

    /** The step of iteration t, counted from 1. */
    public double step(int t) {
        return base + decay / t;
    }
}
