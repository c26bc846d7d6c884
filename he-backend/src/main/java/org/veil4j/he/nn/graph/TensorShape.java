package org.veil4j.he.nn.graph;

/**
 * Shape of one example's tensor; elements are numbered channel by channel, row by row. A vector of n is n x 1 x 1.
 *
 * @param channels channels, at least 1
 * @param height rows, at least 1
 * @param width columns, at least 1
 */
public record TensorShape(int channels, int height, int width) {
    /** Checks the sizes. */
    public TensorShape {
        if (channels < 1 || height < 1 || width < 1 || (long) channels * height * width > 1 << 26) {
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

    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
