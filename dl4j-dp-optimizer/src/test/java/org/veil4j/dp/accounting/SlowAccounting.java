package org.veil4j.dp.accounting;

import org.apache.commons.math3.special.Erf;

/**
 * The same quantities by other means, slowly: Renyi divergences by the trapezoidal rule, hockey-stick divergences of one to
 * three steps by their definition. Shares no code with what it tests.
 */
final class SlowAccounting {
    private final double q;
    private final double s;

    SlowAccounting(double samplingRate, double noise) {
        q = samplingRate;
        s = noise;
    }

    /**
     * RDP at an order, by integrating f(w) = (1+w)^a - 1 - a w, w = q (r - 1), against N(0, s^2): E[w] is 0, so that the integral
     * is A(a) - 1, and f is nowhere negative, so that no digits cancel.
     */
    double rdp(double a) {
        double from = -14 * s;
        double to = a + 14 * s;
        double spacing = Math.min(s, s * s) / 40;
        long nodes = (long) Math.ceil((to - from) / spacing);
        double top = Double.NEGATIVE_INFINITY;
        for (long i = 0; i <= nodes; i++) {
            top = Math.max(top, logTerm(from + i * spacing, a));
        }
        double sum = 0;
        double lost = 0;
        for (long i = 0; i <= nodes; i++) {
            double term = Math.exp(logTerm(from + i * spacing, a) - top) - lost;
            double next = sum + term;
            lost = (next - sum) - term;
            sum = next;
        }
        double logExcess = top + Math.log(sum * spacing);
        double logA = logExcess > 30 ? logExcess + Math.exp(-logExcess) : Math.log1p(Math.exp(logExcess));
        return logA / (a - 1);
    }

    private double logTerm(double z, double a) {
        double u = (2 * z - 1) / (2 * s * s);
        double density = -0.5 * (z / s) * (z / s) - Math.log(s * Math.sqrt(2 * Math.PI));
        double logPower = a * (u > 30 ? Math.log(q) + u + Math.log1p((1 - q) / q * Math.exp(-u)) : logRatio(u));
        double w = q * Math.expm1(u);
        double f;
        if (a * Math.abs(w) < 0.05) {
            f = 0;
            double binomial = a;
            double power = w;
            for (int n = 2; n < 14; n++) {
                binomial *= (a - n + 1) / n;
                power *= w;
                f += binomial * power;
            }
        } else if (logPower > 40) {
            // Against the power the other terms are nothing.
            return density + logPower;
        } else {
            f = Math.expm1(logPower) - a * w;
        }
        return density + Math.log(Math.max(f, Double.MIN_VALUE));
    }

    private double logRatio(double u) {
        return Math.log1p(q * Math.expm1(u));
    }

    /** The larger of both directions' delta after one, two or three steps. */
    double delta(double epsilon, int steps) {
        double spacing = Math.min(s, s * s) / (steps == 2 ? 60 : 20);
        return Math.max(delta(epsilon, steps, true, spacing), delta(epsilon, steps, false, spacing));
    }

    /** Of more than one step: the first step's outputs are integrated out. */
    private double delta(double epsilon, int steps, boolean removed, double spacing) {
        if (steps == 1) {
            return deltaOfOne(epsilon, removed);
        }
        double reach = 8.5 * s;
        double sum = 0;
        for (double z = -reach; z <= 1 + reach; z += spacing) {
            double loss = logRatio((2 * z - 1) / (2 * s * s));
            double weight = removed ? (1 - q) * density(z) + q * density(z - 1) : density(z);
            sum += weight * delta(epsilon - (removed ? loss : -loss), steps - 1, removed, spacing);
        }
        return sum * spacing;
    }

    /** P(loss > epsilon) - e^epsilon Q(loss > epsilon), for any real epsilon. */
    private double deltaOfOne(double epsilon, boolean removed) {
        double edge = removed ? epsilon : -epsilon;
        double w = Math.expm1(edge) / q;
        double z = w <= -1 ? Double.NEGATIVE_INFINITY : s * s * Math.log1p(w) + 0.5;
        double without = removed ? upper(z / s) : upper(-z / s);
        double with = removed ? upper((z - 1) / s) : upper((1 - z) / s);
        double mixed = (1 - q) * without + q * with;
        return removed ? mixed - Math.exp(epsilon) * without : without - Math.exp(epsilon) * mixed;
    }

    private double density(double z) {
        return Math.exp(-0.5 * (z / s) * (z / s)) / (s * Math.sqrt(2 * Math.PI));
    }

    private static double upper(double z) {
        return Double.isInfinite(z) ? (z > 0 ? 0 : 1) : 0.5 * Erf.erfc(z / Math.sqrt(2));
    }
}
