package org.veil4j.he.circuit;

import java.util.List;

/**
 * The operations of circuits that treat every slot alike: what they compute in one slot depends on that slot alone. A value
 * {@code C} is a vector of slots with a level and a scale; the interpretations are those of {@link SlotAlgebra}, which adds
 * operations between slots, and {@link RangeAlgebra} (how large values become, and how precise they are).
 *
 * <p>Multiplications leave the scale multiplied and the level as it was, until {@link #rescale}. Multiplying two
 * values raises the degree to two, until {@link #relinearize}: so a circuit decides where the costly steps go.
 * Implementations are safe to share between threads; values are immutable.
 *
 * @param <C> a vector of slots
 */
public interface SlotwiseAlgebra<C> {
    /** Number of slots of a value. */
    int slots();

    /** Level of a value: the number of rescalings that it can still take. */
    int level(C a);

    /** Factor by which the encoded numbers are scaled up. */
    double scale(C a);

    /** Scale of a value of the given scale after a rescaling at the given level. */
    double rescaledScale(int level, double scale);

    /** Slotwise sum; levels and scales must be equal. */
    C add(C a, C b);

    /** Slotwise difference; levels and scales must be equal. */
    C subtract(C a, C b);

    /** Slotwise negation. */
    C negate(C a);

    /** Adds one number to every slot. */
    C addConstant(C a, double value);

    /** As {@link #addConstant}, where the input is not used again, nor what shares its memory: saves a copy of it. */
    default C addConstantInPlace(C a, double value) {
        return addConstant(a, value);
    }

    /** Multiplies every slot by one number, rounded to a multiple of 1/weightScale; the scale grows by weightScale. */
    C multiplyScalar(C a, double value, double weightScale);

    /** Slotwise product, degree 2, not rescaled; both of degree 1 and of the same level. */
    C multiply(C a, C b);

    /** Slotwise sum of squares, degree 2, not rescaled: the products are added before anything is reduced. */
    C sumOfSquares(List<C> a);

    /** Slotwise sum of a[i] * b[i], degree 2, not rescaled. */
    C sumOfProducts(List<C> a, List<C> b);

    /** Back to degree 1; needs the relinearisation key. A value of degree 1 is returned as it is. */
    C relinearize(C a);

    /** Divides by the top prime of the level, which the value loses with one level. */
    C rescale(C a);

    /**
     * Relinearises and divides by the top primes of the level, one or two, with one rounding: cheaper than one by one.
     *
     * @param levels primes to divide by, 1 or 2
     */
    C relinearizeRescale(C a, int levels);

    /** Drops primes without dividing: the same numbers and scale at a lower level. */
    C dropToLevel(C a, int level);

    /**
     * The same residues read at another scale: every number is multiplied by scale(a) / scale, exactly and for nothing. A
     * circuit absorbs constant factors this way.
     *
     * @param scale finite and positive
     */
    C withScale(C a, double scale);

    /**
     * Says that a result of {@link #linearMap}, of a product or of a rescaling will never be used again, so that its memory can be: of
     * use where many large values come and go. Values made from it by {@link #withScale} or {@link #dropToLevel} share its
     * memory and end with it: later uses of any of them are refused (encrypted; other interpretations ignore this).
     */
    default void release(C a) {}

    /**
     * A matrix of numbers times a vector of values, the same numbers in every slot: out[r] = sum m[r][c] a[c]. Each
     * weight is rounded to a multiple of 1/weightScale[c]; products must all have the same scale. No rescaling; one
     * pass over the inputs for all rows. The inputs must have the same level and may have degree 2.
     *
     * @param weightScale one for each column, such that scale(a[c]) * weightScale[c] is the same for all c
     */
    List<C> linearMap(SparseMatrix matrix, double[] weightScale, List<C> a);
}
