package org.veil4j.he.rlwe;

import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.io.ResiduePacking;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;
import org.veil4j.he.ring.Workers;

/**
 * A key-switching key as it travels: the halves b, and the seed that the halves a are expanded from. Memory: 8 digits
 * (level + 1 + special primes) N bytes.
 *
 * @param level the highest level at which the key can be used
 * @param b by limb (of the level's primes, then the special ones), then digit
 */
record SeededKey(RlweParameters parameters, int level, Seed seed, double[][][] b) {
    /** The key of halves by digit, whose limbs are shared. */
    static SeededKey of(RlweParameters parameters, int level, Seed seed, RnsPoly[] b) {
        double[][][] limbs = new double[b[0].size()][b.length][];
        for (int i = 0; i < limbs.length; i++) {
            for (int d = 0; d < b.length; d++) {
                limbs[i][d] = b[d].limb(i);
            }
        }
        return new SeededKey(parameters, level, seed, limbs);
    }

    /** The seed that the half a of digit d is expanded from, limb i from stream i. */
    static Seed digitSeed(Seed seed, int d) {
        return seed.derive("key-switch digit", d);
    }

    /** Writes the seed, then the halves b, digit by digit. */
    void write(DataOutput out) throws IOException {
        out.write(seed.toBytes());
        RnsBasis basis = parameters.qpAt(level);
        for (int d = 0; d < parameters.digitsAt(level); d++) {
            for (int i = 0; i < basis.size(); i++) {
                ResiduePacking.write(out, b[i][d], basis.modulus(i).value());
            }
        }
    }

    /** The key to compute with. Expands the halves a, in parallel over limbs and digits. */
    KeySwitchKey expanded() {
        int digits = parameters.digitsAt(level);
        RnsBasis basis = parameters.qpAt(level);
        double[][][] a = new double[basis.size()][digits][];
        Seed[] seeds = seeds(seed, digits);
        Workers.forEach(
                basis.size() * digits, k -> a[k / digits][k % digits] = expand(seeds[k % digits], basis, k / digits));
        return new KeySwitchKey(this, a);
    }

    private static Seed[] seeds(Seed seed, int digits) {
        Seed[] seeds = new Seed[digits];
        for (int d = 0; d < digits; d++) {
            seeds[d] = digitSeed(seed, d);
        }
        return seeds;
    }

    private static double[] expand(Seed digit, RnsBasis basis, int i) {
        double[] limb = new double[basis.n()];
        new Sampler(digit, i).uniform(limb, basis.modulus(i));
        return limb;
    }

    /**
     * Reads what {@link #write} wrote, as a key to compute with. Bytes are read and checked in order, one limb at a time; what
     * takes longer, unpacking them and expanding the halves a, is done in parallel over limbs and digits.
     *
     * @throws org.veil4j.he.io.CorruptDataException when a residue is too large or the frame ends
     */
    static KeySwitchKey read(PayloadReader in, RlweParameters parameters, int level) throws IOException {
        in.require(KeySwitchKey.serializedBytes(parameters, level));
        Seed seed = Seed.of(in.readBytes(Seed.BYTES, Seed.BYTES));
        RnsBasis basis = parameters.qpAt(level);
        int digits = parameters.digitsAt(level);
        double[][][] b = new double[basis.size()][digits][];
        double[][][] a = new double[basis.size()][digits][];
        Seed[] seeds = seeds(seed, digits);
        int[] next = {0};
        try {
            Workers.forEach(basis.size() * digits, task -> {
                int d;
                int i;
                PayloadReader packed;
                synchronized (next) {
                    d = next[0] / basis.size();
                    i = next[0] % basis.size();
                    packed = packedLimb(in, basis.modulus(i), basis.n());
                    next[0]++;
                }
                b[i][d] = unpack(packed, basis.modulus(i), basis.n());
                a[i][d] = expand(seeds[d], basis, i);
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return new KeySwitchKey(new SeededKey(parameters, level, seed, b), a);
    }

    private static PayloadReader packedLimb(PayloadReader in, Modulus m, int n) {
        long bytes = ResiduePacking.packedBytes(n, m.value());
        try {
            return PayloadReader.of(in.readBytes(bytes, (int) bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double[] unpack(PayloadReader packed, Modulus m, int n) {
        double[] limb = new double[n];
        try {
            packed.readResidues(limb, m.value());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return limb;
    }

    @Override
    public String toString() {
        return "SeededKey[level=" + level + "]";
    }
}
