package org.veil4j.he.rlwe;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.io.ResiduePacking;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;

/**
 * A hybrid key-switching key from a secret t to a secret s: for each digit d a pair (b, a) modulo Q P with
 * b = -a s + e + P g t, where g is 1 modulo the digit's primes and 0 modulo the others. The halves a are expanded from a
 * seed. Immutable. Memory: 16 digits (level + 1 + special primes) N bytes.
 */
public final class KeySwitchKey {
    private final RlweParameters parameters;
    private final int maxLevel;
    private final int digits;
    private final Seed seed;
    /** By limb (of the level's primes, then the special ones), then digit. */
    private final double[][][] b;

    private final double[][][] a;

    KeySwitchKey(RlweParameters parameters, int maxLevel, RnsPoly[] b, Seed seed) {
        this.parameters = parameters;
        this.maxLevel = maxLevel;
        this.digits = parameters.digitsAt(maxLevel);
        this.seed = seed;
        this.b = byLimb(b);
        RnsPoly[] expanded = new RnsPoly[digits];
        for (int d = 0; d < digits; d++) {
            expanded[d] = expand(parameters, maxLevel, seed, d);
        }
        this.a = byLimb(expanded);
    }

    /** The random half of digit d. */
    static RnsPoly expand(RlweParameters parameters, int maxLevel, Seed seed, int d) {
        RnsPoly a = RnsPoly.zero(parameters.qpAt(maxLevel), true);
        Sampler.uniform(a, seed.derive("key-switch digit", d));
        return a;
    }

    private static double[][][] byLimb(RnsPoly[] digits) {
        double[][][] limbs = new double[digits[0].size()][digits.length][];
        for (int i = 0; i < limbs.length; i++) {
            for (int d = 0; d < digits.length; d++) {
                limbs[i][d] = digits[d].limb(i);
            }
        }
        return limbs;
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
        return sizeBytes(parameters, maxLevel);
    }

    /** Memory of a key that is used up to a level, in bytes; known before there is one. */
    public static long sizeBytes(RlweParameters parameters, int maxLevel) {
        return 2L
                * parameters.digitsAt(maxLevel)
                * (maxLevel + 1 + parameters.p().size())
                * parameters.n()
                * Double.BYTES;
    }

    /** How many bytes {@link #write} writes for a key that is used up to a level. */
    public static long serializedBytes(RlweParameters parameters, int maxLevel) {
        long half = 0;
        for (Modulus m : parameters.qpAt(maxLevel).moduli()) {
            half += ResiduePacking.packedBytes(parameters.n(), m.value());
        }
        return half * parameters.digitsAt(maxLevel) + Seed.BYTES;
    }

    /** Writes the seed, then the halves b, digit by digit. */
    void write(DataOutput out) throws IOException {
        out.write(seed.toBytes());
        RnsBasis basis = parameters.qpAt(maxLevel);
        for (int d = 0; d < digits; d++) {
            for (int i = 0; i < basis.size(); i++) {
                ResiduePacking.write(out, b[i][d], basis.modulus(i).value());
            }
        }
    }

    static KeySwitchKey read(PayloadReader in, RlweParameters parameters, int maxLevel) throws IOException {
        Seed seed = Seed.of(in.readBytes(Seed.BYTES, Seed.BYTES));
        RnsPoly[] b = new RnsPoly[parameters.digitsAt(maxLevel)];
        for (int d = 0; d < b.length; d++) {
            b[d] = Ciphertext.readPart(in, parameters.qpAt(maxLevel));
        }
        return new KeySwitchKey(parameters, maxLevel, b, seed);
    }

    @Override
    public String toString() {
        return "KeySwitchKey[digits=" + digits + ", maxLevel=" + maxLevel + "]";
    }
}
