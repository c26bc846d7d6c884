package org.veil4j.dp.mechanism;

/**
 * Turns squared gradient norms into clipping factors and counts what it does. A margin keeps contributions below the clip norm
 * although norms and sums are computed with rounding: norms are multiplied by 1 + margin first. Not thread-safe.
 */
public final class GradientClipper {
    /** Margin for gradients whose elements are floats: four times the largest excess that was measured over all layers. */
    public static final double FLOAT_MARGIN = 0x1p-20;

    /** Margin for gradients whose elements are doubles. */
    public static final double DOUBLE_MARGIN = 0x1p-44;

    private final Clipping clipping;
    private final double clipNorm;
    private final double limit;

    private int examples;
    private int clipped;
    private int nonFinite;
    private double normSum;
    private double maxNorm;

    /**
     * @param clipping the rule
     * @param clipNorm C, positive and finite
     * @param margin relative, in [0, 0.01]
     */
    public GradientClipper(Clipping clipping, double clipNorm, double margin) {
        if (!(clipNorm > 0 && clipNorm < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("clipNorm=" + clipNorm + ": must be positive and finite");
        }
        if (!(margin >= 0 && margin <= 0.01)) {
            throw new IllegalArgumentException("margin=" + margin + ": must be in [0, 0.01]");
        }
        this.clipping = clipping;
        this.clipNorm = clipNorm;
        this.limit = clipNorm / (1 + margin);
    }

    /** Starts a new logical batch: forgets the counts. */
    public void begin() {
        examples = 0;
        clipped = 0;
        nonFinite = 0;
        normSum = 0;
        maxNorm = 0;
    }

    /**
     * The factors of one physical batch, and its part of the statistics.
     *
     * @param squaredNorms one an example
     * @param factors receives as many
     */
    public void factors(double[] squaredNorms, double[] factors) {
        if (squaredNorms.length != factors.length) {
            throw new IllegalArgumentException(
                    "factors.length=" + factors.length + ": must be " + squaredNorms.length + ", one an example");
        }
        for (int i = 0; i < squaredNorms.length; i++) {
            double squared = squaredNorms[i];
            factors[i] = clipping.factor(squared, limit);
            examples++;
            if (squared >= 0 && squared < Double.POSITIVE_INFINITY) {
                double norm = Math.sqrt(squared);
                normSum += norm;
                maxNorm = Math.max(maxNorm, norm);
                if (norm > clipNorm) {
                    clipped++;
                }
            } else {
                nonFinite++;
            }
        }
    }

    /** What happened since {@link #begin}. */
    public ClippingStatistics statistics() {
        int finite = examples - nonFinite;
        return new ClippingStatistics(examples, clipped, nonFinite, finite == 0 ? 0 : normSum / finite, maxNorm);
    }
}
