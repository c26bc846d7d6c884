package org.veil4j.he.nn.batch;

import java.util.Arrays;
import org.veil4j.he.circuit.SparseMatrix;

/**
 * The rows of a stage that some of its outputs need, over just the columns that those rows read.
 *
 * @param matrix the rows, output by output
 * @param columns the stage's column of each column of the matrix, ascending
 * @param firstRow first row of each output, and the number of rows at the end
 */
record BlockMatrix(SparseMatrix matrix, int[] columns, int[] firstRow) {
    static BlockMatrix of(Stage stage, int[] outputs) {
        SparseMatrix m = stage.matrix();
        boolean[] read = new boolean[m.columns()];
        int[] firstRow = new int[outputs.length + 1];
        for (int i = 0; i < outputs.length; i++) {
            int[] rows = stage.rowsOf(outputs[i]);
            firstRow[i + 1] = firstRow[i] + rows.length;
            for (int r : rows) {
                for (int k = m.rowStart(r); k < m.rowStart(r + 1); k++) {
                    read[m.column(k)] = true;
                }
            }
        }
        // A block that reads nothing is all bias: it still needs an input to take its level and scale from.
        if (firstRow[outputs.length] > 0 && !anyTrue(read)) {
            read[0] = true;
        }
        int[] position = new int[m.columns()];
        int[] columns = new int[m.columns()];
        int count = 0;
        for (int c = 0; c < read.length; c++) {
            if (read[c]) {
                position[c] = count;
                columns[count++] = c;
            }
        }
        SparseMatrix.Builder rows = new SparseMatrix.Builder(count);
        for (int output : outputs) {
            for (int r : stage.rowsOf(output)) {
                for (int k = m.rowStart(r); k < m.rowStart(r + 1); k++) {
                    rows.entry(position[m.column(k)], m.value(k));
                }
                rows.endRow();
            }
        }
        return new BlockMatrix(rows.build(), Arrays.copyOf(columns, count), firstRow);
    }

    private static boolean anyTrue(boolean[] flags) {
        for (boolean f : flags) {
            if (f) {
                return true;
            }
        }
        return false;
    }
}
