package org.veil4j.dp.accounting;

/** Puts a step's discretised losses into a window, tilted. */
final class TiltedStep {
    /** Lattice points between two exponentials that are computed, not multiplied up. */
    private static final int EXACT = 64;
    /** A sum below this may have lost terms to underflow. */
    private static final double SMALL = 1e-250;

    private final double[] probability;
    private final double[] cellSpread;
    /** Index of the upper end of cell 0. */
    private final int upper;

    private final long first;
    private final int sign;
    private final double h;

    private TiltedStep(StepLoss step, double h, boolean removed) {
        probability = removed ? step.removed : step.added;
        cellSpread = removed ? step.removedSpread : step.addedSpread;
        upper = removed ? 1 : 0;
        sign = removed ? 1 : -1;
        first = sign * step.first();
        this.h = h;
    }

    /**
     * Adds probabilities times exp(tilt * loss), normalised, at their places modulo the window's size.
     *
     * @param removed whether an example is removed or added
     * @param out of zeros
     * @return what is to be summed up of a step
     */
    static LossTotal place(StepLoss step, LossWindow window, boolean removed, double[] out) {
        TiltedStep tilted = new TiltedStep(step, window.spacing(), removed);
        double t = window.tilt();
        double reference = tilted.largest(t);
        double sum = tilted.sum(t, reference);
        if (sum < SMALL) {
            reference = tilted.largestTerm(t);
            sum = tilted.sum(t, reference);
        }
        double spread = tilted.place(t, reference, sum, out);
        return new LossTotal(
                reference + Math.log(sum),
                tilted.cumulant(window.above()),
                tilted.cumulant(window.below()),
                Math.log1p(-(removed ? step.removedInfinity() : step.addedInfinity())),
                removed ? step.removedOutside() : step.addedOutside(),
                spread);
    }

    /** ln of the sum of probabilities times exp(t loss), or more by what underflows. */
    private double cumulant(double t) {
        double reference = largest(t);
        return reference + Math.log(sum(t, reference) + probability.length * Double.MIN_NORMAL);
    }

    /** The largest of t loss. */
    private double largest(double t) {
        return Math.max(exponent(t, 0), exponent(t, probability.length - 1));
    }

    private double largestTerm(double t) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < probability.length; i++) {
            if (probability[i] > 0) {
                largest = Math.max(largest, Math.log(probability[i]) + exponent(t, i));
            }
        }
        return largest;
    }

    private double exponent(double t, int i) {
        return t * h * (first + (double) sign * i);
    }

    private double sum(double t, double reference) {
        double factor = Math.exp(sign * t * h);
        double sum = 0;
        for (int block = 0; block < probability.length; block += EXACT) {
            double weight = Math.exp(exponent(t, block) - reference);
            int end = Math.min(block + EXACT, probability.length);
            for (int i = block; i < end; i++) {
                sum += probability[i] > 0 ? probability[i] * weight : 0;
                weight *= factor;
            }
        }
        return sum;
    }

    /** Returns the expectation of the rounding's variance. */
    private double place(double t, double reference, double sum, double[] out) {
        double factor = Math.exp(sign * t * h);
        int mask = out.length - 1;
        double spread = 0;
        for (int block = 0; block < probability.length; block += EXACT) {
            double weight = Math.exp(exponent(t, block) - reference) / sum;
            int end = Math.min(block + EXACT, probability.length);
            for (int i = block; i < end; i++) {
                if (probability[i] > 0) {
                    out[(int) (first + (long) sign * i) & mask] += probability[i] * weight;
                }
                // The weight at a cell's upper end bounds those within.
                int cell = i - upper;
                if (cell >= 0 && cell < cellSpread.length && cellSpread[cell] > 0) {
                    spread += cellSpread[cell] * weight;
                }
                weight *= factor;
            }
        }
        return spread;
    }
}
