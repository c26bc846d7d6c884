package org.veil4j.he.rlwe;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;

/** The pair (b, a) with b = -a s + e modulo Q: encrypts, does not decrypt. Its half a is expanded from a seed. Immutable. */
public final class PublicKey {
    private final RlweParameters parameters;
    private final Fingerprint keyPair;
    private final RnsPoly b;
    private final RnsPoly a;
    private final Seed seed;

    PublicKey(RlweParameters parameters, Fingerprint keyPair, RnsPoly b, Seed seed) {
        this.parameters = parameters;
        this.keyPair = keyPair;
        this.b = b;
        this.seed = seed;
        this.a = RnsPoly.zero(parameters.q(), true);
        Sampler.uniform(a, seed);
    }

    /** The parameters. */
    public RlweParameters parameters() {
        return parameters;
    }

    /** Names the secret key that this belongs to, see {@link SecretKey#keyPair}. */
    public Fingerprint keyPair() {
        return keyPair;
    }

    RnsPoly b() {
        return b;
    }

    RnsPoly a() {
        return a;
    }

    /** Writes the fingerprints of parameters and key pair, seed and b. */
    public void write(DataOutput out) throws IOException {
        parameters.fingerprint().write(out);
        keyPair.write(out);
        out.write(seed.toBytes());
        Ciphertext.writePart(out, b);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws org.veil4j.he.io.CorruptDataException when the content is not a public key
     * @throws ParameterMismatchException when it belongs to other parameters
     */
    public static PublicKey read(PayloadReader in, RlweParameters parameters) throws IOException {
        parameters.requireFingerprint("public key", in);
        Fingerprint keyPair = Fingerprint.read(in);
        Seed seed = Seed.of(in.readBytes(Seed.BYTES, Seed.BYTES));
        return new PublicKey(parameters, keyPair, Ciphertext.readPart(in, parameters.q()), seed);
    }

    @Override
    public String toString() {
        return "PublicKey[" + parameters.fingerprint().shortHex() + "]";
    }
}
