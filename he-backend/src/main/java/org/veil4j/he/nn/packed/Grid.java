package org.veil4j.he.nn.packed;

import java.util.List;
import org.veil4j.he.nn.graph.TensorShape;

/**
 * A network's positions over slots: blocks of rows times columns, both powers of two. A slot's number is block, row, column.
 *
 * @param slots slots that an image has
 * @param rows rows of a block
 * @param columns columns of a block
 */
record Grid(int slots, int rows, int columns) {
    /** The grid for a network of that input: as large as its largest map, which padding may make larger than the input. */
    static Grid of(int slots, TensorShape input, List<PackedStage> stages) {
        int rows = input.height();
        int columns = input.width();
        for (PackedStage stage : stages) {
            rows = Math.max(rows, stage.shape().height());
            columns = Math.max(columns, stage.shape().width());
        }
        return new Grid(slots, Placement.powerOfTwo(rows), Placement.powerOfTwo(columns));
    }

    /** Whether at least one block fits. */
    boolean fits() {
        return (long) rows * columns <= slots;
    }

    /** Slots of a block. */
    int block() {
        return rows * columns;
    }

    /** Number of blocks. */
    int blocks() {
        return slots / block();
    }

    /** The slot of a place. */
    int slot(int block, int row, int column) {
        return block * block() + row * columns + column;
    }

    /**
     * A number by which shifts are ordered: few blocks first, then few rows, then few columns, to the right before to the left. So
     * equally good shifts are chosen alike, and share baby steps.
     */
    long order(int shift) {
        int block = block();
        int blocks = Math.floorMod(Math.floorDiv(shift + block / 2, block), blocks());
        int rest = Math.floorMod(shift + block / 2, block) - block / 2;
        int row = Math.floorDiv(rest + columns / 2, columns);
        int column = rest - row * columns;
        return ((long) blocks * 2 * block + zigzag(row)) * 2 * block + zigzag(column);
    }

    private static int zigzag(int x) {
        return x > 0 ? 2 * x - 1 : -2 * x;
    }
}
