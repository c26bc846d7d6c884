package org.veil4j.dp.gradient;

/**
 * A layer that can account for each example's gradient: implemented by the class that DL4J instantiates for a layer
 * ({@link org.deeplearning4j.nn.api.Layer}), not by its configuration. One forward and one backward pass of the whole batch
 * in capture mode, then {@link #addSquaredNorms} on every layer, then, with the clipping factors of those norms,
 * {@link #addWeightedSum} on every layer, give the sum of the clipped gradients.
 *
 * <p>A gradient g_i is that of example i's own score, as {@code backpropGradient} would put it into the gradient view for a
 * batch of that one example: neither divided by the batch size nor regularised. Not thread-safe, as no DL4J layer is.
 */
public interface PerExampleGradient {
    /**
     * Turns capturing on or off. On: the next {@code backpropGradient} keeps what the two methods below need, and need not
     * fill the gradient views; the input gradient that it returns is the ordinary one. Off: the layer is the ordinary layer,
     * and what was captured is forgotten.
     *
     * @param on whether the next backward pass captures
     */
    void capturePerExample(boolean on);

    /**
     * Adds each example's squared L2 norm, over all parameters of this layer, of the gradient captured last:
     * {@code squaredNorms[i] += ||g_i||^2}, accumulated in double. May give infinity or NaN where the gradient holds such.
     *
     * @param squaredNorms one entry an example of the captured batch
     * @throws IllegalStateException when nothing was captured
     * @throws IllegalArgumentException when the length is not that of the captured batch
     */
    void addSquaredNorms(double[] squaredNorms);

    /**
     * Adds {@code sum_i factors[i] * g_i} to {@code target}, laid out like this layer's flattened parameters (and gradient
     * view): for DL4J's dense layers the 'f'-ordered weights, then the bias; for its convolutions the bias, then the
     * weights in 'c' order. An example of factor 0 contributes exactly nothing, whatever (NaN, infinity) its gradient holds.
     *
     * @param factors one entry an example of the captured batch, finite
     * @param target receives the sum in {@code [offset, offset + numParams())}
     * @param offset where this layer's parameters begin
     * @throws IllegalStateException when nothing was captured
     * @throws IllegalArgumentException when a length does not fit
     */
    void addWeightedSum(double[] factors, double[] target, int offset);

    /**
     * Tells the layer that nobody reads its input gradient, because its input is the network's. In capture mode the layer may
     * then return zeros in place of that gradient. A layer that has no use for this ignores it.
     *
     * @param unused whether the input gradient is not read; false at first
     */
    default void inputGradientUnused(boolean unused) {}
}
