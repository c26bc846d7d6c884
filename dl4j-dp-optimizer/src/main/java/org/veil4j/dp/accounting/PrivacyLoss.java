package org.veil4j.dp.accounting;

/** The privacy loss of one step as a function of its output along the example's contribution, and back. */
final class PrivacyLoss {
    /** Beyond it exp(loss) is kept in the exponent. */
    static final double LARGE = 300;

    private PrivacyLoss() {}

    /** ln(1 - q + q exp((2z-1)/(2 s^2))): log density ratio with the example over without it; grows with z. */
    static double at(SampledGaussian mechanism, double z) {
        double q = mechanism.samplingRate();
        double s = mechanism.noiseMultiplier();
        double u = (2 * z - 1) / (2 * s * s);
        if (q == 1) {
            return u;
        }
        return u > LARGE ? u + Math.log(q) + Math.log1p((1 - q) / q * Math.exp(-u)) : Math.log1p(q * Math.expm1(u));
    }

    /** The output that has a loss; minus infinity where all outputs have larger ones. */
    static double output(SampledGaussian mechanism, double loss) {
        double q = mechanism.samplingRate();
        double s = mechanism.noiseMultiplier();
        double u;
        if (q == 1) {
            u = loss;
        } else if (loss > LARGE) {
            u = loss - Math.log(q) + Math.log1p((q - 1) * Math.exp(-loss));
        } else {
            double w = Math.expm1(loss) / q;
            u = w <= -1 ? Double.NEGATIVE_INFINITY : Math.log1p(w);
        }
        return s * s * u + 0.5;
    }

    /** The output below which outputs lie with at most this probability, whether the example takes part or not: by Chernoff. */
    static double leastOutput(SampledGaussian mechanism, double probability) {
        return -mechanism.noiseMultiplier() * Math.sqrt(-2 * Math.log(probability));
    }

    /** The output above which outputs of a step that may use the example lie with at most this probability, and little more. */
    static double largestOutput(SampledGaussian mechanism, double probability) {
        double q = mechanism.samplingRate();
        double s = mechanism.noiseMultiplier();
        double low = 0;
        double high = 1 + s * Math.sqrt(-2 * Math.log(probability));
        while (high - low > 1e-3 * s) {
            double middle = 0.5 * (low + high);
            double tail = (1 - q) * ErrorFunction.normal(-middle / s) + q * ErrorFunction.normal((1 - middle) / s);
            if (tail > probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }
}
