package org.veil4j.he.mlr.encoding;

import org.veil4j.he.mlr.clear.MlrSettings;

/** How examples fall into blocks of rows, one block a ciphertext. Mini-batches share no block. Immutable. */
final class RowBlocks {
    final int rowsPerBlock;
    private final int rows;
    private final MlrSettings settings;

    RowBlocks(int rowsPerBlock, int rows, MlrSettings settings) {
        this.rowsPerBlock = rowsPerBlock;
        this.rows = rows;
        this.settings = settings;
    }

    /** Mini-batches. */
    int batches() {
        return settings.batches(rows);
    }

    /** The mini-batch of iteration t. */
    int batch(int t) {
        return (t - 1) % batches();
    }

    /** First block of a mini-batch; for the number of batches itself, the number of blocks. */
    int first(int batch) {
        if (batches() == 1) {
            return batch * blocksOf(rows);
        }
        int whole = blocksOf(settings.batchRows());
        return batch < batches()
                ? batch * whole
                : (batch - 1) * whole + blocksOf(rows - settings.batchStart(batch - 1, rows));
    }

    /** Blocks of the largest mini-batch. */
    int largestBatch() {
        int most = 0;
        for (int batch = 0; batch < batches(); batch++) {
            most = Math.max(most, first(batch + 1) - first(batch));
        }
        return most;
    }

    private int blocksOf(int size) {
        return (size + rowsPerBlock - 1) / rowsPerBlock;
    }

    /** Blocks of all mini-batches. */
    int count() {
        return first(batches());
    }

    /** The first example of a block. */
    int from(int block) {
        int batch = batchOf(block);
        return settings.batchStart(batch, rows) + (block - first(batch)) * rowsPerBlock;
    }

    /** The example after a block's last one. */
    int to(int block) {
        return Math.min(from(block) + rowsPerBlock, settings.batchStart(batchOf(block) + 1, rows));
    }

    private int batchOf(int block) {
        return batches() == 1 ? 0 : block / blocksOf(settings.batchRows());
    }
}
