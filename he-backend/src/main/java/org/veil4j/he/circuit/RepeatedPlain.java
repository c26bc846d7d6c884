package org.veil4j.he.circuit;

import org.jspecify.annotations.Nullable;

/**
 * Numbers that a circuit multiplies with or adds again and again, with the handle for the level and scale of the last time:
 * they are encoded anew only when these change. Keeps one plaintext of memory. Safe for use by several threads.
 */
public final class RepeatedPlain {
    private final SlotAlgebra<?> algebra;
    private final double[] values;
    private @Nullable PreparedPlain last;

    /**
     * Numbers for use with an interpretation.
     *
     * @param values as {@link SlotAlgebra#prepare} takes them; shared, not copied
     */
    public RepeatedPlain(SlotAlgebra<?> algebra, double[] values) {
        this.algebra = algebra;
        this.values = values;
    }

    /** The handle for values of a level. */
    public synchronized PreparedPlain at(int level, double scale) {
        PreparedPlain kept = last;
        if (kept == null || kept.level() != level || kept.scale() != scale) {
            kept = algebra.prepare(values, level, scale);
            last = kept;
        }
        return kept;
    }
}
