package org.veil4j.dp.accounting;

/**
 * The privacy loss of one step on a lattice, in both directions, rounded to the safe side. With P and Q the outputs on
 * neighbouring data sets and Y = ln(P/Q) under P, the mass of each cell goes to the cell's two ends such that the total of
 * exp(-Y), which is the cell's mass under Q, stays the same. delta of any composition is the expectation of a function that is
 * convex in each exp(-Y), so that it can only grow: the result is an upper bound with an error of second order in the spacing.
 * (The "connect the dots" rule of Doroshenko et al., PETS 2022, found here from Jensen's inequality.) Beyond the ends of the
 * lattice the loss is rounded up: to the first point, or to infinity.
 */
final class StepLoss {
    private static final double SQRT_HALF = Math.sqrt(0.5);
    private static final double LN_HALF = Math.log(0.5);
    private static final int MAX_CELLS = 1 << 22;

    private final SampledGaussian mechanism;
    private final double q;
    private final double s;
    private final double h;
    private final long first;
    private final int cells;
    /** Probability of each point in the lattice from {@code first} on, when an example is removed. */
    final double[] removed;
    /** The same for minus the loss, when an example is added: index i is loss -(first + i) h. */
    final double[] added;
    /**
     * For each cell, from {@code first} on, its mass when an example is removed times an upper bound of the mean of 4 p (1 - p), p
     * being the part of a loss that goes to the cell's upper end; h^2 p (1 - p) is the variance of the rounding. By Jensen's
     * inequality the mean of p is what has to be known of it.
     */
    final double[] removedSpread;
    /** The same when an example is added. */
    final double[] addedSpread;

    private double removedInfinity;
    private double addedInfinity;
    private double removedOutside;
    private double addedOutside;

    /**
     * Discretises a step.
     *
     * @param mechanism with noise
     * @param h spacing of the lattice
     * @param outside largest probability at each end that may be rounded, to infinity at the right end
     */
    StepLoss(SampledGaussian mechanism, double h, double outside) {
        this.mechanism = mechanism;
        q = mechanism.samplingRate();
        s = mechanism.noiseMultiplier();
        this.h = h;
        first = (long) Math.floor(PrivacyLoss.at(mechanism, PrivacyLoss.leastOutput(mechanism, outside)) / h);
        double largest = PrivacyLoss.at(mechanism, PrivacyLoss.largestOutput(mechanism, outside));
        cells = (int) Math.max(1, Math.ceil(largest / h) - first);
        removed = new double[cells + 1];
        added = new double[cells + 1];
        removedSpread = new double[cells];
        addedSpread = new double[cells];
        fill();
    }

    /** Whether a step's losses fit into an array of reasonable length; only then may it be discretised. */
    static boolean fits(SampledGaussian mechanism, double h, double outside) {
        double range = PrivacyLoss.at(mechanism, PrivacyLoss.largestOutput(mechanism, outside))
                - PrivacyLoss.at(mechanism, PrivacyLoss.leastOutput(mechanism, outside));
        return range < (MAX_CELLS - 2) * h;
    }

    /** Lattice index of the first point. */
    long first() {
        return first;
    }

    /** Probability of an infinite loss when an example is removed. */
    double removedInfinity() {
        return removedInfinity;
    }

    /** Probability of an infinite loss when an example is added. */
    double addedInfinity() {
        return addedInfinity;
    }

    /** Probability of losses beyond the lattice's ends when an example is removed. */
    double removedOutside() {
        return removedOutside;
    }

    /** The same when an example is added. */
    double addedOutside() {
        return addedOutside;
    }

    private void fill() {
        // 1 - e^-h; the part of a cell's mass m at its upper end is (m - M e^low) / unit, M the mass under Q.
        double unit = -Math.expm1(-h);
        double z = PrivacyLoss.output(mechanism, first * h);
        double without = ErrorFunction.normal(z / s);
        double with = ErrorFunction.normal((z - 1) / s);
        double mixed = (1 - q) * without + q * with;
        removedOutside = mixed;
        addedOutside = without;
        removed[0] = mixed;
        double stays = Math.min(without, mixed * Math.exp(-first * h));
        added[0] = stays;
        addedInfinity = without - stays;
        Tail tailWithout = new Tail(z / s);
        Tail tailWith = new Tail((z - 1) / s);
        for (int i = 0; i < cells; i++) {
            double low = (first + i) * h;
            double high = (first + i + 1) * h;
            double previous = z;
            z = PrivacyLoss.output(mechanism, high);
            double massWithout = tailWithout.moveTo(z / s);
            double massMixed = (1 - q) * massWithout + q * tailWith.moveTo((z - 1) / s);
            double scaled = low > PrivacyLoss.LARGE
                    ? scaledTail(previous, low) - scaledTail(z, low)
                    : massWithout * Math.exp(low);
            double up = clamp((massMixed - scaled) / unit, massMixed);
            removed[i] += massMixed - up;
            removed[i + 1] += up;
            removedSpread[i] = spread(up, massMixed);
            // Mirrored: the cell's lower end in the loss is its upper end in minus the loss.
            up = clamp((massWithout - massMixed * Math.exp(-high)) / unit, massWithout);
            added[i + 1] += massWithout - up;
            added[i] += up;
            addedSpread[i] = spread(up, massWithout);
        }
        double end = (first + cells) * h;
        without = ErrorFunction.normal(-z / s);
        mixed = (1 - q) * without + q * ErrorFunction.normal((1 - z) / s);
        stays = Math.min(mixed, end > PrivacyLoss.LARGE ? scaledTail(z, end) : without * Math.exp(end));
        removed[cells] += stays;
        removedInfinity = mixed - stays;
        removedOutside += mixed;
        addedOutside += without;
        added[cells] += without;
    }

    /** Upper tail of N(0, s^2) at z times exp(loss), without underflow. */
    private double scaledTail(double z, double loss) {
        return Math.exp(LN_HALF + ErrorFunction.logErfc(z / s * SQRT_HALF) + loss);
    }

    private static double spread(double up, double mass) {
        return mass > 0 ? 4 * up * ((mass - up) / mass) : 0;
    }

    private static double clamp(double value, double high) {
        return Math.max(0, Math.min(high, value));
    }

    /** Masses of neighbouring intervals under the standard normal, from whichever tail is smaller. */
    private static final class Tail {
        private double z;
        private double tail;

        Tail(double z) {
            this.z = z;
            tail = ErrorFunction.normal(-Math.abs(z));
        }

        /** Mass from where it stands to {@code next}, which is no smaller; stands there then. */
        double moveTo(double next) {
            double nextTail = ErrorFunction.normal(-Math.abs(next));
            double mass = next <= 0 ? nextTail - tail : z > 0 ? tail - nextTail : 1 - tail - nextTail;
            z = next;
            tail = nextTail;
            return Math.max(0, mass);
        }
    }
}
