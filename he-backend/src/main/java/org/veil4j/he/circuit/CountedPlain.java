package org.veil4j.he.circuit;

/** Prepared numbers of {@link CostAlgebra}: none. */
final class CountedPlain extends PreparedPlain {
    CountedPlain(int level, double scale) {
        super(level, scale);
    }
}
