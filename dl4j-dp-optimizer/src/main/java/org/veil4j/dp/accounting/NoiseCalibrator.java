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
     * epsilon for all steps together. Found by bisection, for PRV, whose figures take longer, by interpolation: then it may be
     * more by a part that changes epsilon by some 10^-4. The result's own epsilon was computed and is at most the one asked for.
     * For shuffled batches give sampling rate 1 and {@link PrivacyGuarantee#participations} as steps. Cost: some hundredths of a
     * second, for PRV and millions of steps some tenths.
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
        if (accounting == Accounting.PRV && samplingRate < 1) {
            DoubleUnaryOperator rough = noise -> PrvAccountant.of(new SampledGaussian(samplingRate, noise), steps)
                    .roughEpsilon(delta);
            double start = start(epsilon, delta, samplingRate, steps);
            return new NoiseSearch(stated, rough, epsilon).least(start);
        }
        return certain(stated, epsilon, bisect(stated, epsilon));
    }

    /** Rounds a noise that is enough, and adds what rounding takes away. */
    private static double certain(DoubleUnaryOperator stated, double epsilon, double enough) {
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
    static double bisect(DoubleUnaryOperator stated, double epsilon) {
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
    static double start(double epsilon, double delta, double samplingRate, long steps) {
        try {
            return noiseMultiplier(epsilon, delta, samplingRate, steps, Accounting.RDP);
        } catch (UnreachableEpsilonException e) {
            return MAX_NOISE;
        }
    }

    static double roundUp(double noise) {
        return BigDecimal.valueOf(noise).round(SIX_DIGITS_UP).doubleValue();
    }
}
