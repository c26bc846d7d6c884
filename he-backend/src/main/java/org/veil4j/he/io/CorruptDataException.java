package org.veil4j.he.io;

import java.io.IOException;

/** Stored or received bytes are not what they should be: truncated, altered, foreign, of another version or kind. */
public final class CorruptDataException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long offset;

    /**
     * Describes the damage.
     *
     * @param source what was read, such as a file's name
     * @param offset the byte offset in the source at which the damage was noticed
     * @param expected what should have been there
     * @param found what was there
     */
    public CorruptDataException(String source, long offset, String expected, String found) {
        super(source + ": corrupt at byte " + offset + ": expected " + expected + ", found " + found);
        this.offset = offset;
    }

    /** Returns the byte offset at which the damage was noticed. */
    public long offset() {
        return offset;
    }
}
