package org.veil4j.he.circuit;

import java.util.List;

/**
 * The operations that a circuit is written in: those of {@link SlotwiseAlgebra}, and those that tell slots apart. The
 * interpretations are {@link EncryptedAlgebra} (ciphertexts), {@link CleartextAlgebra} (the same bookkeeping over plain
 * numbers: test oracle and simulator), {@link CostAlgebra} (counts of operations, no values) and {@link SlotRangeAlgebra}
 * (intervals, samples and errors).
 *
 * @param <C> a vector of slots
 */
public interface SlotAlgebra<C> extends SlotwiseAlgebra<C> {
    /** Cyclic shift to the left by the given number of slots. */
    C rotate(C a, int steps);

    /** All the given rotations of one value, with one decomposition: much cheaper than one by one. */
    List<C> rotateAll(C a, int[] steps);

    /** Complex conjugate of every slot. */
    C conjugate(C a);

    /**
     * Encodes numbers for {@link #multiplyPlain(Object, PreparedPlain)} and {@link #addPlain}: the costly part of these, to be
     * done once for numbers that come again. The handle is for this interpretation with these parameters only.
     *
     * @param values finite, at most {@link #slots}; missing ones are zero
     * @param level highest level of the values that it will meet
     * @param scale finite and positive: the weight scale of a product, the scale of the other term of a sum
     */
    PreparedPlain prepare(double[] values, int level, double scale);

    /**
     * Slotwise product with prepared numbers; the scale grows by theirs, no rescaling.
     *
     * @param plain of this interpretation, of the level of {@code a} or a higher one
     */
    C multiplyPlain(C a, PreparedPlain plain);

    /**
     * Slotwise sum with prepared numbers.
     *
     * @param plain of this interpretation, of the scale of {@code a}, and of its level or a higher one
     */
    C addPlain(C a, PreparedPlain plain);

    /** Slotwise product with numbers that do not come again (missing ones are zero), encoded at weightScale; no rescaling. */
    default C multiplyPlain(C a, double[] values, double weightScale) {
        return multiplyPlain(a, prepare(values, level(a), weightScale));
    }

    /**
     * Makes a transform of slots ready: its diagonals are encoded once. Applying it takes one level.
     *
     * @param transform over this algebra's slots
     * @param level level of the inputs, at least 1
     * @param inputScales their scales, one an input
     * @param resultScale scale of the results, reached exactly
     */
    default PreparedTransform<C> prepare(
            LinearTransform transform, int level, double[] inputScales, double resultScale) {
        return new ComposedTransform<>(this, transform, level, inputScales, resultScale);
    }

    /**
     * Makes a transform of slots by factors that only their owner knows ready; otherwise as
     * {@link #prepare(LinearTransform, int, double[], double)}. It takes a relinearisation key as well.
     *
     * @throws IllegalArgumentException if this interpretation cannot use the factors' form: an encrypted run needs encrypted
     *     factors, others need numbers, a count takes both
     */
    PreparedTransform<C> prepare(SecretTransform transform, int level, double[] inputScales, double resultScale);

    /**
     * Slotwise sum with numbers that only their owner knows.
     *
     * @param vector encrypted at the level and scale of {@code a}
     * @throws IllegalArgumentException if this interpretation cannot use its form, or it has another level or scale
     */
    C addSecret(C a, SecretVector vector);
}
