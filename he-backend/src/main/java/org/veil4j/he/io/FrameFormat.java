package org.veil4j.he.io;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** The constants and checksums that writer and reader share. */
final class FrameFormat {
    static final byte[] MAGIC = "VEIL4J".getBytes(StandardCharsets.US_ASCII);
    /** 2: transformed polynomials are kept column by column (version 1: in bit-reversed order, octal digits exchanged). */
    static final int VERSION = 2;

    static final int HEADER_BYTES = MAGIC.length + 2 + 4 + Fingerprint.BYTES + 4;
    static final int TAG_BYTES = 4;
    static final int MAX_CHUNK = 1 << 20;
    static final int LAST_CHUNK = 0x8000_0000;
    static final String END_TAG = "END.";

    private FrameFormat() {}

    static boolean isTag(String tag) {
        return tag.length() == TAG_BYTES && tag.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /** The checksum of a chunk: its place and its payload. */
    static int checksum(long frame, long chunk, String tag, int lengthWord, byte[] payload, int length) {
        ByteBuffer place = ByteBuffer.allocate(24);
        place.putLong(frame)
                .putLong(chunk)
                .put(tag.getBytes(StandardCharsets.ISO_8859_1))
                .putInt(lengthWord)
                .flip();
        CRC32C crc = new CRC32C();
        crc.update(place);
        crc.update(payload, 0, length);
        return (int) crc.getValue();
    }

    /** Adds a chunk to the seal of its frame: frames of equal content at one place have equal seals. */
    static void seal(CRC32C frame, int lengthWord, int checksum) {
        frame.update(ByteBuffer.allocate(8).putInt(lengthWord).putInt(checksum).flip());
    }

    static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
