package org.veil4j.dp.accounting;

/**
 * A sum of signed terms given by their logarithms, kept as a compensated sum times a power of e, so that neither large nor
 * small terms leave the range of a double. Not thread-safe.
 */
final class SignedLogSum {
    private double scale = Double.NEGATIVE_INFINITY;
    private double sum;
    private double lost;

    /** Adds sign * exp(log); a log of minus infinity adds nothing. */
    void add(double log, double sign) {
        if (log == Double.NEGATIVE_INFINITY) {
            return;
        }
        if (log > scale) {
            double shrink = Math.exp(scale - log);
            sum *= shrink;
            lost *= shrink;
            scale = log;
        }
        addScaled(sign * Math.exp(log - scale));
    }

    /** Adds exp({@link #scale()}) * value. */
    void addScaled(double value) {
        double next = sum + value;
        lost += Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
        sum = next;
    }

    /** The exponent that {@link #addScaled} and {@link #magnitude} refer to. */
    double scale() {
        return scale;
    }

    /** |sum| / exp({@link #scale()}). */
    double magnitude() {
        return Math.abs(sum + lost);
    }

    /** The logarithm of the sum; NaN if the sum is negative, minus infinity if it is empty. */
    double log() {
        return scale == Double.NEGATIVE_INFINITY ? scale : scale + Math.log(sum + lost);
    }
}
