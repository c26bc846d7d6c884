package org.veil4j.he.rlwe;

import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.io.ResiduePacking;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;

/**
 * An encrypted factor of an {@link EncryptedTransform}: (w0, w1) with w0 + w1 s = factor + noise modulo the primes of a level
 * and the special ones. It is encrypted modulo all of these so that rotated inputs need no division by P before they are
 * multiplied; security rests on log Q P as it does for keys. The uniform half w1 follows from a seed, which is all that is
 * written of it. Immutable. Made by {@link DiagonalEncryptor}.
 */
public final class CipherDiagonal implements Diagonal {
    private final RlweParameters parameters;
    private final int level;
    private final double[][] body;
    private final Seed seed;
    private final double @Nullable [][] uniform;

    /** Takes the limbs over. */
    CipherDiagonal(RlweParameters parameters, int level, double[][] body, Seed seed) {
        this(parameters, level, body, seed, null);
    }

    private CipherDiagonal(
            RlweParameters parameters, int level, double[][] body, Seed seed, double @Nullable [][] uniform) {
        this.parameters = parameters;
        this.level = level;
        this.body = body;
        this.seed = seed;
        this.uniform = uniform;
    }

    /** The parameters. */
    @Override
    public RlweParameters parameters() {
        return parameters;
    }

    /** The highest level at which the factor can be used. */
    @Override
    public int maxLevel() {
        return level;
    }

    /** Whether the uniform half is kept; otherwise a use expands it, at the cost of some transforms. */
    public boolean isExpanded() {
        return uniform != null;
    }

    /** The same factor with its uniform half kept: twice the memory. */
    public CipherDiagonal expanded() {
        if (uniform != null) {
            return this;
        }
        double[][] limbs = new double[body.length][];
        for (int i = 0; i < limbs.length; i++) {
            limbs[i] = expand(i, new double[parameters.n()]);
        }
        return new CipherDiagonal(parameters, level, body, seed, limbs);
    }

    private double[] expand(int limb, double[] r) {
        new Sampler(seed, limb).uniform(r, parameters.qpAt(level).modulus(limb));
        return r;
    }

    /** The place of a limb at a lower level. */
    private int place(int at, int limb) {
        return limb <= at ? limb : limb - at + level;
    }

    /** A limb of w0, values in NTT order. */
    double[] body(int at, int limb) {
        return body[place(at, limb)];
    }

    /** A limb of w1, kept or made in scratch. */
    double[] uniform(int at, int limb, double[] scratch) {
        double[][] kept = uniform;
        return kept == null ? expand(place(at, limb), scratch) : kept[place(at, limb)];
    }

    /** Memory in bytes. */
    @Override
    public long sizeBytes() {
        return (isExpanded() ? 2L : 1L) * body.length * parameters.n() * Double.BYTES;
    }

    /** How many bytes {@link #write} writes for a factor of a level. */
    public static long serializedBytes(RlweParameters parameters, int level) {
        long bytes = 32 + Integer.BYTES + Seed.BYTES;
        for (Modulus m : parameters.qpAt(level).moduli()) {
            bytes += ResiduePacking.packedBytes(parameters.n(), m.value());
        }
        return bytes;
    }

    /** Writes fingerprint, level, seed and the half w0. */
    public void write(DataOutput out) throws IOException {
        parameters.fingerprint().write(out);
        out.writeInt(level);
        out.write(seed.toBytes());
        RnsBasis basis = parameters.qpAt(level);
        for (int i = 0; i < body.length; i++) {
            ResiduePacking.write(out, body[i], basis.modulus(i).value());
        }
    }

    /**
     * Reads what {@link #write} wrote, not expanded.
     *
     * @throws org.veil4j.he.io.CorruptDataException when the content is not an encrypted factor
     * @throws ParameterMismatchException when it belongs to other parameters
     */
    public static CipherDiagonal read(PayloadReader in, RlweParameters parameters) throws IOException {
        parameters.requireFingerprint("encrypted factor", in);
        int level = in.readInt("level", 0, parameters.maxLevel());
        Seed seed = Seed.of(in.readBytes(Seed.BYTES, Seed.BYTES));
        double[][] body = Ciphertext.readPart(in, parameters.qpAt(level)).limbs();
        return new CipherDiagonal(parameters, level, body, seed);
    }

    @Override
    public String toString() {
        return "CipherDiagonal[level=" + level + ", " + (isExpanded() ? "expanded" : "seeded") + "]";
    }
}
