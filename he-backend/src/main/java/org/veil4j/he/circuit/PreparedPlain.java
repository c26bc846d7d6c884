package org.veil4j.he.circuit;

/**
 * Numbers ready to be multiplied with or added to values: see {@link SlotAlgebra#prepare}. Opaque: each interpretation has a
 * form of its own and takes no other. Immutable.
 */
public abstract sealed class PreparedPlain permits EncodedPlain, ClearPlain, CountedPlain {
    private final int level;
    private final double scale;

    PreparedPlain(int level, double scale) {
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("scale=" + scale + ": must be finite and positive");
        }
        this.level = level;
        this.scale = scale;
    }

    /** Highest level of the values that it can meet. */
    public final int level() {
        return level;
    }

    /** Factor by which the numbers are scaled up. */
    public final double scale() {
        return scale;
    }

    /**
     * A handle as an interpretation's own.
     *
     * @param other level of the value that it meets
     * @throws IllegalArgumentException if it is of another interpretation, or for lower levels only
     */
    static <P extends PreparedPlain> P require(Class<P> form, PreparedPlain plain, int other) {
        if (!form.isInstance(plain)) {
            throw new IllegalArgumentException(
                    "plain: was prepared by another interpretation; prepare it with the one that uses it");
        }
        if (plain.level() < other) {
            throw new IllegalArgumentException("plain.level=" + plain.level() + ": must be at least " + other
                    + ", the value's; prepare it for a higher level");
        }
        return form.cast(plain);
    }

    /** Checks the scale of a sum's terms. */
    final void requireScale(double other) {
        if (Math.abs(scale - other) > other * 0x1p-30) {
            throw new IllegalArgumentException("scales " + other + " and " + scale + ": must be equal");
        }
    }

    /** Checks the number of values. */
    static void requireLength(double[] values, int slots) {
        if (values.length > slots) {
            throw new IllegalArgumentException(
                    "values.length=" + values.length + ": must be at most " + slots + ", the slots");
        }
    }
}
