package org.veil4j.he.circuit;

/**
 * Brings values to scales that are met exactly, so that values of different histories can be added. A factor is encoded at the scale
 * that leads to the wanted one when the product has been divided by the top prime of its level: alignment costs a level, which
 * values that wait for others often have to spare.
 *
 * @param <C> a vector of slots
 */
public final class ScaleAlignment<C> {
    private final SlotwiseAlgebra<C> algebra;

    /** Alignment under an interpretation. */
    public ScaleAlignment(SlotwiseAlgebra<C> algebra) {
        this.algebra = algebra;
    }

    /** The prime that a rescaling at a level, 1 or above, divides by. */
    public double prime(int level) {
        return 1 / algebra.rescaledScale(level, 1);
    }

    /** The scale at which a factor of {@code a} is to be encoded so that the product, once rescaled, has a given scale. */
    public double factorScale(C a, double scale) {
        return scale * prime(algebra.level(a)) / algebra.scale(a);
    }

    /**
     * factor * a one rescaling before it has a level and a scale: products that are added share that rescaling. The factor is
     * rounded to a multiple of 1 / {@link #factorScale}. No key.
     *
     * @param level of the result once it is rescaled, 0 to level(a) - 1
     * @param scale of the result once it is rescaled
     * @return at level + 1
     */
    public C scaled(C a, double factor, int level, double scale) {
        C x = algebra.dropToLevel(a, level + 1);
        return algebra.multiplyScalar(x, factor, factorScale(x, scale));
    }

    /**
     * The same numbers at a level and a scale, but for the rounding of 1 to a multiple of 1 / {@link #factorScale}. One rescaling,
     * no key.
     *
     * @param level 0 to level(a) - 1
     */
    public C aligned(C a, int level, double scale) {
        return algebra.rescale(scaled(a, 1, level, scale));
    }
}
