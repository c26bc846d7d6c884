package org.veil4j.he.circuit;

/** A vector of plain numbers with the level, scale and degree that a ciphertext of them would have. Immutable by use. */
public final class ClearSlots {
    final double[] values;
    final int level;
    final double scale;
    final int degree;

    ClearSlots(double[] values, int level, double scale, int degree) {
        this.values = values;
        this.level = level;
        this.scale = scale;
        this.degree = degree;
    }

    /** A fresh value; the array is copied. */
    public static ClearSlots of(double[] values, int level, double scale) {
        return new ClearSlots(values.clone(), level, scale, 1);
    }

    /** The numbers, one a slot; a copy. */
    public double[] toArray() {
        return values.clone();
    }

    /** Level. */
    public int level() {
        return level;
    }

    /** Scale. */
    public double scale() {
        return scale;
    }

    /** Degree: 1, or 2 after a multiplication that was not relinearised. */
    public int degree() {
        return degree;
    }
}
