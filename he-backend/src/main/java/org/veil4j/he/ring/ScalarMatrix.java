package org.veil4j.he.ring;

/**
 * A sparse matrix of integers in compressed-row form, the weights of a {@link ScalarMatrixProduct}. Immutable.
 *
 * <p>Integers are held in {@code double}s because that is how the product consumes them; each is exact, at most
 * {@link #MAX_WEIGHT} in magnitude.
 */
public final class ScalarMatrix {
    /** Largest magnitude of a weight: 2^34, so that sums of many products with residues stay within their bound. */
    public static final double MAX_WEIGHT = 0x1p34;

    private final int columns;
    private final int[] rowStart;
    private final int[] column;
    private final double[] weight;

    private ScalarMatrix(int columns, int[] rowStart, int[] column, double[] weight) {
        this.columns = columns;
        this.rowStart = rowStart;
        this.column = column;
        this.weight = weight;
    }

    /**
     * Wraps compressed-row arrays, which must not be changed afterwards.
     *
     * @param columns number of columns, at least 1
     * @param rowStart rows + 1 ascending offsets into the other two arrays
     * @param column column of each entry, strictly ascending within a row
     * @param weight integer value of each entry, |w| at most {@link #MAX_WEIGHT}
     * @throws IllegalArgumentException if the arrays do not describe such a matrix
     */
    public static ScalarMatrix of(int columns, int[] rowStart, int[] column, double[] weight) {
        if (columns < 1) {
            throw new IllegalArgumentException("columns=" + columns + ": must be at least 1");
        }
        int rows = rowStart.length - 1;
        if (rows < 1 || rowStart[0] != 0 || rowStart[rows] != column.length || column.length != weight.length) {
            throw new IllegalArgumentException("rowStart: must have rows + 1 offsets from 0 to the number of entries");
        }
        for (int r = 0; r < rows; r++) {
            if (rowStart[r] > rowStart[r + 1]) {
                throw new IllegalArgumentException("rowStart[" + (r + 1) + "]: offsets must not descend");
            }
            for (int k = rowStart[r], last = -1; k < rowStart[r + 1]; k++) {
                if (column[k] <= last || column[k] >= columns) {
                    throw new IllegalArgumentException(
                            "column=" + column[k] + " in row " + r + ": must ascend and be below " + columns);
                }
                if (!(Math.abs(weight[k]) <= MAX_WEIGHT) || weight[k] != Math.rint(weight[k])) {
                    throw new IllegalArgumentException(
                            "weight=" + weight[k] + " in row " + r + ": must be an integer of at most 34 bits");
                }
                last = column[k];
            }
        }
        return new ScalarMatrix(columns, rowStart, column, weight);
    }

    /** Number of rows. */
    public int rows() {
        return rowStart.length - 1;
    }

    /** Number of columns. */
    public int columns() {
        return columns;
    }

    /** Number of stored entries. */
    public int entries() {
        return column.length;
    }

    int rowStart(int row) {
        return rowStart[row];
    }

    int column(int entry) {
        return column[entry];
    }

    double weight(int entry) {
        return weight[entry];
    }
}
