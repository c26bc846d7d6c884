package org.veil4j.he.mlr.clear;

import java.util.Arrays;

/** Rows of features, each with its class. Immutable. */
public final class LabelledFeatures {
    private final double[][] rows;
    private final int[] labels;
    private final int classes;

    private LabelledFeatures(double[][] rows, int[] labels, int classes) {
        this.rows = rows;
        this.labels = labels;
        this.classes = classes;
    }

    /**
     * Wraps features and labels; the arrays must not be changed afterwards.
     *
     * @param rows at least one row, all of the same length, at least 1; finite
     * @param labels one a row, 0 to classes - 1
     * @param classes at least 2
     * @throws IllegalArgumentException if any of this does not hold; the message names the row, counted from 1
     */
    public static LabelledFeatures of(double[][] rows, int[] labels, int classes) {
        if (classes < 2) {
            throw new IllegalArgumentException("classes=" + classes + ": must be at least 2");
        }
        if (rows.length == 0 || labels.length != rows.length) {
            throw new IllegalArgumentException("rows=" + rows.length + ", labels=" + labels.length
                    + ": must be the same number, at least 1; give each row of features its label");
        }
        if (rows[0].length == 0) {
            throw new IllegalArgumentException("features=0: must be at least 1");
        }
        for (int r = 0; r < rows.length; r++) {
            if (labels[r] < 0 || labels[r] >= classes) {
                throw new IllegalArgumentException("label=" + labels[r] + " in row " + (r + 1) + ": must be 0 to "
                        + (classes - 1) + "; raise the number of classes or correct the label");
            }
            requireRow(rows[r], rows[0].length, r);
        }
        return new LabelledFeatures(rows, labels, classes);
    }

    private static void requireRow(double[] row, int features, int r) {
        if (row.length != features) {
            throw new IllegalArgumentException("features=" + row.length + " in row " + (r + 1) + ": must be " + features
                    + " as in row 1; give every row the same number");
        }
        for (int k = 0; k < features; k++) {
            if (!Double.isFinite(row[k])) {
                throw new IllegalArgumentException("feature=" + row[k] + " in row " + (r + 1) + ", column " + (k + 1)
                        + ": must be finite; drop or correct the row");
            }
        }
    }

    /**
     * Checks that a classifier can be trained on this.
     *
     * @throws IllegalArgumentException if a class has no row
     */
    public void requireEveryClass() {
        int[] count = new int[classes];
        for (int label : labels) {
            count[label]++;
        }
        for (int c = 0; c < classes; c++) {
            if (count[c] == 0) {
                throw new IllegalArgumentException("class=" + c + ": has no row among " + rows.length
                        + "; every class needs an example, add one or lower the number of classes");
            }
        }
    }

    /** Number of rows. */
    public int size() {
        return rows.length;
    }

    /** Number of features of a row, without the constant one. */
    public int features() {
        return rows[0].length;
    }

    /** Number of classes. */
    public int classes() {
        return classes;
    }

    /** A row's features; not a copy. */
    public double[] row(int r) {
        return rows[r];
    }

    /** A row's class. */
    public int label(int r) {
        return labels[r];
    }

    /**
     * Rows from (included) to (excluded), in the same order; shares memory.
     *
     * @throws IllegalArgumentException if there is no such row, or none at all
     */
    public LabelledFeatures slice(int from, int to) {
        if (from < 0 || to > rows.length || from >= to) {
            throw new IllegalArgumentException(
                    "rows=" + from + ".." + to + ": must be a part of the " + rows.length + " rows, not empty");
        }
        return new LabelledFeatures(Arrays.copyOfRange(rows, from, to), Arrays.copyOfRange(labels, from, to), classes);
    }

    /**
     * The same rows with more classes; shares memory.
     *
     * @param more at least {@link #classes}
     */
    public LabelledFeatures withClasses(int more) {
        if (more < classes) {
            throw new IllegalArgumentException(
                    "classes=" + more + ": must be at least " + classes + ", the classes that these rows may have");
        }
        return new LabelledFeatures(rows, labels, more);
    }
}
