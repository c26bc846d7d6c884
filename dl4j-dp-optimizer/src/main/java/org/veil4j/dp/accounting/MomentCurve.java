package org.veil4j.dp.accounting;

import java.util.ArrayList;
import java.util.List;

/**
 * The cumulants K(t) = ln E[exp(t Y); Y finite] of the privacy loss Y of a composition, the larger of both directions, with the
 * single losses cut off where {@link StepLoss} cuts them. Not thread-safe.
 */
final class MomentCurve {
    private static final double FIRST = 1e-5;
    private static final double LAST = 5e4;
    private static final double RATIO = 1.15;

    private final List<Segment> segments;
    private final List<LossMoments> moments = new ArrayList<>();
    private final double outside;
    private final double[] exponents;
    private final double[] cumulants;
    /** K at minus the exponents, as long as these are at most 1/2. */
    private final double[] below;

    /**
     * The curve of a composition.
     *
     * @param outside probability at each end of a single step's losses that is cut off
     */
    MomentCurve(List<Segment> segments, double outside) {
        this.segments = List.copyOf(segments);
        this.outside = outside;
        for (Segment segment : this.segments) {
            SampledGaussian step = segment.mechanism();
            double from = PrivacyLoss.leastOutput(step, outside);
            moments.add(new LossMoments(step, from, PrivacyLoss.largestOutput(step, outside)));
        }
        int size = 1 + (int) (Math.log(LAST / FIRST) / Math.log(RATIO));
        exponents = new double[size];
        cumulants = new double[size];
        for (int i = 0; i < size; i++) {
            exponents[i] = FIRST * Math.pow(RATIO, i);
            cumulants[i] = cumulantAt(exponents[i]);
        }
        int small = 0;
        while (small < size && exponents[small] <= 0.5) {
            small++;
        }
        below = new double[small];
        for (int i = 0; i < small; i++) {
            below[i] = cumulantAt(-exponents[i]);
        }
    }

    /** Steps of the composition. */
    double steps() {
        double steps = 0;
        for (Segment segment : segments) {
            steps += segment.steps();
        }
        return steps;
    }

    /** The sum of the steps' expected absolute losses under the measure tilted by exp(t loss), an example removed. */
    double totalSize(double t) {
        double sum = 0;
        for (int i = 0; i < moments.size(); i++) {
            sum += segments.get(i).steps() * moments.get(i).size(t);
        }
        return sum;
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

    /** Probability at each end of a single step's losses that is cut off. */
    double outside() {
        return outside;
    }

    /** How many exponents there are of which {@link #below} knows the negative. */
    int belowSize() {
        return below.length;
    }

    /** K at minus {@link #exponent}. */
    double below(int i) {
        return below[i];
    }

    /**
     * K at t. What is left of losses beyond the ends is at most {@code outside} times exp(tY) at the largest, or for t below -1,
     * where another factor exp(-Y) turns the probability into that of the other distribution, exp(-(1+t)Y) at the smallest.
     */
    private double cumulantAt(double t) {
        double sum = 0;
        for (int i = 0; i < moments.size(); i++) {
            LossMoments step = moments.get(i);
            double inside = step.cumulant(t);
            double ends = Math.log(2 * outside) + Math.max(0, Math.max(t, -1 - t)) * step.largest();
            double top = Math.max(inside, ends);
            sum += segments.get(i).steps() * (top + Math.log(Math.exp(inside - top) + Math.exp(ends - top)));
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
    EpsilonGuess guess(double logDelta) {
        double epsilon = 0;
        double decay = exponents[0];
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
            epsilon = Math.max(0, Math.min(mean, 0.95 * chernoff));
            decay = t;
        }
        return new EpsilonGuess(epsilon, decay, decay);
    }
}
