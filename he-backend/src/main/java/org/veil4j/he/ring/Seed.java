package org.veil4j.he.ring;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * 32 bytes from which a {@link Sampler} expands randomness. Immutable. May be secret: no content in toString; equality
 * compares in constant time.
 */
public final class Seed {
    /** Length in bytes. */
    public static final int BYTES = 32;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] bytes;

    private Seed(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A fresh seed from the system's cryptographic generator. */
    public static Seed random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return new Seed(bytes);
    }

    /**
     * A seed with the given content, which is copied.
     *
     * @throws IllegalArgumentException when there are not 32 bytes
     */
    public static Seed of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("length=" + bytes.length + ": a seed has " + BYTES + " bytes");
        }
        return new Seed(bytes.clone());
    }

    /** A copy of the 32 bytes. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /**
     * An independent seed: HMAC-SHA256 with this seed as the key over the label in UTF-8, a zero byte and the index as 8
     * bytes, big-endian. Part of the file format: never changes.
     *
     * @param label what the derived seed is for; no zero characters
     */
    public Seed derive(String label, long index) {
        if (label.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("label: must not hold a zero character; use the index to number seeds");
        }
        byte[] name = label.getBytes(StandardCharsets.UTF_8);
        byte[] message = ByteBuffer.allocate(name.length + 1 + Long.BYTES)
                .put(name)
                .put((byte) 0)
                .putLong(index)
                .array();
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(bytes, "HmacSHA256"));
            return new Seed(mac.doFinal(message));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("HmacSHA256: must be in every Java runtime; repair the installation", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Seed s && MessageDigest.isEqual(s.bytes, bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Seed[32 bytes]";
    }
}
