package org.veil4j.dp.mechanism;

/**
 * What clipping did in one step. <strong>Not private</strong>: exact figures about the training data, for the eyes of those
 * who may see the data; do not publish them.
 *
 * @param examples examples in the logical batch, as drawn
 * @param clipped examples whose gradient was scaled down (FLAT) or was longer than the clip norm (AUTOMATIC)
 * @param nonFinite examples whose gradient had no finite norm; they contributed nothing
 * @param meanNorm mean gradient norm of the other examples before clipping; 0 without examples
 * @param maxNorm largest gradient norm of the other examples before clipping; 0 without examples
 */
public record ClippingStatistics(int examples, int clipped, int nonFinite, double meanNorm, double maxNorm) {
    /** A step without examples. */
    public static final ClippingStatistics EMPTY = new ClippingStatistics(0, 0, 0, 0, 0);

    /** Fraction of the examples that were clipped, 0 without examples. */
    public double clippedFraction() {
        return examples == 0 ? 0 : (double) clipped / examples;
    }
}
