package org.veil4j.he.circuit;

/**
 * What is known of a value before any ciphertext of it exists. Immutable by use.
 *
 * <p>Two kinds of knowledge travel together: an interval that no input within its range can leave, with a bound on the error
 * of what would decrypt; and sample values, once exact and once with the rounding of weights and with simulated noise.
 */
public final class RangedSlots {
    final int level;
    final double scale;
    final int degree;
    /** Least and largest values: one number for all slots, or one a slot. */
    final double[] low;

    final double[] high;
    final double error;
    /** Values of all samples; where slots differ, slot by slot of the first sample, then of the next. */
    final double[] exact;

    final double[] noisy;

    RangedSlots(
            int level,
            double scale,
            int degree,
            double[] low,
            double[] high,
            double error,
            double[] exact,
            double[] noisy) {
        this.level = level;
        this.scale = scale;
        this.degree = degree;
        for (int t = 0; t < low.length; t++) {
            if (Double.isNaN(low[t]) || Double.isNaN(high[t])) { // infinity times zero: nothing is known
                low[t] = Double.NEGATIVE_INFINITY;
                high[t] = Double.POSITIVE_INFINITY;
            }
        }
        this.low = low;
        this.high = high;
        this.error = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
        this.exact = exact;
        this.noisy = noisy;
    }

    /** Level. */
    public int level() {
        return level;
    }

    /** Scale. */
    public double scale() {
        return scale;
    }

    /** Bound on the absolute value, whatever the input within its range; without the error. */
    public double magnitude() {
        double max = 0;
        for (int t = 0; t < low.length; t++) {
            max = Math.max(max, magnitude(t));
        }
        return max;
    }

    /** The same for one slot, or the one number for all. */
    double magnitude(int slot) {
        return Math.max(Math.abs(low[slot]), Math.abs(high[slot]));
    }

    /** Bound on the absolute error of what would decrypt, whatever the input within its range. */
    public double error() {
        return error;
    }

    /** Largest absolute value over the samples, errors included; 0 without samples. */
    public double measured() {
        double max = 0;
        for (double x : noisy) {
            max = Math.max(max, Math.abs(x));
        }
        return max;
    }

    /** Largest absolute difference over the samples between the value with errors and the exact one; 0 without samples. */
    public double measuredError() {
        double max = 0;
        for (int i = 0; i < noisy.length; i++) {
            max = Math.max(max, Math.abs(noisy[i] - exact[i]));
        }
        return max;
    }
}
