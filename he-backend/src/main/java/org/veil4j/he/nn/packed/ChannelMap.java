package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.List;

/**
 * How channels are laid over the blocks of a grid and the gaps that strides leave: some bits of the block's number and of the
 * row and column in the gap are bits of the channel's number, the others number copies, or stand empty.
 *
 * @param blockBits bits of the block's number that belong to the channel
 * @param high whether these are the high bits, so that copies are neighbours; else copies come last, and may be folded
 * @param rowBits low bits of the row in the gap that belong to the channel
 * @param columnBits low bits of the column in the gap that belong to the channel
 * @param copyRows whether other rows in the gap hold copies
 * @param copyColumns whether other columns in the gap hold copies
 */
record ChannelMap(int blockBits, boolean high, int rowBits, int columnBits, boolean copyRows, boolean copyColumns) {

    private static int log2(int powerOfTwo) {
        return Integer.numberOfTrailingZeros(powerOfTwo);
    }

    /** Channels that one ciphertext holds. */
    int channelsPerCiphertext() {
        return 1 << blockBits + rowBits + columnBits;
    }

    /** The channel at a place, within its ciphertext. */
    int channel(Grid grid, int block, int row, int column) {
        int spare = log2(grid.blocks()) - blockBits;
        int fromBlock = high ? block >> spare : block & (1 << blockBits) - 1;
        if (!copyRows && row >> rowBits != 0 || !copyColumns && column >> columnBits != 0) {
            return Placement.NONE;
        }
        int fromRow = row & (1 << rowBits) - 1;
        int fromColumn = column & (1 << columnBits) - 1;
        return (fromBlock << rowBits + columnBits) + (fromRow << columnBits) + fromColumn;
    }

    /** The maps worth a try for a number of channels. */
    static List<ChannelMap> candidates(Grid grid, Gap gap, int channels) {
        int blocks = log2(grid.blocks());
        int gapRows = gap.rowBits();
        int gapColumns = gap.columnBits();
        int wanted = Math.min(blocks + gapRows + gapColumns, log2(Placement.powerOfTwo(channels)));
        List<ChannelMap> maps = new ArrayList<>();
        for (int k = Math.min(blocks, wanted); k >= 0; k--) {
            for (int b = Math.min(gapColumns, wanted - k); b >= 0; b--) {
                int a = wanted - k - b;
                if (a > gapRows || a > 0 && b == 0 && gapColumns > 0) {
                    continue;
                }
                for (boolean high : k > 0 && k < blocks ? new boolean[] {true, false} : new boolean[] {false}) {
                    for (int copies = 0; copies < 4; copies++) {
                        boolean rows = (copies & 1) == 0;
                        boolean columns = (copies & 2) == 0;
                        if ((rows || a < gapRows) && (columns || b < gapColumns)) {
                            maps.add(new ChannelMap(k, high, a, b, rows, columns));
                        }
                    }
                }
            }
        }
        return maps;
    }
}
