package org.veil4j.he.nn.packed;

import org.veil4j.he.nn.graph.TensorShape;

/**
 * Distance between neighbouring positions of a tensor on the grid: the product of the strides before it. The slots between them
 * hold other channels, or copies.
 *
 * @param rows rows of the grid from one row of positions to the next
 * @param columns columns likewise
 */
record Gap(int rows, int columns) {
    /** Positions side by side. */
    static final Gap NONE = new Gap(1, 1);

    /** Bits that number the rows in a gap. */
    int rowBits() {
        return 31 - Integer.numberOfLeadingZeros(rows);
    }

    /** Bits that number the columns in a gap. */
    int columnBits() {
        return 31 - Integer.numberOfLeadingZeros(columns);
    }

    /** The gap after a layer that makes one shape of another. */
    Gap after(TensorShape from, TensorShape to, Grid grid) {
        return new Gap(
                within(rows * stride(from.height(), to.height()), to.height(), grid.rows()),
                within(columns * stride(from.width(), to.width()), to.width(), grid.columns()));
    }

    private static int stride(int from, int to) {
        return Math.max(1, Math.round((float) from / to));
    }

    private static int within(int gap, int positions, int size) {
        return Math.max(1, Math.min(gap, size / positions));
    }
}
