package org.veil4j.he.nn.graph;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.io.PayloadReader;

/**
 * Shape of one example's tensor; elements are numbered channel by channel, row by row. A vector of n is n x 1 x 1.
 *
 * @param channels channels, at least 1
 * @param height rows, at least 1
 * @param width columns, at least 1
 */
public record TensorShape(int channels, int height, int width) {
    private static final int MAX_ELEMENTS = 1 << 26;

    /** Checks the sizes. */
    public TensorShape {
        if (channels < 1
                || height < 1
                || width < 1
                || (long) channels * height > MAX_ELEMENTS
                || (long) channels * height * width > MAX_ELEMENTS) {
            throw new IllegalArgumentException("shape=" + channels + "x" + height + "x" + width
                    + ": sizes must be positive and hold at most 2^26 elements");
        }
    }

    /** The shape of a vector. */
    public static TensorShape vector(int size) {
        return new TensorShape(size, 1, 1);
    }

    /** Number of elements. */
    public int size() {
        return channels * height * width;
    }

    /** Number of an element. */
    public int index(int channel, int row, int column) {
        return (channel * height + row) * width + column;
    }

    /** Writes the shape: twelve bytes. */
    public void write(DataOutput out) throws IOException {
        out.writeInt(channels);
        out.writeInt(height);
        out.writeInt(width);
    }

    /**
     * Reads a shape.
     *
     * @throws org.veil4j.he.io.CorruptDataException if it is none, or has more than 2^26 elements
     */
    public static TensorShape read(PayloadReader in) throws IOException {
        int channels = in.readInt("channels", 1, MAX_ELEMENTS);
        int height = in.readInt("height", 1, MAX_ELEMENTS);
        int width = in.readInt("width", 1, MAX_ELEMENTS);
        if ((long) channels * height > MAX_ELEMENTS || (long) channels * height * width > MAX_ELEMENTS) {
            throw in.corrupt("a shape of at most 2^26 elements", channels + "x" + height + "x" + width);
        }
        return new TensorShape(channels, height, width);
    }

    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
