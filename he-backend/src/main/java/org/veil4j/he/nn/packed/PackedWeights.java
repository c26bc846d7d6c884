package org.veil4j.he.nn.packed;

import org.veil4j.he.circuit.SlotAlgebra;

/**
 * The weights of a packed plan in one of their forms: the plan itself is public and has none. Immutable; safe for use by several
 * threads.
 */
public sealed interface PackedWeights permits ClearWeights, EncryptedWeights, CountedWeights {
    /**
     * Makes the affine function of a stage ready.
     *
     * @param plan whose weights these are
     * @param inputScales scales of the inputs of the stage's transform
     */
    <C> StageLinear<C> stage(SlotAlgebra<C> algebra, PackedPlan plan, int stage, double[] inputScales);

    /** Bytes of memory that they take besides what is made ready. */
    long sizeBytes();
}
