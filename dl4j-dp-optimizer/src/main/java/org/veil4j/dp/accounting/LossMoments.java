package org.veil4j.dp.accounting;

/**
 * Moments of the privacy loss of one step, restricted to a range of outputs, in both directions. With
 * M(u) = ln E[exp(u L(z)); z in range] under N(0, s^2) the cumulant at t is M(1 + t) when an example is removed and M(-t) when
 * one is added.
 *
 * <p>By the trapezoidal rule, which for these integrands converges faster than any power of the spacing: its error is below
 * exp(-2 pi^2 s^2 / d^2) for the Gaussian and exp(-2 pi^2 s^2 / d) for the logarithm's branch points at distance pi s^2 from
 * the real line. Below s = 0.2 the latter is not followed all the way: moments serve to choose a window, not to bound. Nodes go a
 * little beyond the range, so that nothing is missed where the integrand is cut off.
 */
final class LossMoments {
    private static final int MAX_NODES = 20_000;

    private final double[] loss;
    /** Logarithms of the weights under N(0, s^2). */
    private final double[] logWeight;

    private final double largest;
    private final double[] power;

    /** Nodes for a step; cost of everything else: one exponential for each of about 100 nodes, more for little noise. */
    LossMoments(SampledGaussian mechanism, double from, double to) {
        double s = mechanism.noiseMultiplier();
        double width = to - from;
        double wanted = Math.min(0.4 * s, Math.max(0.1 * s, 0.5 * s * s));
        int nodes = (int) Math.min(MAX_NODES, Math.ceil(width / wanted)) + 5;
        double spacing = width / (nodes - 5);
        loss = new double[nodes];
        logWeight = new double[nodes];
        power = new double[nodes];
        for (int i = 0; i < nodes; i++) {
            double z = from + (i - 2) * spacing;
            loss[i] = PrivacyLoss.at(mechanism, z);
            logWeight[i] = Math.log(spacing / (s * Math.sqrt(2 * Math.PI))) - 0.5 * (z / s) * (z / s);
        }
        largest = Math.max(PrivacyLoss.at(mechanism, to), -PrivacyLoss.at(mechanism, from));
    }

    /** Largest loss in the range, in either direction. */
    double largest() {
        return largest;
    }

    /** The larger of both directions' cumulants at t. */
    double cumulant(double t) {
        return Math.max(fill(1 + t), fill(-t));
    }

    /** Mean and variance of the loss, an example removed, under the measure tilted by exp(t loss). */
    double[] tilted(double t) {
        fill(1 + t);
        double sum = 0;
        double first = 0;
        for (int i = 0; i < loss.length; i++) {
            sum += power[i];
            first += power[i] * loss[i];
        }
        double mean = first / sum;
        double second = 0;
        for (int i = 0; i < loss.length; i++) {
            second += power[i] * (loss[i] - mean) * (loss[i] - mean);
        }
        return new double[] {mean, second / sum};
    }

    /** The expected absolute loss, an example removed, under the measure tilted by exp(t loss). */
    double size(double t) {
        fill(1 + t);
        double sum = 0;
        double size = 0;
        for (int i = 0; i < loss.length; i++) {
            sum += power[i];
            size += power[i] * Math.abs(loss[i]);
        }
        return size / sum;
    }

    /** M(u); leaves the terms, relative to the largest, in {@code power}. */
    private double fill(double u) {
        double top = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < loss.length; i++) {
            power[i] = logWeight[i] + u * loss[i];
            top = Math.max(top, power[i]);
        }
        double sum = 0;
        for (int i = 0; i < loss.length; i++) {
            power[i] = Math.exp(power[i] - top);
            sum += power[i];
        }
        return top + Math.log(sum);
    }
}
