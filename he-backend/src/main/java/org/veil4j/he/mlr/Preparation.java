package org.veil4j.he.mlr;

import java.util.Arrays;

/**
 * What a client does to features before it encrypts them, and again before it predicts: fitted on the training rows, applied to
 * all. Centring is worth the most: features that are never negative share one large component, which slows training down.
 */
public enum Preparation {
    /** Features as they are: the paper's. */
    NONE(false, false, false),
    /** Subtracts each feature's mean. */
    CENTRE(true, false, false),
    /** Subtracts the mean and divides by the standard deviation. */
    STANDARDISE(true, true, false),
    /** Divides each row by its Euclidean norm: scores stay small. */
    ROW_NORMALISE(false, false, true),
    /** Centres, then normalises rows. */
    CENTRE_ROW_NORMALISE(true, false, true),
    /** Standardises, then normalises rows. */
    STANDARDISE_ROW_NORMALISE(true, true, true);

    /** A standard deviation below this share of the feature's largest magnitude counts as zero. */
    private static final double CONSTANT = 1e-12;

    private final boolean centre;
    private final boolean scale;
    private final boolean normaliseRows;

    Preparation(boolean centre, boolean scale, boolean normaliseRows) {
        this.centre = centre;
        this.scale = scale;
        this.normaliseRows = normaliseRows;
    }

    /**
     * Fits means and deviations on the given rows. A feature that is constant there is neutralised when it is to be divided by
     * its deviation: it becomes 0, for training and for prediction alike, since nothing was learned about it.
     */
    public FeaturePreparation fit(LabelledFeatures rows) {
        int features = rows.features();
        double[] shift = new double[features];
        double[] factor = new double[features];
        Arrays.fill(factor, 1);
        for (int k = 0; k < features; k++) {
            if (centre) {
                shift[k] = mean(rows, k);
            }
            if (scale) {
                factor[k] = inverseDeviation(rows, k, shift[k]);
            }
        }
        return new FeaturePreparation(shift, factor, normaliseRows);
    }

    private static double mean(LabelledFeatures rows, int k) {
        double sum = 0;
        for (int r = 0; r < rows.size(); r++) {
            sum += rows.row(r)[k];
        }
        return sum / rows.size();
    }

    private static double inverseDeviation(LabelledFeatures rows, int k, double mean) {
        double sum = 0;
        double largest = 0;
        for (int r = 0; r < rows.size(); r++) {
            double d = rows.row(r)[k] - mean;
            sum += d * d;
            largest = Math.max(largest, Math.abs(rows.row(r)[k]));
        }
        double deviation = Math.sqrt(sum / rows.size());
        return deviation <= CONSTANT * largest ? 0 : 1 / deviation;
    }
}
