package org.veil4j.he.mlr.encoding;

import java.util.List;

/**
 * Training as a circuit over slots.
 *
 * @param <C> a vector of slots
 */
public interface MlrCircuit<C> {
    /**
     * One iteration.
     *
     * @param t its number, from 1
     * @param level level of V; or for weights that are all zero, the levels that may be used
     * @param weights V, then W; empty if they are all zero
     * @return the new V, then the new W, lower by the levels of an iteration
     */
    List<C> iterate(int t, int level, List<C> weights);
}
