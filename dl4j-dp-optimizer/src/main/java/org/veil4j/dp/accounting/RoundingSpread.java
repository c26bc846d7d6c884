package org.veil4j.dp.accounting;

/**
 * How far the discretisation of single losses ({@link StepLoss}) may move their sum, and a bound of what that adds to delta.
 *
 * <p>Write X for the true sum, X + E for the discretised one. Given the losses, E is a sum of independent E_i, each of two values
 * h apart, with E[exp(-E_i)] = 1. Under the measure exp(-E) times the given one, the same is true of -E; the variance grows by
 * e^h at most. Let ln E[exp(l (E - m))] be at most s^2 l^2 / 2, with m the mean; from l = -1, m is between 0 and b = s^2 / 2. The
 * gain in delta, E[(1 - e^(epsilon - X - E))+] - (1 - e^(epsilon - X))+, is E[(1 - e^(d - E))+] for d = epsilon - X at least 0,
 * and e^d E[(1 - e^(-d + E))+] under the other measure for d below 0: in both cases at most 1 and at most g(|d| - b), where
 * g(u) = sup E[(E - m - u)+], which is at most (sqrt(s^2 + u^2) - u) / 2 (Scarf) and, for u above 0, at most
 * sqrt(2 pi) s Phi(-u / s) (Chernoff). X is not known, X + E is: a bump p(y) = C exp(-(y - epsilon - b/2)^2 / (2 w^2)) has, by
 * Jensen's inequality, E[p(X + E) | X] at least C exp(-((|d| + b/2)^2 + s^2) / (2 w^2)). With C such that this is at least
 * the smaller of both everywhere, the gain is at most E[p(X + E)]. C w sqrt(2 pi) is about 2.1 s^2, where the least possible is s^2 / 2.
 *
 * <p>Two choices of s. By Hoeffding's lemma s^2 = n h^2 / 4, always. Or by the variances v_i of E_i given the losses, which for a
 * small sampling rate are far smaller: nearly all losses lie next to a point of the lattice. Let N be the sum of the expectations
 * of 4 v_i / h^2 under the tilted measure. Under it the sum of 4 v_i / h^2 exceeds M with a probability of at most
 * exp(M - N - M ln(M / N)) (Chernoff, as each term is in [0, 1]). Below M, by Bernstein's inequality,
 * s^2 = e^h M h^2 / 4 / (1 - x / 3) for |l| up to x / h. What that leaves out is bounded through the tilted measure:
 * {@link #remainder}.
 */
final class RoundingSpread {
    /** Minus the logarithm of the probability that the variance exceeds what is assumed. */
    private static final double RARE = 40;
    /** Standard deviations up to which the second choice's tails are Gaussian. */
    private static final double GAUSSIAN_REACH = 8;

    /** The largest remainder, in units of delta or so, with which the second choice is worth it. */
    private static final double NEGLIGIBLE = 1e-8;

    private static final double SQRT_2PI = Math.sqrt(2 * Math.PI);
    private static final double[] WIDTHS = {1.02, 1.05, 1.1, 1.2, 1.35, 1.6, 2, 3, 5, 8};
    private static final double GRID_STEP = 0.01;
    /** Where the grid ends, beyond the bias. */
    private static final double GRID_END = 8;

    private final double deviation;
    private final double remainder;
    private final double height;
    private final double width;

    private RoundingSpread(double deviation, double remainder) {
        this.deviation = deviation;
        this.remainder = remainder;
        double bestHeight = Double.POSITIVE_INFINITY;
        double bestWidth = 1;
        for (double candidate : WIDTHS) {
            double needed = relativeHeight(deviation, candidate);
            if (needed * candidate < bestHeight * bestWidth) {
                bestHeight = needed;
                bestWidth = candidate;
            }
        }
        height = bestHeight * deviation;
        width = bestWidth * deviation;
    }

    /**
     * The smaller of the two choices.
     *
     * @param h spacing of the lattice
     * @param steps number n of discretised steps
     * @param spread N, or an upper bound
     * @param tilt of the measure in which N was computed
     */
    static RoundingSpread of(double h, double steps, double spread, double tilt) {
        double hoeffding = 0.5 * Math.sqrt(steps) * h;
        double squared = 0.25 * h * h * Math.exp(h) * exceeded(spread);
        double x = GAUSSIAN_REACH * h / Math.sqrt(squared);
        if (x < 2) {
            double deviation = Math.sqrt(squared / (1 - x / 3));
            if (deviation < hoeffding && tilt * deviation < GAUSSIAN_REACH) {
                double bias = 0.5 * deviation * deviation;
                double far = deviation
                        / GAUSSIAN_REACH
                        * Math.exp(-0.5 * GAUSSIAN_REACH * GAUSSIAN_REACH + tilt * (GAUSSIAN_REACH * deviation + bias));
                double wide = 0.5 * hoeffding * hoeffding;
                double rare = (wide + SQRT_2PI * hoeffding) * Math.exp(-RARE + tilt * wide * (1 + tilt));
                if ((far + rare) * (1 + tilt) < NEGLIGIBLE) {
                    return new RoundingSpread(deviation, far + rare);
                }
            }
        }
        return new RoundingSpread(hoeffding, 0);
    }

    /** The variance's quantile M, in units of h^2 / 4. */
    private static double exceeded(double expected) {
        double low = expected;
        double high = 2 * expected + 2 * RARE;
        for (int i = 0; i < 60; i++) {
            double middle = 0.5 * (low + high);
            if (middle * Math.log(middle / expected) - middle + expected < RARE) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** C in units of s, for a bump of width w, also in units of s; infinite where the bump is too narrow. */
    private static double relativeHeight(double deviation, double w) {
        double bias = 0.5 * deviation;
        double end = GRID_END + 2 * bias;
        // Beyond this the Chernoff bound falls faster than the bump.
        double turn = bias * (1 + 0.5 / (w * w)) / (1 - 1 / (w * w));
        if (turn > 0.5 * end) {
            return Double.POSITIVE_INFINITY;
        }
        double worst = 0;
        int points = (int) Math.ceil(end / GRID_STEP);
        for (int i = 0; i <= points; i++) {
            double d = i * GRID_STEP;
            // The bound of the gain falls and the bump falls, too: the intervals' ends bound their ratio.
            double u = d - bias;
            double gain = Math.min(1 / deviation, 0.5 * (Math.sqrt(1 + u * u) - u));
            if (u > 0) {
                gain = Math.min(gain, SQRT_2PI * ErrorFunction.normal(-u));
            }
            double far = d + GRID_STEP + 0.5 * bias;
            worst = Math.max(worst, gain * Math.exp((far * far + 1) / (2 * w * w)));
        }
        // Beyond the grid, by Mills' ratio.
        double u = end - bias;
        double far = end + 0.5 * bias;
        return Math.max(worst, Math.exp((far * far + 1) / (2 * w * w) - 0.5 * u * u) / u);
    }

    /** s: a bound of E's standard deviation. */
    double deviation() {
        return deviation;
    }

    /** C, the bump's height. */
    double height() {
        return height;
    }

    /** w, the bump's width. */
    double width() {
        return width;
    }

    /** b / 2, by how much the bump's centre is beyond epsilon. */
    double shift() {
        return 0.25 * deviation * deviation;
    }

    /** What the bump does not bound of the gain in delta, over exp(K - tilt epsilon), K the logarithm of the tilt's normaliser. */
    double remainder() {
        return remainder;
    }
}
