package org.veil4j.experiments.cli;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The parameters in a Deeplearning4j zip file. ND4J believes the lengths written there and asks the operating system for as
 * much, which ends the process where a damaged file says petabytes: they are compared with what is there first.
 */
final class CoefficientsEntry {
    static final String NAME = "coefficients.bin";

    /** Far above the numbers that describe an array of the highest rank. */
    private static final long MAX_SHAPE = 1024;

    private final DataInputStream in;

    private CoefficientsEntry(InputStream in) {
        this.in = new DataInputStream(in);
    }

    /**
     * Reads an entry to its end and checks that it holds what it says: a shape, then values.
     *
     * @throws IOException if a length is negative or beyond what is there
     * @throws IllegalArgumentException if it names no type of values
     */
    static void check(InputStream in) throws IOException {
        CoefficientsEntry entry = new CoefficientsEntry(in);
        entry.check("a shape", MAX_SHAPE);
        entry.check("parameters", Long.MAX_VALUE);
    }

    private void check(String what, long most) throws IOException {
        long length = length(in.readUTF());
        int width = DataType.valueOf(in.readUTF()).width();
        if (length < 0 || length > most || width < 1 || length > Long.MAX_VALUE / width) {
            throw new IOException(NAME + " has " + what + " of " + length + " numbers");
        }
        skip(what, length, length * width);
    }

    /** The length that follows the name of a mode; those of old files are short. */
    private long length(String mode) throws IOException {
        return switch (mode) {
            case "MIXED_DATA_TYPES", "LONG_SHAPE" -> in.readLong();
            case "DIRECT", "HEAP", "JAVACPP" -> in.readInt();
            default -> throw new IOException(NAME + " has numbers stored in an unknown way");
        };
    }

    private void skip(String what, long length, long bytes) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long left = bytes;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new IOException(NAME + " has " + what + " of " + length + " numbers and ends " + left
                        + " bytes before their end");
            }
            left -= read;
        }
    }
}
