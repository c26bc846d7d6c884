package org.veil4j.he.rlwe;

import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.Fingerprint;

/** Two things that must be of one key pair are of different ones: computed with together, they would give noise. */
public final class KeyPairMismatchException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private KeyPairMismatchException(String message) {
        super(message);
    }

    /**
     * Checks that something belongs to a key pair.
     *
     * @param what for messages, such as "encrypted images"
     * @param expected the key pair in use, see {@link SecretKey#keyPair}
     * @param found that of what was given; null where it does not say
     * @param remedy what to do then
     * @throws KeyPairMismatchException if it belongs to another, or does not say
     */
    public static void require(String what, Fingerprint expected, @Nullable Fingerprint found, String remedy) {
        if (!expected.equals(found)) {
            throw new KeyPairMismatchException(
                    what + ": of " + (found == null ? "an unnamed key pair" : "key pair " + found)
                            + ", must be of key pair " + expected + "; " + remedy);
        }
    }
}
