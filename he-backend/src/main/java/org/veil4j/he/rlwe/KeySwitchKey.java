package org.veil4j.he.rlwe;

import org.veil4j.he.io.ResiduePacking;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.Seed;

/**
 * A hybrid key-switching key from a secret t to a secret s: for each digit d a pair (b, a) modulo Q P with
 * b = -a s + e + P g t, where g is 1 modulo the digit's primes and 0 modulo the others. The halves a are expanded from a
 * seed. Immutable. Memory: 16 digits (level + 1 + special primes) N bytes.
 */
public final class KeySwitchKey {
    private final SeededKey seeded;
    private final int maxLevel;
    /** By limb (of the level's primes, then the special ones), then digit. */
    private final double[][][] b;

    private final double[][][] a;

    /** A key whose halves a were expanded from its seed. */
    KeySwitchKey(SeededKey seeded, double[][][] a) {
        this.seeded = seeded;
        this.maxLevel = seeded.level();
        this.b = seeded.b();
        this.a = a;
    }

    /** The key as it travels; shares memory. */
    SeededKey seeded() {
        return seeded;
    }

    /** The highest level at which the key can be used. */
    public int maxLevel() {
        return maxLevel;
    }

    /** The limbs of b, one a digit, for a prime of Q, or of P after the primes of {@code level}. */
    double[][] b(int limb, int level) {
        return b[limb <= level ? limb : limb - level + maxLevel];
    }

    /** The limbs of a, as {@link #b}. */
    double[][] a(int limb, int level) {
        return a[limb <= level ? limb : limb - level + maxLevel];
    }

    /** Memory of the residues in bytes. */
    public long sizeBytes() {
        return sizeBytes(seeded.parameters(), maxLevel);
    }

    /** Memory of a key that is used up to a level, in bytes; known before there is one. */
    public static long sizeBytes(RlweParameters parameters, int maxLevel) {
        return 2L
                * parameters.digitsAt(maxLevel)
                * (maxLevel + 1 + parameters.p().size())
                * parameters.n()
                * Double.BYTES;
    }

    /** Bytes of a key that is used up to a level when written: packed halves b and a seed. */
    public static long serializedBytes(RlweParameters parameters, int maxLevel) {
        long half = 0;
        for (Modulus m : parameters.qpAt(maxLevel).moduli()) {
            half += ResiduePacking.packedBytes(parameters.n(), m.value());
        }
        return half * parameters.digitsAt(maxLevel) + Seed.BYTES;
    }

    @Override
    public String toString() {
        return "KeySwitchKey[digits=" + seeded.parameters().digitsAt(maxLevel) + ", maxLevel=" + maxLevel + "]";
    }
}
