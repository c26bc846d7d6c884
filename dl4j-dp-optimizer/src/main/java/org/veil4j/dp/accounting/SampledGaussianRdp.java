package org.veil4j.dp.accounting;

/**
 * Renyi differential privacy of one step of the Poisson-subsampled Gaussian, the larger of both directions (an example added,
 * an example removed). With z ~ N(0, s^2) and r(z) = exp((2z - 1) / (2 s^2)) it is ln A(a) / (a - 1), where
 * A(a) = E[(1 - q + q r(z))^a]. Source: Mironov, Talwar, Zhang, "Renyi differential privacy of the sampled Gaussian
 * mechanism", arXiv 1908.10530, sections 3.2 and 3.3.
 */
public final class SampledGaussianRdp {
    /** Largest order that is computed. */
    public static final double MAX_ORDER = 1 << 14;

    /** Smallest order that is computed; nearer to 1 the division by order - 1 leaves few digits. */
    public static final double MIN_ORDER = 1.001;

    private static final double SQRT_HALF = Math.sqrt(0.5);
    private static final double LN_HALF = Math.log(0.5);
    /** Terms below this part of the sum are dropped. */
    private static final double NEGLIGIBLE = 1e-18;
    /** Terms of the accelerated tail; its error is below 5.8^-24 of the tail's first term. */
    private static final int TAIL_TERMS = 24;

    private SampledGaussianRdp() {}

    /**
     * The divergence of one step; that of many steps is the sum. Relative error about 1e-12, absolute error about
     * 1e-15 / (order - 1). Cost: up to {@code order} terms at integer orders, about a hundred at others.
     *
     * @param mechanism the step
     * @param order Renyi order, {@value #MIN_ORDER} to {@value #MAX_ORDER}
     * @return at least 0; infinite without noise, or where it exceeds the range of a double
     * @throws IllegalArgumentException if the order is out of range
     */
    public static double at(SampledGaussian mechanism, double order) {
        if (!(order >= MIN_ORDER && order <= MAX_ORDER)) {
            throw new IllegalArgumentException(
                    "order=" + order + ": must be between " + MIN_ORDER + " and " + MAX_ORDER);
        }
        double q = mechanism.samplingRate();
        double s2 = mechanism.noiseMultiplier() * mechanism.noiseMultiplier();
        if (order * order / (2 * s2) > Double.MAX_VALUE || s2 == 0) {
            return Double.POSITIVE_INFINITY;
        }
        if (q == 1) {
            return order / (2 * s2);
        }
        return order == Math.rint(order)
                ? integerOrder(q, s2, (int) order) / (order - 1)
                : fractionalOrder(q, s2, order) / (order - 1);
    }

    /**
     * ln A by the binomial theorem, A(a) = sum over i of C(a,i) (1-q)^(a-i) q^i exp((i^2-i)/(2 s^2)). The weights of the
     * binomial add up to 1, so A - 1 is the same sum over exp(..) - 1: all positive, no digit lost where A is near 1.
     */
    private static double integerOrder(double q, double s2, int a) {
        double lnQ = Math.log(q);
        double lnRest = Math.log1p(-q);
        double lnBinomial = 0;
        SignedLogSum excess = new SignedLogSum();
        for (int i = 1; i <= a; i++) {
            lnBinomial += Math.log((a - i + 1.0) / i);
            if (i > 1) {
                double u = (double) i * (i - 1) / (2 * s2);
                double lnExpm1 = u > 1 ? u + Math.log1p(-Math.exp(-u)) : Math.log(Math.expm1(u));
                excess.add(lnBinomial + (a - i) * lnRest + i * lnQ + lnExpm1, 1);
            }
        }
        double x = excess.log();
        return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
    }

    /**
     * ln A by two binomial series, one for z below z0 = s^2 ln(1/q - 1) + 1/2, where the terms of the sum are equal, and one
     * for z above. Beyond i = a the signs alternate; where the terms are no longer negligible there they fall only like
     * i^-(a+2), and are completely monotone (a beta integral times a Mills ratio), so that the rest of the series is
     * summed by the acceleration of Cohen, Rodriguez Villegas and Zagier (Experimental Mathematics 9, 2000, algorithm 1).
     */
    private static double fractionalOrder(double q, double s2, double a) {
        Series series = new Series(q, s2, a);
        SignedLogSum sum = new SignedLogSum();
        double tailFrom = Math.max(a, Math.max(series.z0, a - series.z0)) + 2;
        while (true) {
            double first = series.lowTerm();
            double second = series.highTerm();
            sum.add(first, series.sign);
            sum.add(second, series.sign);
            double size = Math.exp(Math.max(first, second) - sum.scale());
            if (series.i > a + 1 && size < NEGLIGIBLE * sum.magnitude()) {
                break;
            }
            series.next();
            if (series.i > tailFrom) {
                sum.addScaled(tail(series, sum.scale()));
                break;
            }
        }
        // Rounding may leave a sum just below 1, the least that A can be.
        return Math.max(0, sum.log());
    }

    private static double tail(Series series, double scale) {
        double power = Math.pow(3 + Math.sqrt(8), TAIL_TERMS);
        double d = (power + 1 / power) / 2;
        double b = -1;
        double c = -d;
        double s = 0;
        double sign = series.sign;
        for (int k = 0; k < TAIL_TERMS; k++) {
            c = b - c;
            s += c * (Math.exp(series.lowTerm() - scale) + Math.exp(series.highTerm() - scale));
            b *= (k + (double) TAIL_TERMS) * (k - (double) TAIL_TERMS) / ((k + 0.5) * (k + 1));
            series.next();
        }
        return sign * s / d;
    }

    /** The terms of both series, one after another: logarithms, and the sign that both share. */
    private static final class Series {
        final double z0;
        private final double s2;
        private final double a;
        private final double lnQ;
        private final double lnRest;
        private final double toErfc;
        private int i;
        private double lnBinomial;
        private double sign = 1;

        Series(double q, double s2, double a) {
            this.s2 = s2;
            this.a = a;
            lnQ = Math.log(q);
            lnRest = Math.log1p(-q);
            z0 = s2 * (lnRest - lnQ) + 0.5;
            toErfc = SQRT_HALF / Math.sqrt(s2);
        }

        /** z below z0: the power of the unsampled part is a - i. */
        double lowTerm() {
            return lnBinomial
                    + i * lnQ
                    + (a - i) * lnRest
                    + ((double) i * i - i) / (2 * s2)
                    + LN_HALF
                    + ErrorFunction.logErfc((i - z0) * toErfc);
        }

        /** z above z0: the power of the sampled part is a - i. */
        double highTerm() {
            double j = a - i;
            return lnBinomial
                    + j * lnQ
                    + i * lnRest
                    + (j * j - j) / (2 * s2)
                    + LN_HALF
                    + ErrorFunction.logErfc((z0 - j) * toErfc);
        }

        void next() {
            double factor = (a - i) / (i + 1);
            lnBinomial += Math.log(Math.abs(factor));
            if (factor < 0) {
                sign = -sign;
            }
            i++;
        }
    }
}
