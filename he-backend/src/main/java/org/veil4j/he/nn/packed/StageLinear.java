package org.veil4j.he.nn.packed;

import java.util.List;
import java.util.function.UnaryOperator;
import org.veil4j.he.circuit.PreparedTransform;

/**
 * The affine function of a stage over an interpretation.
 *
 * @param transform its linear part, without the rotations that fold classes
 * @param bias for each output, what adds its bias
 * @param <C> a vector of slots
 */
record StageLinear<C>(PreparedTransform<C> transform, List<UnaryOperator<C>> bias) {}
