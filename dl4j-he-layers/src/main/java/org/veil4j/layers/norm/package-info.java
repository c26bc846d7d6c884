/**
 * Normalisation that is fast, and fit for private training, for encryption, or both:
 *
 * <table>
 * <caption>Which normalisation where</caption>
 * <tr><th>layer</th><th>under differential privacy</th><th>under encryption</th></tr>
 * <tr><td>GroupNormalization</td><td>yes</td><td>no: divides by a statistic of the input</td></tr>
 * <tr><td>FoldableBatchNormalization</td><td>no: batch statistics mix examples</td><td>yes, folds</td></tr>
 * <tr><td>FrozenBatchNormalization</td><td>yes, statistics are public</td><td>yes, folds</td></tr>
 * <tr><td>WeightStandardizedConvolution</td><td>yes</td><td>yes, is an ordinary convolution</td></tr>
 * </table>
 *
 * <p>Each normalisation applies its activation function in the same loop, where that is the identity, ReLU or a polynomial.
 */
@NullMarked
package org.veil4j.layers.norm;

import org.jspecify.annotations.NullMarked;
