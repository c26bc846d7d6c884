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

    /** How far beyond [0, 1], the means, outputs lie with at most this probability: by the Gaussian's Chernoff bound. */
    static double reach(SampledGaussian mechanism, double probability) {
        return mechanism.noiseMultiplier() * Math.sqrt(-2 * Math.log(probability));
    }
}
