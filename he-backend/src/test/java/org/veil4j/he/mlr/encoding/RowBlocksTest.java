package org.veil4j.he.mlr.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.clear.StepSchedule;

class RowBlocksTest {
    private static MlrSettings batches(int batchRows) {
        return new MlrSettings(
                MlrAlgorithm.SIGMOID_NAG, 1, StepSchedule.RECOMMENDED, SigmoidPolynomial.PAPER, 0, batchRows);
    }

    /** 20 features, 10 classes and 512 slots: the paper's layout has 16 rows of 32 slots. */
    @ParameterizedTest
    @CsvSource({"32, 0, 2", "64, 0, 4", "128, 0, 8", "128, 40, 3", "129, 128, 8", "17, 5, 1"})
    void largestBatch_ofTheRevolver_isTheBlocksOfOneMiniBatch(int rows, int batchRows, int blocks) {
        RevolverLayout layout = new RevolverLayout(512, 10, 21, rows, batches(batchRows));
        assertThat(layout.rowsPerBlock()).isEqualTo(16);
        assertThat(layout.rowBlocks.largestBatch()).isEqualTo(blocks);
    }

    @Test
    void blocks_ofMiniBatches_coverEveryRowOnceInOrder() {
        for (int batchRows : new int[] {0, 1, 7, 16, 40, 99, 100}) {
            RowBlocks blocks = new RowBlocks(16, 100, batches(batchRows));
            int next = 0;
            for (int block = 0; block < blocks.count(); block++) {
                assertThat(blocks.from(block))
                        .as("batches of %d, block %d", batchRows, block)
                        .isEqualTo(next);
                assertThat(blocks.to(block) - next).isBetween(1, 16);
                next = blocks.to(block);
            }
            assertThat(next).as("batches of %d", batchRows).isEqualTo(100);
            assertThat(blocks.first(blocks.batches())).isEqualTo(blocks.count());
        }
    }
}
