package org.veil4j.he.circuit;

import java.util.List;

/**
 * A {@link LinearTransform} made ready for one level, its diagonals encoded once for all uses. Safe to share between threads.
 *
 * @param <C> a vector of slots
 */
public interface PreparedTransform<C> {
    /**
     * Applies the transform.
     *
     * @param inputs one value an input, of degree 1, at the level and scale that it was prepared for
     * @return one value an output, one level lower, at the scale that it was prepared for
     */
    List<C> apply(List<C> inputs);
}
