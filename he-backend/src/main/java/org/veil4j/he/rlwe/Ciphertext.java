package org.veil4j.he.rlwe;

import java.io.DataOutput;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.io.ResiduePacking;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;

/**
 * An encryption: parts c0, c1, ... with c0 + c1 s + c2 s^2 + ... = message + noise modulo the primes of its level.
 *
 * <p>The reference is immutable; the residues can be reached and must be changed only by who made the ciphertext. While a
 * symmetric encryption is fresh, c1 is the expansion of a seed, and only the seed is written.
 *
 * <p>{@link #atLevel} and {@link #withScale} give values that share residues. Once one of them gave up its residues, because
 * they were overwritten ({@link #retire}) or went back to the pool ({@link #release}), every use of any of them is an
 * IllegalStateException.
 */
public final class Ciphertext {
    /** Highest degree. */
    public static final int MAX_DEGREE = 8;

    private final RlweParameters parameters;
    private final RnsPoly[] parts;
    private final double scale;
    private final @Nullable Seed seed;
    /** Whether the residues were given up; one for all values that share them. */
    private final AtomicBoolean retired;

    /**
     * A ciphertext over given parts.
     *
     * @param parts 2 to {@link #MAX_DEGREE} + 1, of one level, values in NTT order; shared, not copied
     * @param scale finite and positive
     * @param seed what part 1 was expanded from (limb i from stream i), or null
     */
    public Ciphertext(RlweParameters parameters, RnsPoly[] parts, double scale, @Nullable Seed seed) {
        this(parameters, parts, scale, seed, new AtomicBoolean());
    }

    private Ciphertext(
            RlweParameters parameters, RnsPoly[] parts, double scale, @Nullable Seed seed, AtomicBoolean retired) {
        requireScale(scale);
        if (parts.length < 2 || parts.length > MAX_DEGREE + 1) {
            throw new IllegalArgumentException(
                    "parts=" + parts.length + ": must be 2 to " + (MAX_DEGREE + 1) + "; relinearise products first");
        }
        for (RnsPoly part : parts) {
            requirePart(parameters, part, parts[0].size());
        }
        if (seed != null && parts.length != 2) {
            throw new IllegalArgumentException("parts=" + parts.length + ": only a ciphertext of 2 parts has a seed");
        }
        this.parameters = parameters;
        this.parts = parts.clone();
        this.scale = scale;
        this.seed = seed;
        this.retired = retired;
    }

    private void requireInUse() {
        if (retired.get()) {
            throw new IllegalStateException(
                    "ciphertext: its residues were overwritten or released; use it before that, or a copy()");
        }
    }

    /**
     * Declares that the residues are no longer this ciphertext's, nor any other's that shares them: each use is refused
     * from now on.
     *
     * @throws IllegalStateException when they were given up before
     */
    public void retire() {
        if (!retired.compareAndSet(false, true)) {
            requireInUse();
        }
    }

    /**
     * Gives the residues' memory to the pool of limbs, and retires the ciphertext.
     *
     * @throws IllegalStateException when the residues were given up before
     */
    public void release() {
        retire();
        LimbPool pool = LimbPool.of(parameters.n());
        for (RnsPoly part : parts) {
            for (int i = 0; i < part.size(); i++) {
                pool.give(part.limb(i));
            }
        }
    }

    /**
     * The encryption of zero whose parts are all zero. Hides nothing: a start for sums.
     *
     * @param degree number of parts less one, at least 1
     */
    public static Ciphertext zero(RlweParameters parameters, int degree, int level, double scale) {
        parameters.requireLevel(level);
        RnsPoly[] parts = new RnsPoly[degree + 1];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = RnsPoly.zero(parameters.qAt(level), true);
        }
        return new Ciphertext(parameters, parts, scale, null);
    }

    static void requireScale(double scale) {
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("scale=" + scale + ": must be finite and positive");
        }
    }

    static void requirePart(RlweParameters parameters, RnsPoly part, int size) {
        if (size < 1 || size > parameters.q().size() || part.size() != size) {
            throw new IllegalArgumentException("limbs=" + part.size() + ": must be 1 to "
                    + parameters.q().size() + " ciphertext primes, the same for all parts");
        }
        RnsBasis basis = parameters.qAt(size - 1);
        if (!part.basis().equals(basis)) {
            throw new IllegalArgumentException("basis=" + part.basis() + ": must be the first ciphertext primes of "
                    + parameters.fingerprint().shortHex());
        }
        if (!part.isNtt()) {
            throw new IllegalArgumentException("ntt=false: must be values in NTT order; call toNtt first");
        }
    }

    static String log2(double scale) {
        return String.format(Locale.ROOT, "%.2f", Math.log(scale) / Math.log(2));
    }

    /** The parameters. */
    public RlweParameters parameters() {
        return parameters;
    }

    /** The number of parts less one. */
    public int degree() {
        return parts.length - 1;
    }

    /**
     * Part i, values in NTT order; not a copy.
     *
     * @throws IllegalStateException when the residues were given up
     */
    public RnsPoly part(int i) {
        requireInUse();
        return parts[i];
    }

    /** By what the encoded values are multiplied. */
    public double scale() {
        return scale;
    }

    /** The level: the number of primes less one. */
    public int level() {
        return parts[0].size() - 1;
    }

    /** What part 1 is expanded from while this is a fresh symmetric encryption, else null. */
    public @Nullable Seed seed() {
        return seed;
    }

    /** An independent copy without the seed, whose parts may be changed. */
    public Ciphertext copy() {
        requireInUse();
        RnsPoly[] copies = new RnsPoly[parts.length];
        for (int i = 0; i < parts.length; i++) {
            copies[i] = parts[i].copy();
        }
        return new Ciphertext(parameters, copies, scale, null);
    }

    /** The same residues taken at another scale: multiplies what is encoded by scale() / newScale. No cost, no noise. */
    public Ciphertext withScale(double newScale) {
        requireInUse();
        return new Ciphertext(parameters, parts, newScale, seed, retired);
    }

    /** The same message modulo fewer primes: the lower limbs, shared. No cost, no noise; keeps the seed. */
    public Ciphertext atLevel(int level) {
        if (level < 0 || level > level()) {
            throw new LevelExhaustedException("level=" + level + ": must be 0 to the ciphertext's level " + level());
        }
        requireInUse();
        if (level == level()) {
            return this;
        }
        RnsPoly[] lower = new RnsPoly[parts.length];
        RnsBasis basis = parameters.qAt(level);
        for (int i = 0; i < parts.length; i++) {
            double[][] limbs = new double[level + 1][];
            for (int l = 0; l <= level; l++) {
                limbs[l] = parts[i].limb(l);
            }
            lower[i] = RnsPoly.wrap(basis, limbs, true);
        }
        return new Ciphertext(parameters, lower, scale, seed, retired);
    }

    /** Memory of the residues in bytes. */
    public long sizeBytes() {
        return (long) parts.length * (level() + 1) * parameters.n() * Double.BYTES;
    }

    /** How many bytes {@link #write} writes. */
    public long serializedBytes() {
        return serializedBytes(parameters, degree(), level(), seed != null);
    }

    /** How many bytes {@link #write} writes for a ciphertext of this shape; known before there is one. */
    public static long serializedBytes(RlweParameters parameters, int degree, int level, boolean fresh) {
        long part = 0;
        for (Modulus m : parameters.qAt(level).moduli()) {
            part += ResiduePacking.packedBytes(parameters.n(), m.value());
        }
        return 32 + 4 + 4 + 8 + 1 + (fresh ? part + Seed.BYTES : part * (degree + 1));
    }

    /** Writes fingerprint, degree, level, scale, then c0 and the seed, or all parts. */
    public void write(DataOutput out) throws IOException {
        requireInUse();
        parameters.fingerprint().write(out);
        out.writeInt(degree());
        out.writeInt(level());
        out.writeDouble(scale);
        out.writeBoolean(seed != null);
        if (seed != null) {
            writePart(out, parts[0]);
            out.write(seed.toBytes());
        } else {
            for (RnsPoly part : parts) {
                writePart(out, part);
            }
        }
    }

    /**
     * Reads what {@link #write} wrote and expands the seed if there is one.
     *
     * @throws org.veil4j.he.io.CorruptDataException when the content is not a ciphertext
     * @throws ParameterMismatchException when it belongs to other parameters
     */
    public static Ciphertext read(PayloadReader in, RlweParameters parameters) throws IOException {
        parameters.requireFingerprint("ciphertext", in);
        int degree = in.readInt("degree", 1, MAX_DEGREE);
        int level = in.readInt("level", 0, parameters.maxLevel());
        double scale = in.readFinite("scale");
        if (!(scale > 0)) {
            throw in.corrupt("a positive scale", Double.toString(scale));
        }
        boolean seeded = in.readBoolean();
        if (seeded && degree != 1) {
            throw in.corrupt("degree 1 with a seed", Integer.toString(degree));
        }
        RnsBasis basis = parameters.qAt(level);
        RnsPoly[] parts = new RnsPoly[degree + 1];
        Seed seed = null;
        parts[0] = readPart(in, basis);
        if (seeded) {
            seed = Seed.of(in.readBytes(Seed.BYTES, Seed.BYTES));
            parts[1] = RnsPoly.zero(basis, true);
            Sampler.uniform(parts[1], seed);
        } else {
            for (int i = 1; i <= degree; i++) {
                parts[i] = readPart(in, basis);
            }
        }
        return new Ciphertext(parameters, parts, scale, seed);
    }

    static void writePart(DataOutput out, RnsPoly part) throws IOException {
        for (int i = 0; i < part.size(); i++) {
            ResiduePacking.write(out, part.limb(i), part.basis().modulus(i).value());
        }
    }

    static RnsPoly readPart(PayloadReader in, RnsBasis basis) throws IOException {
        double[][] limbs = new double[basis.size()][];
        for (int i = 0; i < limbs.length; i++) {
            long p = basis.modulus(i).value();
            in.require(ResiduePacking.packedBytes(basis.n(), p));
            limbs[i] = new double[basis.n()];
            in.readResidues(limbs[i], p);
        }
        return RnsPoly.wrap(basis, limbs, true);
    }

    @Override
    public String toString() {
        return "Ciphertext[degree=" + degree() + ", level=" + level() + ", scale=2^" + log2(scale) + "]";
    }
}
