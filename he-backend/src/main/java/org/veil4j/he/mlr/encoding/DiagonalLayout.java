package org.veil4j.he.mlr.encoding;

import org.veil4j.he.mlr.clear.MlrSettings;

/**
 * Where numbers lie in the diagonal encoding. A vector of slots is a table of rows of {@code width} slots each, row after row;
 * row r of block b holds one example. Column k of the features lies at position k of its row; the last period - 1 positions
 * of a row stay zero, so that a shift by less than the period never brings in another row's numbers. If the columns do not
 * fit one row they go on in further column blocks. Immutable.
 */
final class DiagonalLayout {
    final int slots;
    final int classes;
    final int columns;
    /** Classes rounded up to a power of two: weights of class c lie at positions that are c modulo this. */
    final int period;
    /** Slots of a row, a power of two, at least twice the period. */
    final int width;
    /** Columns of a column block, at most width - period + 1. */
    final int columnsPerBlock;

    final int columnBlocks;
    final int rowsPerBlock;
    final RowBlocks rowBlocks;

    /**
     * A layout.
     *
     * @param columns features and the constant one
     * @param mostWidth rows are at most this wide, a power of two; columns that do not fit go on in further column blocks
     * @throws IllegalArgumentException if a row of weights for all classes does not fit
     */
    DiagonalLayout(int slots, int classes, int columns, int rows, int mostWidth, MlrSettings settings) {
        this.slots = slots;
        this.classes = classes;
        this.columns = columns;
        this.period = powerOfTwo(classes);
        if (2 * period > slots) {
            throw new IllegalArgumentException("classes=" + classes + ": must be at most " + slots / 2
                    + " for ciphertexts of " + slots + " slots; use a larger ring");
        }
        this.width = Math.max(2 * period, Math.min(Math.min(slots, mostWidth), powerOfTwo(columns + period - 1)));
        this.columnsPerBlock = Math.min(columns, width - period + 1);
        this.columnBlocks = (columns + columnsPerBlock - 1) / columnsPerBlock;
        this.rowsPerBlock = slots / width;
        this.rowBlocks = new RowBlocks(rowsPerBlock, rows, settings);
    }

    /** The least power of two that is at least this. */
    static int powerOfTwo(int least) {
        return least <= 1 ? 1 : Integer.highestOneBit(least - 1) << 1;
    }

    /** Row blocks of all mini-batches. */
    int blocks() {
        return rowBlocks.count();
    }

    /** Slots of the features of a row block and a column block. */
    double[] features(double[][] x, int block, int columnBlock) {
        double[] s = new double[slots];
        int from = rowBlocks.from(block);
        int first = columnBlock * columnsPerBlock;
        int count = Math.min(columnsPerBlock, columns - first);
        for (int r = from; r < rowBlocks.to(block); r++) {
            System.arraycopy(x[r], first, s, (r - from) * width, count);
        }
        return s;
    }

    /** Groups of {@link #period} positions in a row: so many blocks' labels can share a vector. */
    int groups() {
        return width / period;
    }

    /** Vectors that hold all labels. */
    int labelVectors() {
        return (blocks() + groups() - 1) / groups();
    }

    /** After so many groups the labels of a vector repeat: the blocks in it, rounded up to a power of two. */
    int labelPeriod(int vector) {
        return powerOfTwo(Math.min(groups(), blocks() - vector * groups()));
    }

    /** Slots of a vector of labels: y - 1/2 for each class, at group g those of block g, then all repeated along the row. */
    double[] labels(int[] labels, int vector) {
        double[] s = new double[slots];
        int repeat = labelPeriod(vector);
        for (int g = 0; g < groups(); g++) {
            int block = vector * groups() + g % repeat;
            if (block < blocks()) {
                int from = rowBlocks.from(block);
                for (int r = from; r < rowBlocks.to(block); r++) {
                    for (int c = 0; c < classes; c++) {
                        s[(r - from) * width + g * period + c] = (labels[r] == c ? 1 : 0) - 0.5;
                    }
                }
            }
        }
        return s;
    }

    /** One in the positions of a group, and of every {@code repeat}th group after it, in all rows; zero elsewhere. */
    double[] mask(int group, int repeat) {
        double[] s = new double[slots];
        for (int i = 0; i < slots; i++) {
            s[i] = i % width / period % repeat == group ? 1 : 0;
        }
        return s;
    }

    /** Slots of diagonal j of weights: at position f the weight of class f mod period and column f - j, the same in all rows. */
    double[] weights(double[][] w, int columnBlock, int j) {
        double[] s = new double[slots];
        for (int i = 0; i < slots; i++) {
            int c = i % width % period;
            int column = column(i % width, columnBlock, j);
            s[i] = c < classes && column >= 0 ? w[c][column] : 0;
        }
        return s;
    }

    /** Adds the mean over all rows of what {@link #weights} put there. */
    void readWeights(double[] s, int columnBlock, int j, double[][] w) {
        for (int i = 0; i < slots; i++) {
            int c = i % width % period;
            int column = column(i % width, columnBlock, j);
            if (c < classes && column >= 0) {
                w[c][column] += s[i] / rowsPerBlock;
            }
        }
    }

    /** The column whose weight diagonal j has at a position, -1 if none. */
    private int column(int position, int columnBlock, int j) {
        int k = position - j;
        int column = columnBlock * columnsPerBlock + k;
        return k >= 0 && k < columnsPerBlock && column < columns ? column : -1;
    }
}
