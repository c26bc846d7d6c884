package org.veil4j.experiments.cli;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.shape.options.ArrayOptionsHelper;

/**
 * The parameters in a Deeplearning4j zip file: an array that describes a shape, then the values. ND4J believes the lengths and
 * strides written there, asks the operating system for as much and reads as far, which ends the process where a file says
 * petabytes: they are compared with what is there first.
 */
final class CoefficientsEntry {
    static final String NAME = "coefficients.bin";

    private static final int MAX_RANK = 32;
    /** Rank, then as many sizes and as many strides, then options, stride between all elements, order. */
    private static final int MORE = 4;

    private final DataInputStream in;

    private CoefficientsEntry(InputStream in) {
        this.in = new DataInputStream(in);
    }

    /**
     * Reads an entry to its end and checks that it holds what it says.
     *
     * @throws IOException if a length is negative or beyond what is there, or if the shape is not that of the values
     * @throws IllegalArgumentException if it names no type of values
     */
    static void check(InputStream in) throws IOException {
        new CoefficientsEntry(in).check();
    }

    private void check() throws IOException {
        long length = length(in.readUTF());
        DataType type = DataType.valueOf(in.readUTF());
        if (length < 1 || length > 2 * MAX_RANK + MORE || type != DataType.INT64 && type != DataType.INT32) {
            throw new IOException(NAME + " has a shape of " + length + " numbers of type " + type);
        }
        long[] shape = new long[(int) length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = type == DataType.INT64 ? in.readLong() : in.readInt();
        }
        long count = length(in.readUTF());
        DataType values = DataType.valueOf(in.readUTF());
        if (count < 1 || values.width() < 1 || count > Long.MAX_VALUE / values.width()) {
            throw new IOException(NAME + " has " + count + " parameters of type " + values);
        }
        skip(count, count * values.width());
        // Files of 32-bit shapes are old, and told the type in another way.
        if (!fits(shape, count) || type == DataType.INT64 && ArrayOptionsHelper.dataType(shape) != values) {
            throw new IOException(NAME + " has a shape that is not that of its " + count + " parameters");
        }
    }

    /** Whether an array of this description has so many elements, and all of them within as many. */
    private static boolean fits(long[] shape, long count) {
        int rank = (shape.length - MORE) / 2;
        if (shape[0] != rank || shape.length != 2 * rank + MORE || rank < 1) {
            return false;
        }
        long elements = 1;
        long last = 0;
        for (int d = 1; d <= rank; d++) {
            long size = shape[d];
            long stride = shape[rank + d];
            // Compared before they are multiplied: no product is beyond count.
            if (size < 1 || size > count / elements || stride < 0 || size > 1 && stride > (count - 1) / (size - 1)) {
                return false;
            }
            elements *= size;
            last += (size - 1) * stride;
        }
        long between = shape[shape.length - 2];
        long order = shape[shape.length - 1];
        return elements == count && last < count && between <= 1 && (order == 'c' || order == 'f');
    }

    /** The length that follows the name of a mode; those of old files are short. */
    private long length(String mode) throws IOException {
        return switch (mode) {
            case "MIXED_DATA_TYPES", "LONG_SHAPE" -> in.readLong();
            case "DIRECT", "HEAP", "JAVACPP" -> in.readInt();
            default -> throw new IOException(NAME + " has numbers stored in an unknown way");
        };
    }

    private void skip(long count, long bytes) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long left = bytes;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new IOException(NAME + " has " + count + " parameters and ends " + left + " bytes too early");
            }
            left -= read;
        }
    }
}
