package org.veil4j.he.nn.packed;

import java.util.Arrays;
import org.veil4j.he.nn.graph.TensorShape;

/**
 * Which element of a tensor each slot of each ciphertext holds. Copies of an element may stand in several slots; a slot that
 * holds none is zero.
 *
 * @param at by ciphertext, then slot: the element, or {@link #NONE}
 * @param period the content repeats after so many slots; a power of two that divides the number of slots
 */
record Placement(int[][] at, int period) {
    /** Marks a slot that holds no element. */
    static final int NONE = -1;

    /** Number of slots of a ciphertext. */
    int slots() {
        return at[0].length;
    }

    /** Number of ciphertexts. */
    int ciphertexts() {
        return at.length;
    }

    /** Vectors: element o in every slot o + k period; the period is the size rounded up to a power of two. */
    static Placement vector(int slots, int size) {
        int period = Math.min(slots, powerOfTwo(size));
        int[][] at = new int[(size + slots - 1) / slots][slots];
        for (int c = 0; c < at.length; c++) {
            for (int t = 0; t < slots; t++) {
                int element = c * slots + t % period;
                at[c][t] = element < size ? element : NONE;
            }
        }
        return new Placement(at, period);
    }

    /** Numbers as a placement puts them: one array a ciphertext. */
    double[][] place(double[] values) {
        double[][] slots = new double[at.length][slots()];
        for (int c = 0; c < at.length; c++) {
            for (int t = 0; t < slots[c].length; t++) {
                int element = at[c][t];
                slots[c][t] = element == NONE ? 0 : values[element];
            }
        }
        return slots;
    }

    /** The least power of two that is not below a positive number. */
    static int powerOfTwo(int size) {
        return size <= 1 ? 1 : Integer.highestOneBit(size - 1) << 1;
    }

    /**
     * Channels over the places of a grid.
     *
     * @param grid the network's grid
     * @param shape the tensor's shape, with more than one position
     * @param gap rows and columns of the grid between neighbouring positions
     * @param channels how channels are laid over blocks and gaps
     */
    static Placement grid(Grid grid, TensorShape shape, Gap gap, ChannelMap channels) {
        int blocks = grid.blocks();
        int per = channels.channelsPerCiphertext();
        int[][] at = new int[(shape.channels() + per - 1) / per][grid.slots()];
        for (int c = 0; c < at.length; c++) {
            Arrays.fill(at[c], NONE);
            for (int block = 0; block < blocks; block++) {
                for (int a = 0; a < 1 << gap.rowBits(); a++) {
                    for (int b = 0; b < 1 << gap.columnBits(); b++) {
                        int channel = channels.channel(grid, block, a, b);
                        if (channel == NONE || c * per + channel >= shape.channels()) {
                            continue;
                        }
                        for (int y = 0; y < shape.height(); y++) {
                            for (int x = 0; x < shape.width(); x++) {
                                at[c][grid.slot(block, y * gap.rows() + a, x * gap.columns() + b)] =
                                        shape.index(c * per + channel, y, x);
                            }
                        }
                    }
                }
            }
        }
        return new Placement(at, at.length == 1 ? period(at[0]) : grid.slots());
    }

    private static int period(int[] at) {
        int period = at.length;
        while (period > 1 && Arrays.equals(at, 0, period / 2, at, period / 2, period)) {
            period /= 2;
        }
        return period;
    }
}
