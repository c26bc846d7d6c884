package org.veil4j.he.rlwe;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.ring.RnsPoly;

/**
 * The secret s: uniform ternary coefficients. No content in toString, compared by identity only; written only with a
 * {@link SecretKeyAccess} token; {@link #close} wipes it, after which every use is an IllegalStateException.
 */
public final class SecretKey implements AutoCloseable {
    private final RlweParameters parameters;
    private final byte[] coefficients;
    private final Fingerprint keyPair;
    private @Nullable RnsPoly values;

    SecretKey(RlweParameters parameters, byte[] ternary) {
        this.parameters = parameters;
        this.coefficients = ternary;
        this.keyPair = keyPair(parameters, ternary);
        double[] c = new double[ternary.length];
        for (int i = 0; i < c.length; i++) {
            c[i] = ternary[i];
        }
        RnsPoly s = RnsPoly.zero(parameters.qpAt(parameters.maxLevel()), false);
        for (int i = 0; i < s.size(); i++) {
            System.arraycopy(c, 0, s.limb(i), 0, c.length);
        }
        s.toNtt();
        Arrays.fill(c, 0);
        values = s;
    }

    /** A digest of a secret of more than N bits of entropy: names it, and tells nothing of it. */
    private static Fingerprint keyPair(RlweParameters parameters, byte[] ternary) {
        byte[] label = "veil4j key pair".getBytes(StandardCharsets.US_ASCII);
        byte[] owner = parameters.fingerprint().bytes();
        byte[] all = Arrays.copyOf(label, label.length + owner.length + ternary.length);
        System.arraycopy(owner, 0, all, label.length, owner.length);
        System.arraycopy(ternary, 0, all, label.length + owner.length, ternary.length);
        Fingerprint digest = Fingerprint.of(all);
        Arrays.fill(all, (byte) 0);
        return digest;
    }

    /** The parameters. */
    public RlweParameters parameters() {
        return parameters;
    }

    /** Names this key and whatever is made with it: public and evaluation keys carry it, so that others are noticed. Public. */
    public Fingerprint keyPair() {
        return keyPair;
    }

    /** The key as values in NTT order over all primes of Q, then of P. */
    synchronized RnsPoly values() {
        RnsPoly found = values;
        if (found == null) {
            throw new IllegalStateException("secret key: destroyed; keep it open while it is in use");
        }
        return found;
    }

    /** Whether {@link #close} was called. */
    public synchronized boolean isDestroyed() {
        return values == null;
    }

    /** Overwrites the key in memory. Other threads must have finished with it. */
    @Override
    public synchronized void close() {
        RnsPoly found = values;
        if (found != null) {
            found.clear();
            Arrays.fill(coefficients, (byte) 0);
            values = null;
        }
    }

    /**
     * Writes fingerprint and coefficients (one byte each).
     *
     * @param access says that the caller means to export a secret
     */
    public synchronized void write(DataOutput out, SecretKeyAccess access) throws IOException {
        Objects.requireNonNull(access, "access");
        RnsPoly unused = values();
        assert unused.size() > 0;
        parameters.fingerprint().write(out);
        out.write(coefficients);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws org.veil4j.he.io.CorruptDataException when the content is not a secret key
     * @throws ParameterMismatchException when it belongs to other parameters
     */
    public static SecretKey read(PayloadReader in, RlweParameters parameters, SecretKeyAccess access)
            throws IOException {
        Objects.requireNonNull(access, "access");
        parameters.requireFingerprint("secret key", in);
        byte[] ternary = in.readBytes(parameters.n(), parameters.n());
        for (byte b : ternary) {
            if (b < -1 || b > 1) {
                throw in.corrupt("coefficients -1, 0, 1", "another");
            }
        }
        return new SecretKey(parameters, ternary);
    }

    @Override
    public String toString() {
        return "SecretKey[" + parameters.fingerprint().shortHex() + "]";
    }
}
