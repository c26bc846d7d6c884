package org.veil4j.he.mlr.clear;

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
     * Fits means and deviations on the given rows. A feature that is constant there is neutralised if it is centred: it
     * becomes 0, for training and for prediction alike, since nothing was learned about it. (A mean in floating point leaves
     * a residue of about 1e-17 of it, which a Hessian bound would blow up.) Without centring it stays, as another bias.
     *
     * @throws IllegalArgumentException if features are so large or so small that squares or inverses are not finite
     */
    public FeaturePreparation fit(LabelledFeatures rows) {
        int features = rows.features();
        double[] shift = new double[features];
        double[] factor = new double[features];
        Arrays.fill(factor, 1);
        for (int k = 0; k < features; k++) {
            double largest = largest(rows, k);
            if (centre) {
                shift[k] = mean(rows, k);
                double deviation = deviation(rows, k, shift[k], largest);
                if (deviation <= CONSTANT * largest) {
                    factor[k] = 0;
                } else if (scale) {
                    factor[k] = finiteInverse(deviation, k);
                }
            }
        }
        return new FeaturePreparation(shift, factor, normaliseRows);
    }

    /** How many features are constant on the rows, whatever is done to them. */
    public static int constantFeatures(LabelledFeatures rows) {
        int count = 0;
        for (int k = 0; k < rows.features(); k++) {
            double largest = largest(rows, k);
            count += deviation(rows, k, mean(rows, k), largest) <= CONSTANT * largest ? 1 : 0;
        }
        return count;
    }

    /** The feature's largest magnitude; such that no sum of squares, over rows, features, or both, leaves the doubles. */
    private static double largest(LabelledFeatures rows, int k) {
        double largest = 0;
        for (int r = 0; r < rows.size(); r++) {
            largest = Math.max(largest, Math.abs(rows.row(r)[k]));
        }
        double most = Math.sqrt(Double.MAX_VALUE / 4 / rows.size() / (rows.features() + 1.0));
        if (!(largest <= most)) {
            throw new IllegalArgumentException("feature " + (k + 1) + ": largest magnitude=" + largest
                    + " on the training rows, must be at most " + most
                    + " for its mean and deviation to be finite; divide the feature by a power of ten");
        }
        return largest;
    }

    /** The mean, in two passes: the errors of one would make a constant feature of 100,000 rows look as if it varied. */
    private static double mean(LabelledFeatures rows, int k) {
        double rough = meanDifference(rows, k, 0);
        return rough + meanDifference(rows, k, rough);
    }

    private static double meanDifference(LabelledFeatures rows, int k, double from) {
        double sum = 0;
        for (int r = 0; r < rows.size(); r++) {
            sum += rows.row(r)[k] - from;
        }
        return sum / rows.size();
    }

    /** The standard deviation, of numbers divided by the largest so that squares of tiny ones do not vanish. */
    private static double deviation(LabelledFeatures rows, int k, double mean, double largest) {
        double sum = 0;
        for (int r = 0; r < rows.size() && largest > 0; r++) {
            double d = (rows.row(r)[k] - mean) / largest;
            sum += d * d;
        }
        return largest * Math.sqrt(sum / rows.size());
    }

    private static double finiteInverse(double deviation, int k) {
        double inverse = 1 / deviation;
        if (Double.isInfinite(inverse)) {
            throw new IllegalArgumentException("feature " + (k + 1) + ": deviation=" + deviation
                    + " on the training rows, must have a finite inverse; multiply the feature by a power of ten");
        }
        return inverse;
    }
}
