package org.veil4j.he.ckks;

import java.util.Arrays;
import java.util.Locale;

/**
 * How far results are from what they should be.
 *
 * @param count numbers compared
 * @param maxError largest absolute error
 * @param meanError mean absolute error
 * @param medianError median absolute error
 */
public record PrecisionStats(int count, double maxError, double meanError, double medianError) {
    /**
     * Compares.
     *
     * @param want the right numbers
     * @param have the results, as many; one that is not finite counts as an infinite error
     * @throws IllegalArgumentException when the lengths differ or are 0
     */
    public static PrecisionStats of(double[] want, double[] have) {
        if (want.length != have.length || want.length == 0) {
            throw new IllegalArgumentException(
                    "want.length=" + want.length + ", have.length=" + have.length + ": must be equal and at least 1");
        }
        double[] errors = new double[want.length];
        double sum = 0;
        for (int i = 0; i < errors.length; i++) {
            double e = Math.abs(want[i] - have[i]);
            errors[i] = Double.isNaN(e) ? Double.POSITIVE_INFINITY : e;
            sum += errors[i];
        }
        Arrays.sort(errors);
        int n = errors.length;
        double median = n % 2 == 1 ? errors[n / 2] : (errors[n / 2 - 1] + errors[n / 2]) / 2;
        return new PrecisionStats(n, errors[n - 1], sum / n, median);
    }

    /** Bits behind the binary point that all results have right: -log2(maxError); infinity when there is no error. */
    public double bits() {
        return -Math.log(maxError) / Math.log(2);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "max %.3g, mean %.3g, median %.3g, %.1f bits (%d numbers)",
                maxError,
                meanError,
                medianError,
                bits(),
                count);
    }
}
