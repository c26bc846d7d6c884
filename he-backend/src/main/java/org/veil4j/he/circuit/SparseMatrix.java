package org.veil4j.he.circuit;

import java.util.Arrays;

/**
 * A sparse real matrix in compressed-row form: a linear layer, from tensor elements to tensor elements. Immutable.
 */
public final class SparseMatrix {
    private final int columns;
    private final int[] rowStart;
    private final int[] column;
    private final double[] value;

    private SparseMatrix(int columns, int[] rowStart, int[] column, double[] value) {
        this.columns = columns;
        this.rowStart = rowStart;
        this.column = column;
        this.value = value;
    }

    /**
     * Wraps compressed-row arrays, which must not be changed afterwards.
     *
     * @throws IllegalArgumentException if offsets or columns are out of order or range, or a value is not finite
     */
    public static SparseMatrix of(int columns, int[] rowStart, int[] column, double[] value) {
        int rows = rowStart.length - 1;
        if (rows < 0 || rowStart[0] != 0 || rowStart[rows] != column.length || column.length != value.length) {
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
                if (!Double.isFinite(value[k])) {
                    throw new IllegalArgumentException(
                            "weight=" + value[k] + " at row " + r + ", column " + column[k] + ": must be finite");
                }
                last = column[k];
            }
        }
        return new SparseMatrix(columns, rowStart, column, value);
    }

    /** The identity of the given size, times a factor. */
    public static SparseMatrix diagonal(double[] values) {
        int n = values.length;
        int[] start = new int[n + 1];
        int[] column = new int[n];
        for (int i = 0; i < n; i++) {
            start[i + 1] = i + 1;
            column[i] = i;
        }
        return of(n, start, column, values.clone());
    }

    /** The identity of the given size. */
    public static SparseMatrix identity(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return diagonal(ones);
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

    /** Offset of a row's first entry; {@code rowStart(rows())} is the number of entries. */
    public int rowStart(int row) {
        return rowStart[row];
    }

    /** Column of an entry. */
    public int column(int entry) {
        return column[entry];
    }

    /** Value of an entry. */
    public double value(int entry) {
        return value[entry];
    }

    /** Largest magnitude of an entry, 0 if there is none. */
    public double maxAbs() {
        double max = 0;
        for (double v : value) {
            max = Math.max(max, Math.abs(v));
        }
        return max;
    }

    /** Largest sum of magnitudes over a row: the factor by which the matrix can enlarge the largest element. */
    public double infinityNorm() {
        double max = 0;
        for (int r = 0; r < rows(); r++) {
            double sum = 0;
            for (int k = rowStart[r]; k < rowStart[r + 1]; k++) {
                sum += Math.abs(value[k]);
            }
            max = Math.max(max, sum);
        }
        return max;
    }

    /** {@code this * x}. */
    public double[] multiply(double[] x) {
        if (x.length != columns) {
            throw new IllegalArgumentException("x.length=" + x.length + ": must be " + columns);
        }
        double[] y = new double[rows()];
        for (int r = 0; r < y.length; r++) {
            double sum = 0;
            for (int k = rowStart[r]; k < rowStart[r + 1]; k++) {
                sum += value[k] * x[column[k]];
            }
            y[r] = sum;
        }
        return y;
    }

    /** {@code this * right}: first {@code right}, then this. Entries that cancel to exactly zero are dropped. */
    public SparseMatrix multiply(SparseMatrix right) {
        if (right.rows() != columns) {
            throw new IllegalArgumentException("right.rows=" + right.rows() + ": must be " + columns);
        }
        if (isInvertibleDiagonal()) {
            return right.scaleRows(value);
        }
        if (right.isInvertibleDiagonal()) {
            return scaleColumns(right.value);
        }
        double[] sum = new double[right.columns];
        boolean[] seen = new boolean[right.columns];
        int[] touched = new int[right.columns];
        Builder result = new Builder(right.columns);
        for (int r = 0; r < rows(); r++) {
            int count = 0;
            for (int k = rowStart[r]; k < rowStart[r + 1]; k++) {
                double w = value[k];
                for (int m = right.rowStart[column[k]]; m < right.rowStart[column[k] + 1]; m++) {
                    int c = right.column[m];
                    if (!seen[c]) {
                        seen[c] = true;
                        touched[count++] = c;
                    }
                    sum[c] += w * right.value[m];
                }
            }
            Arrays.sort(touched, 0, count);
            for (int i = 0; i < count; i++) {
                int c = touched[i];
                if (sum[c] != 0) {
                    result.entry(c, sum[c]);
                }
                sum[c] = 0;
                seen[c] = false;
            }
            result.endRow();
        }
        return result.build();
    }

    private boolean isInvertibleDiagonal() {
        if (rows() != columns || value.length != columns) {
            return false;
        }
        for (int k = 0; k < columns; k++) {
            if (rowStart[k] != k || column[k] != k || value[k] == 0) {
                return false;
            }
        }
        return true;
    }

    /** This matrix with row r multiplied by factors[r]. */
    public SparseMatrix scaleRows(double[] factors) {
        double[] v = value.clone();
        for (int r = 0; r < rows(); r++) {
            for (int k = rowStart[r]; k < rowStart[r + 1]; k++) {
                v[k] *= factors[r];
            }
        }
        return of(columns, rowStart, column, v);
    }

    /** This matrix with column c multiplied by factors[c]. */
    public SparseMatrix scaleColumns(double[] factors) {
        double[] v = value.clone();
        for (int k = 0; k < v.length; k++) {
            v[k] *= factors[column[k]];
        }
        return of(columns, rowStart, column, v);
    }

    /** {@code this + other}, of the same size. */
    public SparseMatrix add(SparseMatrix other) {
        if (other.rows() != rows() || other.columns != columns) {
            throw new IllegalArgumentException(
                    "other: " + other.rows() + "x" + other.columns + ", must be " + rows() + "x" + columns);
        }
        Builder result = new Builder(columns);
        for (int r = 0; r < rows(); r++) {
            int a = rowStart[r];
            int b = other.rowStart[r];
            while (a < rowStart[r + 1] || b < other.rowStart[r + 1]) {
                int ca = a < rowStart[r + 1] ? column[a] : Integer.MAX_VALUE;
                int cb = b < other.rowStart[r + 1] ? other.column[b] : Integer.MAX_VALUE;
                int c = Math.min(ca, cb);
                double v = 0;
                if (ca == c) {
                    v += value[a++];
                }
                if (cb == c) {
                    v += other.value[b++];
                }
                if (v != 0) {
                    result.entry(c, v);
                }
            }
            result.endRow();
        }
        return result.build();
    }

    /** This matrix to the left of other: columns of this first. */
    public SparseMatrix beside(SparseMatrix other) {
        if (other.rows() != rows()) {
            throw new IllegalArgumentException("other.rows=" + other.rows() + ": must be " + rows());
        }
        Builder result = new Builder(columns + other.columns);
        for (int r = 0; r < rows(); r++) {
            for (int k = rowStart[r]; k < rowStart[r + 1]; k++) {
                result.entry(column[k], value[k]);
            }
            for (int k = other.rowStart[r]; k < other.rowStart[r + 1]; k++) {
                result.entry(columns + other.column[k], other.value[k]);
            }
            result.endRow();
        }
        return result.build();
    }

    /** Builds a matrix row by row; columns must ascend within a row. */
    public static final class Builder {
        private final int columns;
        private int[] starts = new int[64];
        private int[] column = new int[256];
        private double[] value = new double[256];
        private int rows;
        private int entries;

        /** Starts a matrix with the given number of columns. */
        public Builder(int columns) {
            this.columns = columns;
        }

        /** Appends an entry to the current row. */
        public void entry(int c, double v) {
            if (entries == column.length) {
                column = Arrays.copyOf(column, 2 * entries);
                value = Arrays.copyOf(value, 2 * entries);
            }
            column[entries] = c;
            value[entries++] = v;
        }

        /** Ends the current row. */
        public void endRow() {
            rows++;
            if (rows == starts.length) {
                starts = Arrays.copyOf(starts, 2 * rows);
            }
            starts[rows] = entries;
        }

        /** The finished matrix. */
        public SparseMatrix build() {
            return of(
                    columns,
                    Arrays.copyOf(starts, rows + 1),
                    Arrays.copyOf(column, entries),
                    Arrays.copyOf(value, entries));
        }
    }
}
