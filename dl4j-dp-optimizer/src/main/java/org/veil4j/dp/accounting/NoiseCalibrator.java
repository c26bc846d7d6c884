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
    private static final MathContext SIX_DIGITS_UP = new MathContext(6, RoundingMode.CEILING);

    private NoiseCalibrator() {}

    /**
     * The least noise multiplier, of six significant digits and rounded up, with which the accountant states at most this
     * epsilon for all steps together. Found by bisection; the result's own epsilon was computed and is at most the one
     * asked for. For shuffled batches give sampling rate 1 and {@link PrivacyGuarantee#participations} as steps.
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
        double enough = bisect(stated, epsilon);
        double rounded = roundUp(enough);
        while (stated.applyAsDouble(rounded) > epsilon) {
            rounded = roundUp(rounded * (1 + TOLERANCE));
        }
        return rounded;
    }

    private static double stated(double noise, double delta, double samplingRate, long steps, Accounting accounting) {
        SampledGaussian mechanism = new SampledGaussian(samplingRate, noise);
        return switch (accounting) {
            case RDP -> RdpAccountant.of(mechanism, steps).epsilon(delta).epsilon();
            case PRV -> throw new IllegalArgumentException("accounting=PRV: comes with the PRV accountant; use RDP");
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

    private static double roundUp(double noise) {
        return new BigDecimal(noise).round(SIX_DIGITS_UP).doubleValue();
    }
}
