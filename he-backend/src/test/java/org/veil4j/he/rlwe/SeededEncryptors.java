package org.veil4j.he.rlwe;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.veil4j.he.ring.Seed;

/** Encryptors whose randomness follows from a number, so that a test which fails can be repeated exactly. */
public final class SeededEncryptors {
    private SeededEncryptors() {}

    /** With a secret key; the same number and calls give the same ciphertexts. */
    public static Encryptor symmetric(SecretKey key, long number) {
        return Encryptor.symmetric(key, seeds(number));
    }

    /** With a public key. */
    public static Encryptor publicKey(PublicKey key, long number) {
        return Encryptor.publicKey(key, seeds(number));
    }

    private static Supplier<Seed> seeds(long number) {
        Seed root = Fixtures.seed(number);
        AtomicLong drawn = new AtomicLong();
        return () -> root.derive("test encryptor", drawn.getAndIncrement());
    }
}
