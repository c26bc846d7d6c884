package org.veil4j.he.rlwe;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.Sampler;

/**
 * Ring degree, moduli and key-switching digits. Immutable, checked once when built; equal by fingerprint.
 *
 * <p>Ciphertexts of level l live modulo q0...ql. Keys live modulo Q P, where P is the product of the special primes. The
 * primes of Q fall into {@link #digits} digits of {@link #digitSize} primes; P is at least as large as any digit.
 */
public final class RlweParameters {
    /** Most primes in Q or in P. */
    public static final int MAX_PRIMES = 128;

    private static final int FORMAT = 1;

    private final SecurityLevel security;
    private final RnsBasis q;
    private final RnsBasis p;
    private final int digits;
    private final int digitSize;
    private final double logQ;
    private final double logQP;
    private final Fingerprint fingerprint;
    private final AtomicReferenceArray<@Nullable RnsBasis> qAt;
    private final AtomicReferenceArray<@Nullable RnsBasis> qpAt;

    RlweParameters(SecurityLevel security, RnsBasis q, RnsBasis p, int digits) {
        this.security = security;
        this.q = q;
        this.p = p;
        this.digitSize = (q.size() + digits - 1) / digits;
        this.digits = (q.size() + digitSize - 1) / digitSize;
        this.logQ = q.logProduct();
        this.logQP = logQ + p.logProduct();
        qAt = new AtomicReferenceArray<>(q.size());
        qpAt = new AtomicReferenceArray<>(q.size());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail to take bytes", e);
        }
        fingerprint = Fingerprint.of(bytes.toByteArray());
    }

    /** A builder; logN and the moduli have no defaults. */
    public static RlweParametersBuilder builder() {
        return new RlweParametersBuilder();
    }

    /** log2 of the ring degree. */
    public int logN() {
        return q.logN();
    }

    /** The ring degree N. */
    public int n() {
        return q.n();
    }

    /** The ciphertext primes q0, q1, ..., in the order in which levels count them. */
    public RnsBasis q() {
        return q;
    }

    /** The special primes, used by keys only. */
    public RnsBasis p() {
        return p;
    }

    /** The basis of a ciphertext of a level: its first level+1 primes. Cached. */
    public RnsBasis qAt(int level) {
        RnsBasis found = qAt.get(level);
        if (found == null) {
            found = q.prefix(level + 1);
            qAt.set(level, found);
        }
        return found;
    }

    /** The basis of a level followed by the special primes. Cached. */
    public RnsBasis qpAt(int level) {
        RnsBasis found = qpAt.get(level);
        if (found == null) {
            found = qAt(level).concat(p);
            qpAt.set(level, found);
        }
        return found;
    }

    /** The highest level: the number of ciphertext primes less one. */
    public int maxLevel() {
        return q.size() - 1;
    }

    /** How many digits key switching cuts a polynomial of the highest level into (dnum). */
    public int digits() {
        return digits;
    }

    /** Primes in a digit (alpha); the last digit may have fewer. */
    public int digitSize() {
        return digitSize;
    }

    /** How many digits a polynomial of a level has. */
    public int digitsAt(int level) {
        return level / digitSize + 1;
    }

    /** log2 of the product of the ciphertext primes. */
    public double logQ() {
        return logQ;
    }

    /** log2 of the product of all primes, the special ones included: what security depends on. */
    public double logQP() {
        return logQP;
    }

    /** The level that was asked for. */
    public SecurityLevel security() {
        return security;
    }

    /** Security by the table, whatever was asked for: 256, 192, 128, or 0 when it is below 128 bits. */
    public int securityBits() {
        return SecurityTable.securityBits(logN(), logQP);
    }

    /** Standard deviation of the encryption errors. */
    public double errorStdDev() {
        return Sampler.SIGMA;
    }

    /** SHA-256 of the serialised parameters. */
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /**
     * Checks that something belongs to these parameters.
     *
     * @param what its name for the message
     * @param other the parameters that it belongs to
     * @throws ParameterMismatchException when they differ
     */
    public void requireSame(String what, RlweParameters other) {
        if (!equals(other)) {
            throw new ParameterMismatchException(what, fingerprint, other.fingerprint);
        }
    }

    /** Reads a fingerprint, as everything serialised begins with one, and checks that it names these parameters. */
    void requireFingerprint(String what, PayloadReader in) throws IOException {
        Fingerprint found = Fingerprint.read(in);
        if (!found.equals(fingerprint)) {
            throw new ParameterMismatchException(what, fingerprint, found);
        }
    }

    /**
     * Checks a level.
     *
     * @throws IllegalArgumentException when it is not from 0 to {@link #maxLevel}
     */
    public void requireLevel(int level) {
        if (level < 0 || level > maxLevel()) {
            throw new IllegalArgumentException("level=" + level + ": must be 0 to " + maxLevel());
        }
    }

    /** Writes the parameters: format, security level, logN, digits, primes. */
    public void write(DataOutput out) throws IOException {
        out.writeInt(FORMAT);
        out.writeUTF(security.name());
        out.writeInt(logN());
        out.writeInt(digits);
        for (RnsBasis basis : List.of(q, p)) {
            out.writeInt(basis.size());
            for (Modulus m : basis.moduli()) {
                out.writeLong(m.value());
            }
        }
    }

    /**
     * Reads what {@link #write} wrote, with every check that the builder makes.
     *
     * @throws org.veil4j.he.io.CorruptDataException when the content is not a valid parameter set
     */
    public static RlweParameters read(PayloadReader in) throws IOException {
        in.readInt("parameter format", FORMAT, FORMAT);
        String name = in.readUtf(64);
        int logN = in.readInt("logN", RnsBasis.MIN_LOG_N, RnsBasis.MAX_LOG_N);
        int digits = in.readInt("digits", 1, MAX_PRIMES);
        List<Modulus> q = readPrimes(in, "ciphertext primes");
        List<Modulus> p = readPrimes(in, "special primes");
        try {
            return builder()
                    .logN(logN)
                    .security(SecurityLevel.valueOf(name))
                    .moduli(q)
                    .specialModuli(p)
                    .digits(digits)
                    .build();
        } catch (IllegalArgumentException e) {
            throw in.corrupt("a valid parameter set", String.valueOf(e.getMessage()));
        }
    }

    private static List<Modulus> readPrimes(PayloadReader in, String what) throws IOException {
        int count = in.readCount(what, MAX_PRIMES, Long.BYTES);
        if (count == 0) {
            throw in.corrupt("at least one of the " + what, "none");
        }
        List<Modulus> primes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long value = in.readLong();
            try {
                primes.add(Modulus.of(value));
            } catch (IllegalArgumentException e) {
                throw in.corrupt("a prime among the " + what, Long.toString(value));
            }
        }
        return primes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other == this || (other instanceof RlweParameters r && r.fingerprint.equals(fingerprint));
    }

    @Override
    public int hashCode() {
        return fingerprint.hashCode();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "RlweParameters[%s, logN=%d, logQ=%.1f in %d primes, logQP=%.1f, digits=%d, %s]",
                fingerprint.shortHex(),
                logN(),
                logQ,
                q.size(),
                logQP,
                digits,
                security == SecurityLevel.INSECURE_TEST ? "INSECURE" : securityBits() + " bits");
    }
}
