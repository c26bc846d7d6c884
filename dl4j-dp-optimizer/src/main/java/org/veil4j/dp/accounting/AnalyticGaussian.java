package org.veil4j.dp.accounting;

/**
 * The Gaussian mechanism of sensitivity mu and standard deviation 1, in closed form; steps without sampling compose to one,
 * mu = sqrt(sum of 1/s^2). Source: Balle, Wang, "Improving the Gaussian mechanism for differential privacy", ICML 2018,
 * theorem 8.
 */
final class AnalyticGaussian {
    /** Relative error of {@link #epsilon}, to the safe side. */
    static final double RELATIVE_ERROR = 1e-9;

    private static final double SQRT_HALF = Math.sqrt(0.5);
    private static final double LN_HALF = Math.log(0.5);

    private AnalyticGaussian() {}

    /** delta at an epsilon, at least 0: Phi(mu/2 - epsilon/mu) - e^epsilon Phi(-mu/2 - epsilon/mu). */
    static double delta(double mu, double epsilon) {
        double first = logNormal(mu / 2 - epsilon / mu);
        double second = epsilon + logNormal(-mu / 2 - epsilon / mu);
        return second >= first ? 0 : Math.exp(first) * -Math.expm1(second - first);
    }

    /** The least epsilon with at most this delta, rounded up by {@link #RELATIVE_ERROR}; infinite for an infinite mu. */
    static double epsilon(double mu, double delta) {
        if (delta(mu, 0) <= delta) {
            return 0;
        }
        double low = 0;
        double high = 1;
        while (delta(mu, high) > delta) {
            low = high;
            high *= 2;
            if (high > 1e300) {
                return Double.POSITIVE_INFINITY;
            }
        }
        while (high - low > 0.25 * RELATIVE_ERROR * high) {
            double middle = 0.5 * (low + high);
            if (delta(mu, middle) > delta) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high * (1 + 0.5 * RELATIVE_ERROR);
    }

    private static double logNormal(double z) {
        return LN_HALF + ErrorFunction.logErfc(-z * SQRT_HALF);
    }
}
