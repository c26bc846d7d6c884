package org.veil4j.layers.fit;

/**
 * What one polynomial activation saw.
 *
 * @param layer name of the layer
 * @param activation the polynomial, readable
 * @param count number of values
 * @param min smallest input
 * @param max largest input
 * @param rms root of the mean square of the inputs
 * @param median half of the inputs have at most this absolute value (within 3 %)
 * @param p99 99 % of the inputs have at most this absolute value (within 3 %)
 * @param p9999 99.99 % of the inputs have at most this absolute value (within 3 %)
 */
public record ActivationRange(
        String layer,
        String activation,
        long count,
        double min,
        double max,
        double rms,
        double median,
        double p99,
        double p9999) {
    /**
     * The largest absolute input: what the polynomial must stay accurate for.
     *
     * @return at least 0
     */
    public double largest() {
        return Math.max(Math.abs(min), Math.abs(max));
    }
}
