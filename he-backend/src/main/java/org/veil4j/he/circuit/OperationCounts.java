package org.veil4j.he.circuit;

import java.util.EnumMap;
import java.util.Map;

/**
 * How often each operation ran, in units of one residue polynomial (a limb): an operation on a ciphertext of degree d
 * and l limbs counts (d + 1) * l. Key switches and rescalings also count whole. Safe for concurrent use.
 */
public final class OperationCounts {
    /** Kinds of work with nearly constant cost a unit at a given N. */
    public enum Kind {
        /** Additions, subtractions, negations, constants: limbs. */
        ADD_LIMBS,
        /** Pointwise modular products: limbs. */
        MULTIPLY_LIMBS,
        /** Multiply-adds of a scalar weight with a limb. */
        SCALAR_LIMBS,
        /** Forward and inverse number-theoretic transforms: limbs. */
        NTT_LIMBS,
        /** Multiply-adds of a limb with a key limb in key switching. */
        KEY_LIMBS,
        /** Multiply-adds of a limb in base conversion. */
        CONVERT_LIMBS,
        /** Key switches (relinearisations, rotations, conjugations). */
        KEY_SWITCHES,
        /** Rotations and conjugations among the key switches. */
        ROTATIONS,
        /** Rescaled ciphertexts. */
        RESCALES
    }

    private final EnumMap<Kind, Long> counts = new EnumMap<>(Kind.class);

    /** Adds to a count. */
    public synchronized void add(Kind kind, long units) {
        counts.merge(kind, units, Math::addExact);
    }

    /** Units counted so far. */
    public synchronized long get(Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    /** A copy of all counts. */
    public synchronized Map<Kind, Long> toMap() {
        return new EnumMap<>(counts);
    }

    /**
     * A rough price of all that was counted, in transforms of one limb: for choosing between circuits, the same on every
     * machine.
     */
    public synchronized double relativeCost() {
        return get(Kind.NTT_LIMBS)
                + 0.1 * (get(Kind.MULTIPLY_LIMBS) + get(Kind.KEY_LIMBS) + get(Kind.CONVERT_LIMBS))
                + 0.05 * (get(Kind.ADD_LIMBS) + get(Kind.SCALAR_LIMBS));
    }

    @Override
    public String toString() {
        return toMap().toString();
    }
}
