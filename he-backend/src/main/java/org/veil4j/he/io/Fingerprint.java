package org.veil4j.he.io;

import java.io.DataOutput;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A SHA-256 digest that names a parameter set (or any other public content). Immutable. */
public final class Fingerprint {
    /** Length in bytes. */
    public static final int BYTES = 32;

    private final byte[] digest;

    private Fingerprint(byte[] digest) {
        this.digest = digest;
    }

    /** Returns the fingerprint of the given content. */
    public static Fingerprint of(byte[] content) {
        try {
            return new Fingerprint(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is missing, which every Java platform must provide", e);
        }
    }

    /**
     * Returns the fingerprint that has the given 32 bytes.
     *
     * @throws IllegalArgumentException if there are not exactly 32
     */
    public static Fingerprint ofDigest(byte[] digest) {
        if (digest.length != BYTES) {
            throw new IllegalArgumentException("digest.length=" + digest.length + ": must be " + BYTES);
        }
        return new Fingerprint(digest.clone());
    }

    /** Reads the 32 bytes that {@link #write} wrote. */
    public static Fingerprint read(PayloadReader in) throws IOException {
        return new Fingerprint(in.readBytes(BYTES, BYTES));
    }

    /** Writes the 32 bytes. */
    public void write(DataOutput out) throws IOException {
        out.write(digest);
    }

    /** Returns a copy of the 32 bytes. */
    public byte[] bytes() {
        return digest.clone();
    }

    /** Returns all 64 hexadecimal digits. */
    public String toHex() {
        return HexFormat.of().formatHex(digest);
    }

    /** Returns the first 12 hexadecimal digits, for messages. */
    public String shortHex() {
        return toHex().substring(0, 12);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Fingerprint f && Arrays.equals(digest, f.digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    @Override
    public String toString() {
        return shortHex();
    }
}
