package org.veil4j.dp.accounting;

import java.util.ArrayList;
import java.util.List;

/**
 * The cumulants K(t) = ln E[exp(t Y); Y finite] of the privacy loss Y of a composition, the larger of both directions, with the
 * single losses cut off where {@link StepLoss} cuts them. Not thread-safe.
 */
final class MomentCurve {
    private static final double FIRST = 1e-3;
    private static final double LAST = 5e4;
    private static final double RATIO = 1.15;

    private final List<Segment> segments;
    private final List<LossMoments> moments = new ArrayList<>();
    private final double outside;
    private final double[] exponents;
    private final double[] cumulants;

    /**
     * The curve of a composition.
     *
     * @param outside probability at each end of a single step's losses that is cut off
     */
    MomentCurve(List<Segment> segments, double outside) {
        this.segments = List.copyOf(segments);
        this.outside = outside;
        for (Segment segment : this.segments) {
            moments.add(new LossMoments(segment.mechanism(), PrivacyLoss.reach(segment.mechanism(), outside)));
        }
        int size = 1 + (int) (Math.log(LAST / FIRST) / Math.log(RATIO));
        exponents = new double[size];
        cumulants = new double[size];
        for (int i = 0; i < size; i++) {
            exponents[i] = FIRST * Math.pow(RATIO, i);
            cumulants[i] = discretised(exponents[i], 0);
        }
    }

    int size() {
        return exponents.length;
    }

    double exponent(int i) {
        return exponents[i];
    }

    /** K at {@link #exponent}. */
    double cumulant(int i) {
        return cumulants[i];
    }

    /**
     * An upper bound of K of the discretised loss at {@code t > 0} or {@code t <= -1} or t = 0, on a lattice of spacing h.
     * Splitting a loss between its neighbours in the lattice, exp(-Y) preserved, replaces exp(tY), which is a convex function
     * of exp(-Y), by its chord; the relative difference is at most |t (t+1)| (e^h - 1)^2 / 8 * e^((|t|+2) h). What is left of
     * losses beyond the ends is at most {@code outside} times exp(tY) at the largest.
     */
    double discretised(double t, double h) {
        double chord = Math.expm1(h) * Math.expm1(h) / 8 * Math.abs(t * (t + 1)) * Math.exp((Math.abs(t) + 2) * h);
        double sum = 0;
        for (int i = 0; i < moments.size(); i++) {
            LossMoments step = moments.get(i);
            double inside = t == 0 || t == -1 ? 0 : step.cumulant(t);
            double ends = Math.log(2 * outside) + Math.max(0, t) * (step.largest() + h);
            double top = Math.max(inside, ends);
            sum += segments.get(i).steps()
                    * (top + Math.log(Math.exp(inside - top) * (1 + chord) + Math.exp(ends - top)));
        }
        return sum;
    }

    /**
     * A guess of epsilon by the saddle point approximation, delta = exp(K - tK') / (t (1 + t) sqrt(2 pi K'')) at epsilon = K'(t).
     * Of the two exponents between which it passes delta the smaller counts: where rare large losses take over, K' jumps; and
     * the guess stays below the Chernoff bound.
     *
     * @return epsilon, and the t that belongs to it, which is how fast ln delta falls there
     */
    double[] guess(double logDelta) {
        double[] last = {0, exponents[0]};
        double chernoff = Double.POSITIVE_INFINITY;
        for (int i = 0; i < exponents.length; i++) {
            chernoff = Math.min(chernoff, (cumulants[i] - logDelta) / exponents[i]);
        }
        for (int i = 0; i < exponents.length; i++) {
            double t = exponents[i];
            double mean = 0;
            double variance = 0;
            for (int k = 0; k < moments.size(); k++) {
                double[] step = moments.get(k).tilted(t);
                mean += segments.get(k).steps() * step[0];
                variance += segments.get(k).steps() * step[1];
            }
            double logValue = cumulants[i] - t * mean - Math.log(t * (1 + t)) - 0.5 * Math.log(2 * Math.PI * variance);
            if (logValue <= logDelta) {
                break;
            }
            last[0] = Math.max(0, Math.min(mean, 0.8 * chernoff));
            last[1] = t;
        }
        return last;
    }
}
