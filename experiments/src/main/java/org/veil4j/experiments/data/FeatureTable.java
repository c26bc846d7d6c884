package org.veil4j.experiments.data;

/**
 * Labelled feature vectors in memory. The arrays are shared, not copied: treat them as read-only.
 *
 * @param features one row an example, all of the same length, finite
 * @param labels class indices from 0, one a row
 */
public record FeatureTable(double[][] features, int[] labels) {
    /**
     * Checks the shape.
     *
     * @throws IllegalArgumentException if rows are missing or differ in length
     */
    public FeatureTable {
        if (features.length == 0 || features.length != labels.length) {
            throw new IllegalArgumentException("rows=" + features.length + " labels=" + labels.length
                    + ": there must be at least one row, and a label for each");
        }
        for (double[] row : features) {
            if (row.length == 0 || row.length != features[0].length) {
                throw new IllegalArgumentException("features=" + row.length + ": every row must have "
                        + features[0].length + ", as the first has, and at least one");
            }
        }
    }

    /** Number of rows. */
    public int rows() {
        return labels.length;
    }

    /** Number of features of a row. */
    public int columns() {
        return features[0].length;
    }

    /** Without content: features describe the user's data. */
    @Override
    public String toString() {
        return "FeatureTable[" + rows() + " x " + columns() + "]";
    }
}
