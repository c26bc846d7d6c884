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
    final double low;
    final double high;
    final double error;
    final double[] exact;
    final double[] noisy;

    RangedSlots(
            int level,
            double scale,
            int degree,
            double low,
            double high,
            double error,
            double[] exact,
            double[] noisy) {
        this.level = level;
        this.scale = scale;
        this.degree = degree;
        // Infinity times zero: nothing is known.
        boolean unknown = Double.isNaN(low) || Double.isNaN(high);
        this.low = unknown ? Double.NEGATIVE_INFINITY : low;
        this.high = unknown ? Double.POSITIVE_INFINITY : high;
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
        return Math.max(Math.abs(low), Math.abs(high));
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
