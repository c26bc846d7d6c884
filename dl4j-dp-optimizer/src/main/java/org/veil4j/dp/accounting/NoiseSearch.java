package org.veil4j.dp.accounting;

import java.util.function.DoubleUnaryOperator;

/**
 * Finds the least noise that keeps an epsilon, with few evaluations of a figure that is certain but takes long: first by a cheap
 * estimate of it, then along that estimate's slope, as the two differ by little. In logarithms, as epsilon is nearly a power of the
 * noise. Not thread-safe.
 */
final class NoiseSearch {
    /** Relative distance of the estimate from epsilon at which the search by it ends. */
    private static final double NEAR = 4e-3;
    /** Relative difference of noises that are as good as equal. */
    private static final double SAME = 2e-6;
    /** Part of epsilon that may be left unused, by the number of evaluations so far. */
    private static final double[] UNUSED = {1e-4, 1e-4, 1e-4, 2e-4, 4e-4, 8e-4, 2e-3};
    /** Noises farther apart than this tell the slope. */
    private static final double APART = 3e-4;

    private static final double LEAST_SLOPE = 0.1;

    private static final int MAX_EVALUATIONS = 40;

    private final DoubleUnaryOperator stated;
    private final DoubleUnaryOperator rough;
    private final double epsilon;

    /** By how much a ln of epsilon changes with a ln of the noise; negative. */
    private double slope = -1;

    /**
     * A search.
     *
     * @param stated epsilon by noise, falling
     * @param rough about the same
     * @param epsilon what is to be kept
     */
    NoiseSearch(DoubleUnaryOperator stated, DoubleUnaryOperator rough, double epsilon) {
        this.stated = stated;
        this.rough = rough;
        this.epsilon = epsilon;
    }

    /**
     * The least noise, of six digits, whose stated epsilon was computed and is at most the one wanted.
     *
     * @param start a noise that is enough by the estimate, or {@link NoiseCalibrator#MAX_NOISE}
     * @throws UnreachableEpsilonException if no noise is enough
     */
    double least(double start) {
        double noise = near(start);
        double little = 0;
        double enough = Double.POSITIVE_INFINITY;
        double lastNoise = Double.NaN;
        double lastExcess = Double.NaN;
        for (int i = 0; i < MAX_EVALUATIONS; i++) {
            noise = Math.min(NoiseCalibrator.MAX_NOISE, NoiseCalibrator.roundUp(noise));
            double excess = Math.log(stated.applyAsDouble(noise) / epsilon);
            double unused = UNUSED[Math.min(i, UNUSED.length - 1)];
            if (excess > 0) {
                if (noise >= NoiseCalibrator.MAX_NOISE) {
                    // Says why.
                    return NoiseCalibrator.bisect(stated, epsilon);
                }
                little = Math.max(little, noise);
            } else {
                enough = Math.min(enough, noise);
                if (excess >= -unused || noise <= NoiseCalibrator.MIN_NOISE) {
                    return noise;
                }
            }
            if (enough <= little * (1 + SAME)) {
                return enough;
            }
            learnSlope(noise, lastNoise, excess, lastExcess);
            lastNoise = noise;
            lastExcess = excess;
            noise = next(noise, excess, little, enough, 0.4 * unused);
        }
        return enough < Double.POSITIVE_INFINITY ? enough : NoiseCalibrator.bisect(stated, epsilon);
    }

    private void learnSlope(double noise, double other, double excess, double otherExcess) {
        double distance = Math.log(noise / other);
        double measured = (excess - otherExcess) / distance;
        if (Math.abs(distance) > APART && measured < -LEAST_SLOPE && measured > Double.NEGATIVE_INFINITY) {
            slope = measured;
        }
    }

    /** Along the slope to a little below epsilon, but strictly between what is too little and what is enough. */
    private double next(double noise, double excess, double little, double enough, double margin) {
        double step = Double.isInfinite(excess) ? excess : (excess + margin) / -slope;
        double target = noise * Math.exp(Math.max(-1, Math.min(1, step)));
        boolean both = little > 0 && enough < Double.POSITIVE_INFINITY;
        if (both && !(target > little * (1 + SAME / 4) && target < enough * (1 - SAME / 4))) {
            target = Math.sqrt(little * enough);
        }
        return Math.max(NoiseCalibrator.MIN_NOISE, target);
    }

    /** By the Illinois rule, a noise for which the estimate is epsilon, nearly; leaves the slope there. */
    private double near(double start) {
        double high = start;
        double highExcess = excess(high);
        if (highExcess > NEAR) {
            return high;
        }
        double low = high;
        double lowExcess = highExcess;
        for (double factor = 0.9; lowExcess <= 0; factor *= factor) {
            high = low;
            highExcess = lowExcess;
            if (high <= NoiseCalibrator.MIN_NOISE) {
                return NoiseCalibrator.MIN_NOISE;
            }
            low = Math.max(NoiseCalibrator.MIN_NOISE, high * factor);
            lowExcess = excess(low);
        }
        learnSlope(high, low, highExcess, lowExcess);
        int side = 0;
        double weightLow = lowExcess;
        double weightHigh = highExcess;
        while (high - low > SAME * high && Math.min(lowExcess, -highExcess) > NEAR) {
            double share = weightHigh > Double.NEGATIVE_INFINITY && weightLow < Double.POSITIVE_INFINITY
                    ? Math.max(0.02, Math.min(0.98, weightLow / (weightLow - weightHigh)))
                    : 0.5;
            double middle = low * Math.pow(high / low, share);
            double excess = excess(middle);
            if (excess > 0) {
                low = middle;
                lowExcess = excess;
                weightLow = excess;
                weightHigh = side > 0 ? 0.5 * weightHigh : highExcess;
                side = 1;
            } else {
                high = middle;
                highExcess = excess;
                weightHigh = excess;
                weightLow = side < 0 ? 0.5 * weightLow : lowExcess;
                side = -1;
            }
            learnSlope(high, low, highExcess, lowExcess);
        }
        double share = lowExcess / (lowExcess - highExcess);
        return share > 0 ? low * Math.pow(high / low, share) : high;
    }

    private double excess(double noise) {
        return Math.log(rough.applyAsDouble(noise) / epsilon);
    }
}
