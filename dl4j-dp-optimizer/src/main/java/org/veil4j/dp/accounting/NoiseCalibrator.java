package org.veil4j.dp.accounting;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.function.DoubleUnaryOperator;

/** The least noise that keeps a budget. */
public final class NoiseCalibrator {
    /** The least noise multiplier that is ever returned. */
    public static final double MIN_NOISE = 0.01;

    /** Noise beyond this drowns any signal; a budget that needs more is refused. */
    public static final double MAX_NOISE = 1e6;

    private static final double TOLERANCE = 1e-6;
    private static final double NEARBY = 1.01;
    private static final MathContext SIX_DIGITS_UP = new MathContext(6, RoundingMode.CEILING);

    private NoiseCalibrator() {}

    /**
     * The least noise multiplier, of six significant digits and rounded up, with which the accountant states at most this
     * epsilon for all steps together. Found by bisection (with interpolation for PRV, whose figures take longer); the result's
     * own epsilon was computed and is at most the one asked for.
     * For shuffled batches give sampling rate 1 and {@link PrivacyGuarantee#participations} as steps. Cost: under a second, but
     * up to three for PRV and millions of steps.
     *
     * @param epsilon positive, finite
     * @param delta in (0, 1)
     * @param samplingRate in (0, 1]
     * @param steps at least 1
     * @param accounting whose epsilon is to be kept
     * @return {@value #MIN_NOISE} to {@value #MAX_NOISE}
     * @throws UnreachableEpsilonException if noise of {@value #MAX_NOISE} is not enough
     * @throws IllegalArgumentException if an argument is out of range
     */
    public static double noiseMultiplier(
            double epsilon, double delta, double samplingRate, long steps, Accounting accounting) {
        Arguments.epsilon(epsilon);
        Arguments.delta(delta);
        Arguments.samplingRate(samplingRate);
        if (steps < 1) {
            throw new IllegalArgumentException("steps=" + steps + ": must be at least 1 to calibrate noise for");
        }
        DoubleUnaryOperator stated = noise -> stated(noise, delta, samplingRate, steps, accounting);
        double enough;
        if (accounting == Accounting.PRV && samplingRate < 1) {
            DoubleUnaryOperator rough = noise -> PrvAccountant.of(new SampledGaussian(samplingRate, noise), steps)
                    .roughEpsilon(delta);
            double near = interpolate(rough, epsilon, start(epsilon, delta, samplingRate, steps));
            enough = refine(stated, rough, epsilon, near);
        } else {
            enough = bisect(stated, epsilon);
        }
        double rounded = roundUp(enough);
        for (double more = TOLERANCE; stated.applyAsDouble(rounded) > epsilon; more *= 4) {
            rounded = roundUp(rounded * (1 + more));
        }
        return rounded;
    }

    private static double stated(double noise, double delta, double samplingRate, long steps, Accounting accounting) {
        SampledGaussian mechanism = new SampledGaussian(samplingRate, noise);
        return switch (accounting) {
            case RDP -> RdpAccountant.of(mechanism, steps).epsilon(delta).epsilon();
            case PRV -> PrvAccountant.of(mechanism, steps).epsilon(delta).epsilon();
        };
    }

    /** The upper end of the last bracket: a noise whose epsilon was computed and is at most the one asked for. */
    private static double bisect(DoubleUnaryOperator stated, double epsilon) {
        double low = MIN_NOISE;
        double high = 1;
        while (stated.applyAsDouble(high) > epsilon) {
            if (high >= MAX_NOISE) {
                throw new UnreachableEpsilonException("epsilon=" + epsilon + ": cannot be reached, for even noise of "
                        + MAX_NOISE + " times the clip norm gives " + (float) stated.applyAsDouble(MAX_NOISE)
                        + "; take fewer steps, a smaller sampling rate, a larger delta, or a larger epsilon");
            }
            low = high;
            high = Math.min(MAX_NOISE, 2 * high);
        }
        if (low == MIN_NOISE && stated.applyAsDouble(low) <= epsilon) {
            return low;
        }
        while (high - low > TOLERANCE * high) {
            double middle = high > 2 * low ? Math.sqrt(low * high) : 0.5 * (low + high);
            if (stated.applyAsDouble(middle) > epsilon) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** A noise that is enough, and near: by Renyi accounting, where that reaches so small an epsilon. */
    private static double start(double epsilon, double delta, double samplingRate, long steps) {
        try {
            return noiseMultiplier(epsilon, delta, samplingRate, steps, Accounting.RDP);
        } catch (UnreachableEpsilonException e) {
            return MAX_NOISE;
        }
    }

    /**
     * As {@link #bisect}, between a noise that may be too little and {@code start}, by the Illinois rule in logarithms: epsilon is
     * nearly a power of the noise, so that a handful of evaluations is enough.
     */
    private static double interpolate(DoubleUnaryOperator stated, double epsilon, double start) {
        double high = start;
        double highExcess = Math.log(stated.applyAsDouble(high) / epsilon);
        if (highExcess > 0) {
            return bisect(stated, epsilon);
        }
        double low = high;
        double lowExcess = highExcess;
        for (double factor = 0.9; lowExcess <= 0; factor *= factor) {
            high = low;
            highExcess = lowExcess;
            if (high <= MIN_NOISE) {
                return MIN_NOISE;
            }
            low = Math.max(MIN_NOISE, high * factor);
            lowExcess = Math.log(stated.applyAsDouble(low) / epsilon);
        }
        int side = 0;
        while (high - low > 10 * TOLERANCE * high) {
            double share = highExcess > Double.NEGATIVE_INFINITY && lowExcess < Double.POSITIVE_INFINITY
                    ? Math.max(0.05, Math.min(0.95, lowExcess / (lowExcess - highExcess)))
                    : 0.5;
            double middle = low * Math.pow(high / low, share);
            double excess = Math.log(stated.applyAsDouble(middle) / epsilon);
            if (excess > 0) {
                low = middle;
                lowExcess = excess;
                highExcess = side > 0 ? 0.5 * highExcess : highExcess;
                side = 1;
            } else {
                high = middle;
                highExcess = excess;
                lowExcess = side < 0 ? 0.5 * lowExcess : lowExcess;
                side = -1;
            }
        }
        return high;
    }

    /**
     * Moves from a noise whose epsilon on a coarse mesh is right to one whose epsilon is: they differ by a little. Nearly all
     * the way, as the other side is not allowed.
     */
    private static double refine(DoubleUnaryOperator stated, DoubleUnaryOperator rough, double epsilon, double near) {
        double distance = Math.log(stated.applyAsDouble(near) / epsilon);
        double slope = Math.log(rough.applyAsDouble(near * NEARBY) / rough.applyAsDouble(near)) / Math.log(NEARBY);
        double moved = near * Math.exp(-distance / slope * (distance > 0 ? 1.02 : 0.98));
        return Math.abs(moved - near) < 0.1 * near ? moved : near;
    }

    private static double roundUp(double noise) {
        return BigDecimal.valueOf(noise).round(SIX_DIGITS_UP).doubleValue();
    }
}
