package org.veil4j.he.mlr.clear;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.io.PayloadReader;

/**
 * A fitted preparation: (x - shift) * factor in each feature, then, if wanted, each row divided by its Euclidean norm. Immutable.
 * Holds statistics of the training data: it is for the data's owner.
 */
public final class FeaturePreparation {
    /** Most features that a file may hold. */
    public static final int MAX_FEATURES = 1 << 20;

    private final double[] shift;
    private final double[] factor;
    private final boolean normaliseRows;

    FeaturePreparation(double[] shift, double[] factor, boolean normaliseRows) {
        this.shift = shift;
        this.factor = factor;
        this.normaliseRows = normaliseRows;
    }

    /** Number of features that it takes. */
    public int features() {
        return shift.length;
    }

    /** Features that centring or standardising neutralised because they were constant. */
    public int neutralised() {
        int count = 0;
        for (double f : factor) {
            count += f == 0 ? 1 : 0;
        }
        return count;
    }

    /** What is subtracted from each feature; a copy. */
    public double[] shift() {
        return shift.clone();
    }

    /** What each feature is multiplied by after that; a copy. */
    public double[] factor() {
        return factor.clone();
    }

    /** Whether rows are divided by their norm in the end, which makes the preparation not affine. */
    public boolean normalisesRows() {
        return normaliseRows;
    }

    /**
     * A row as the classifier sees it: 1 for the bias, then the prepared features. A row of norm 0 stays zero.
     *
     * @param features as many as {@link #features}
     * @return features() + 1 numbers
     */
    public double[] apply(double[] features) {
        if (features.length != shift.length) {
            throw new IllegalArgumentException("features=" + features.length + ": must be " + shift.length
                    + ", as in training; use the same body and layer");
        }
        double[] x = new double[features.length + 1];
        double squares = 0;
        for (int k = 0; k < features.length; k++) {
            double v = (features[k] - shift[k]) * factor[k];
            x[k + 1] = v;
            squares += v * v;
        }
        if (normaliseRows && squares > 0) {
            double norm = Math.sqrt(squares);
            for (int k = 1; k < x.length; k++) {
                x[k] /= norm;
            }
        }
        x[0] = 1;
        return x;
    }

    /** All rows, prepared. */
    public double[][] apply(LabelledFeatures rows) {
        double[][] x = new double[rows.size()][];
        for (int r = 0; r < x.length; r++) {
            x[r] = apply(rows.row(r));
        }
        return x;
    }

    /** Writes this to a file of its owner's: statistics of the data. */
    public void write(DataOutput out) throws IOException {
        out.writeBoolean(normaliseRows);
        out.writeInt(shift.length);
        for (int k = 0; k < shift.length; k++) {
            out.writeDouble(shift[k]);
            out.writeDouble(factor[k]);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws org.veil4j.he.io.CorruptDataException if there is no feature, too many, or a number that is not finite
     */
    public static FeaturePreparation read(PayloadReader in) throws IOException {
        boolean rows = in.readBoolean();
        int features = in.readCount("features", MAX_FEATURES, 2 * Double.BYTES);
        if (features == 0) {
            throw in.corrupt("at least one feature", "none");
        }
        double[] shift = new double[features];
        double[] factor = new double[features];
        for (int k = 0; k < features; k++) {
            shift[k] = in.readFinite("shift");
            factor[k] = in.readFinite("factor");
        }
        return new FeaturePreparation(shift, factor, rows);
    }
}
