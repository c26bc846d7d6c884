package org.veil4j.dp.mechanism;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Cryptographic randomness that can be addressed: AES-256 in counter mode under a secret key. {@link #seek} chooses one of
 * 2^64 independent streams of 2^64 blocks each; what a stream gives depends on the key and its number only. The key is drawn
 * from {@link SecureRandom} and never leaves the object, or, for tests, derived from a seed that anyone may know.
 *
 * <p>About 1 GB/s on a processor with AES instructions. Not thread-safe.
 */
public final class RandomStream {
    private static final int KEY_BYTES = 32;
    private static final int BUFFER_BYTES = 1 << 14;
    private static final byte[] ZEROS = new byte[BUFFER_BYTES];
    private static final SecureRandom SECURE = new SecureRandom();

    private final SecretKeySpec key;
    private final Cipher cipher;
    private final byte[] bytes = new byte[BUFFER_BYTES];
    private final LongBuffer words = ByteBuffer.wrap(bytes).asLongBuffer();
    private int next = words.capacity();

    private RandomStream(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/CTR: must be in every Java runtime; repair the installation", e);
        }
        seek(0);
    }

    /** Streams under a fresh secret key. */
    public static RandomStream secure() {
        byte[] key = new byte[KEY_BYTES];
        SECURE.nextBytes(key);
        return new RandomStream(key);
    }

    /**
     * Reproducible streams: not private, for tests only.
     *
     * @param seed any number
     * @param purpose keeps the streams of different uses apart
     */
    public static RandomStream seededForTesting(long seed, String purpose) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(purpose.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).array());
            return new RandomStream(digest.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SHA-256: must be in every Java runtime; repair the installation", e);
        }
    }

    /** Goes to the beginning of a stream; using one number twice gives the same words twice. */
    public void seek(long stream) {
        try {
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    key,
                    new IvParameterSpec(
                            ByteBuffer.allocate(16).putLong(stream).putLong(0).array()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256: must be in every Java runtime; repair the installation", e);
        }
        next = words.capacity();
    }

    /** 64 uniform bits. */
    public long nextLong() {
        if (next == words.capacity()) {
            refill();
        }
        return words.get(next++);
    }

    private void refill() {
        try {
            int written = cipher.update(ZEROS, 0, BUFFER_BYTES, bytes, 0);
            if (written != BUFFER_BYTES) {
                throw new IllegalStateException("AES/CTR gave " + written + " bytes instead of " + BUFFER_BYTES);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/CTR: no room for its output", e);
        }
        next = 0;
    }

    /** Nothing of the key. */
    @Override
    public String toString() {
        return "RandomStream(AES-256/CTR)";
    }
}
