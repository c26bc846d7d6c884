package org.veil4j.he.mlr.encoding;

import org.veil4j.he.mlr.clear.MlrSettings;

/**
 * Where numbers lie in the paper's encoding. A vector of slots is a table of rows of {@code width} slots. An example takes a
 * row, column k of its features at position k, its labels at positions 0, 1, ...; the weights of class c take row c of one
 * vector. Immutable.
 */
final class RevolverLayout {
    final int slots;
    final int classes;
    final int columns;
    /** Slots of a row, a power of two. */
    final int width;
    /** Copies of the residuals of all classes that a row must hold, side by side. */
    final int copies;

    final RowBlocks rowBlocks;

    /**
     * A layout.
     *
     * @param columns features and the constant one
     * @throws IllegalArgumentException if the weights of all classes do not fit one vector
     */
    RevolverLayout(int slots, int classes, int columns, int rows, MlrSettings settings) {
        this.slots = slots;
        this.classes = classes;
        this.columns = columns;
        this.copies = (columns + 2 * classes - 2) / classes;
        this.width = DiagonalLayout.powerOfTwo(copies * classes);
        if ((long) width * classes > slots) {
            throw new IllegalArgumentException("features=" + (columns - 1) + ", classes=" + classes
                    + ": weights of rows of " + width + " slots must fit " + slots
                    + " slots; use a larger ring or encoding DIAGONAL");
        }
        this.rowBlocks = new RowBlocks(slots / width, rows, settings);
    }

    /** Rows of a vector. */
    int rowsPerBlock() {
        return rowBlocks.rowsPerBlock;
    }

    /** Slots of a block's features. */
    double[] features(double[][] x, int block) {
        double[] s = new double[slots];
        for (int r = rowBlocks.from(block); r < rowBlocks.to(block); r++) {
            System.arraycopy(x[r], 0, s, (r - rowBlocks.from(block)) * width, columns);
        }
        return s;
    }

    /** Slots of a block's labels: y - 1/2 for each class. */
    double[] labels(int[] labels, int block) {
        double[] s = new double[slots];
        for (int r = rowBlocks.from(block); r < rowBlocks.to(block); r++) {
            for (int c = 0; c < classes; c++) {
                s[(r - rowBlocks.from(block)) * width + c] = (labels[r] == c ? 1 : 0) - 0.5;
            }
        }
        return s;
    }

    /** Slots of one number a column, the same for every class. */
    double[] columnFactors(double[] factors) {
        double[] s = new double[slots];
        for (int c = 0; c < classes; c++) {
            System.arraycopy(factors, 0, s, c * width, columns);
        }
        return s;
    }

    /** Slots of weights. */
    double[] weights(double[][] w) {
        double[] s = new double[slots];
        for (int c = 0; c < classes; c++) {
            System.arraycopy(w[c], 0, s, c * width, columns);
        }
        return s;
    }

    /** The counterpart of {@link #weights}. */
    double[][] readWeights(double[] s) {
        double[][] w = new double[classes][columns];
        for (int c = 0; c < classes; c++) {
            System.arraycopy(s, c * width, w[c], 0, columns);
        }
        return w;
    }

    /** One at the first position of every row. */
    double[] firstMask() {
        double[] s = new double[slots];
        for (int r = 0; r < rowsPerBlock(); r++) {
            s[r * width] = 1;
        }
        return s;
    }

    /** After the weights were moved up by a number of rows: one at the position of the class that row r then met. */
    double[] classMask(int moved) {
        double[] s = new double[slots];
        for (int r = 0; r < rowsPerBlock(); r++) {
            int c = (r + moved) % rowsPerBlock();
            if (c < classes) {
                s[r * width + c] = 1;
            }
        }
        return s;
    }

    /** One in all positions of all classes. */
    double[] scoreMask() {
        double[] s = new double[slots];
        for (int r = 0; r < rowsPerBlock(); r++) {
            java.util.Arrays.fill(s, r * width, r * width + classes, 1);
        }
        return s;
    }

    /** After residuals were moved left by a number of positions: one where a class's row has that class's gradient. */
    double[] gradientMask(int moved) {
        double[] s = new double[slots];
        for (int c = 0; c < classes; c++) {
            for (int k = 0; k < columns; k++) {
                s[c * width + k] = (k + moved) % classes == c ? 1 : 0;
            }
        }
        return s;
    }
}
