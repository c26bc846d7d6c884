package org.veil4j.dp.accounting;

import org.apache.commons.math3.special.Erf;

/**
 * Composition by plain convolution of losses that are all rounded up, or all rounded down, to a coarse lattice: two bounds that
 * are true for the simplest of reasons, and far apart. Shares no code with what it tests.
 */
final class CrudeComposition {
    private static final double SPACING = 0.004;
    private static final double LIMIT = 16;

    private CrudeComposition() {}

    /** A bound of epsilon: of the direction in which an example is removed if lower, of both if upper. */
    static double epsilon(double q, double s, int steps, double delta, boolean up) {
        double removed = epsilon(step(q, s, true, up), steps, delta, up);
        return up ? Math.max(removed, epsilon(step(q, s, false, true), steps, delta, true)) : removed;
    }

    private static double epsilon(double[] step, int steps, double delta, boolean up) {
        // No steps: a loss of 0.
        double[] sum = new double[step.length];
        sum[step.length / 2] = 1;
        double[] power = step;
        for (int left = steps; left > 0; left >>= 1) {
            if ((left & 1) != 0) {
                sum = convolve(sum, power, up);
            }
            power = left > 1 ? convolve(power, power, up) : power;
        }
        int middle = step.length / 2;
        double low = 0;
        double high = LIMIT;
        for (int i = 0; i < 60; i++) {
            double epsilon = 0.5 * (low + high);
            double value = up ? lost(sum) : 0;
            for (int j = 0; j < step.length; j++) {
                double y = (j - middle) * SPACING;
                value += y > epsilon ? sum[j] * -Math.expm1(epsilon - y) : 0;
            }
            if (value > delta) {
                low = epsilon;
            } else {
                high = epsilon;
            }
        }
        return high;
    }

    private static double lost(double[] distribution) {
        double sum = 0;
        for (double p : distribution) {
            sum += p;
        }
        return Math.max(0, 1 - sum);
    }

    /** Sums beyond the range are lost, and counted by the caller; at the lower end they are gathered where that rounds up. */
    private static double[] convolve(double[] a, double[] b, boolean up) {
        int middle = a.length / 2;
        double[] sum = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            if (a[i] > 1e-18) {
                for (int j = 0; j < b.length; j++) {
                    int at = i + j - middle;
                    if (at < a.length && (up || at >= 0)) {
                        sum[Math.max(0, at)] += a[i] * b[j];
                    }
                }
            }
        }
        return sum;
    }

    private static double[] step(double q, double s, boolean removed, boolean up) {
        int cells = (int) (2 * LIMIT / SPACING);
        double[] masses = new double[cells + 1];
        int middle = masses.length / 2;
        double before = 0;
        for (int j = 0; j < masses.length; j++) {
            // All losses up to here, those below the range included.
            double edge = (j - middle + (up ? 0 : 1)) * SPACING;
            double now = distribution(q, s, removed, edge);
            masses[j] = Math.max(0, now - before);
            before = now;
        }
        return masses;
    }

    /** P(loss at most y). */
    private static double distribution(double q, double s, boolean removed, double y) {
        double w = Math.expm1(removed ? y : -y) / q;
        double z = w <= -1 ? Double.NEGATIVE_INFINITY : s * s * Math.log1p(w) + 0.5;
        if (Double.isInfinite(z)) {
            return removed ? 0 : 1;
        }
        return removed
                ? (1 - q) * 0.5 * Erf.erfc(-z / s / Math.sqrt(2)) + q * 0.5 * Erf.erfc((1 - z) / s / Math.sqrt(2))
                : 0.5 * Erf.erfc(z / s / Math.sqrt(2));
    }
}
