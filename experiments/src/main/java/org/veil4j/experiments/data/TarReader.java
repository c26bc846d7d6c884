package org.veil4j.experiments.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Walks the entries of a tar stream (names up to 100 bytes, sizes in octal): enough for the publishers' archives. */
final class TarReader {
    private static final int BLOCK = 512;

    private final InputStream in;
    private final String source;
    private String name = "";
    private long remaining;
    private long padding;

    TarReader(InputStream in, String source) {
        this.in = in;
        this.source = source;
    }

    /** Skips what is left of the current entry and reads the next header; false at the end. */
    boolean next() throws IOException {
        in.skipNBytes(remaining + padding);
        remaining = 0;
        padding = 0;
        byte[] header = in.readNBytes(BLOCK);
        if (header.length == 0 || header[0] == 0) {
            return false;
        }
        if (header.length < BLOCK) {
            throw new DataFileException(source + ": the archive is truncated; try again");
        }
        name = text(header, 0, 100);
        try {
            remaining = Long.parseLong(text(header, 124, 12).trim(), 8);
        } catch (NumberFormatException e) {
            throw new DataFileException(source + ": not a tar archive; fetch the data set by hand", e);
        }
        padding = (BLOCK - remaining % BLOCK) % BLOCK;
        return true;
    }

    /** Name of the current entry. */
    String name() {
        return name;
    }

    /** Bytes of the current entry, before any was read. */
    long remaining() {
        return remaining;
    }

    /** Tells that the caller has read the whole current entry. */
    void consumed() {
        remaining = 0;
    }

    private static String text(byte[] block, int from, int length) {
        int end = from;
        while (end < from + length && block[end] != 0) {
            end++;
        }
        return new String(block, from, end - from, StandardCharsets.US_ASCII);
    }
}
