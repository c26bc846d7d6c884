package org.veil4j.he.circuit;

/** Prepared numbers of {@link CleartextAlgebra} and {@link SlotRangeAlgebra}: one a slot. */
final class ClearPlain extends PreparedPlain {
    final double[] values;

    ClearPlain(double[] values, int level, double scale) {
        super(level, scale);
        this.values = values;
    }
}
