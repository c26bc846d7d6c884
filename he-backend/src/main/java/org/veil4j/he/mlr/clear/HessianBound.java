package org.veil4j.he.mlr.clear;

/** The paper's fixed, diagonal bound on the Hessian of the likelihood, the same for every class. */
public final class HessianBound {
    private static final double EPSILON = 1e-8;
    /** A column that never exceeds this share of the largest feature is taken for zero: rounding, not data. */
    private static final double ZERO = 1e-12;

    private HessianBound() {}

    /**
     * The inverse bound of rows that are used as they are.
     *
     * @param x prepared rows with the leading one
     * @return one number a column, at least 0
     */
    public static double[] inverse(double[][] x) {
        return inverse(x, 0);
    }

    /**
     * The inverse 1 / (epsilon + 1/4 sum_i |x_ik| sum_j |x_ij|), one a column. A column of zeros would get 1/epsilon, which
     * its zero gradient never uses; it gets 0 so that nothing large is encrypted. So does one of what rounding left of zeros:
     * its weights could move by nothing but the noise, a thousandfold.
     *
     * @param x prepared rows with the leading one, divided by a power of two
     * @param log2 log2 of that
     * @return the inverse bound of the rows before that, times the square of the power of two
     */
    public static double[] inverse(double[][] x, int log2) {
        double[] bound = new double[x[0].length];
        double[] largest = new double[bound.length];
        double largestFeature = 0;
        for (double[] row : x) {
            double sum = 0;
            for (double v : row) {
                sum += Math.abs(v);
            }
            for (int k = 0; k < bound.length; k++) {
                bound[k] += 0.25 * Math.abs(row[k]) * sum;
                largest[k] = Math.max(largest[k], Math.abs(row[k]));
                largestFeature = k == 0 ? largestFeature : Math.max(largestFeature, largest[k]);
            }
        }
        for (int k = 0; k < bound.length; k++) {
            boolean zero = k > 0 && largest[k] <= ZERO * largestFeature;
            bound[k] = zero ? 0 : 1 / (Math.scalb(EPSILON, -2 * log2) + bound[k]);
        }
        return bound;
    }
}
