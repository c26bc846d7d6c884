package org.veil4j.dp.accounting;

/**
 * The composed privacy loss in one direction, and bounds of delta and epsilon from it.
 *
 * <p>Upper bound. In exact arithmetic delta of the discretised loss is an upper bound (see {@link StepLoss}). What wraps around
 * in the transform only adds to it, except for losses beyond the window's end, whose probability is added by Chernoff's bound.
 *
 * <p>Lower bound. Write X for the true sum of losses and X + E for the discretised one. Given X, E is a sum of n independent
 * terms, each in an interval of length h and of mean between 0 and b/n, b = n (e^h - 1)^2 / 8, and E[exp(-E)] = 1. With
 * Hoeffding's inequality E is sub-Gaussian of variance v = n h^2 / 4 about its mean. The gain in delta given X is then
 * E[(1 - e^(epsilon - X - E))+] - (1 - e^(epsilon - X))+, at most
 * e^(v/2 - d) sqrt(2 pi v) Phi(sqrt(v) - d / sqrt(v)) for d = X - epsilon at least 0, and at most
 * sqrt(2 pi v) Phi(-d / sqrt(v)) for d = epsilon - b - X at least 0, b more in between. So the gain matters only where X is within a few
 * sqrt(v) of epsilon. How probable that is follows from X + E: given such an X, X + E is within w more with probability
 * at least 1 - 2 exp(-w^2 / (2 v)). The whole gain is of second order, about 3 n h^2 times the density at epsilon.
 */
final class ComposedLoss {
    private static final double ULP = 0x1p-52;
    /** Rounding errors of one coefficient of the transform, in units of the last place, for each doubling of the length. */
    private static final double TRANSFORM_ULPS = 4;
    /** Part of delta that may hide in the Gaussian tails of the lower bound. */
    private static final double HIDDEN = 1e-6;
    /** Width of a ring, and how far E may move a loss, in standard deviations. */
    private static final double RING = 0.25;

    private static final double BLUR = 2.2;

    private final LossWindow window;
    private final double steps;
    private final double cumulant;
    private final double infinite;
    private final double outside;
    private final double logAbove;
    private final double logBelow;
    private final double origin;
    /** At i the sum from i on of probabilities times exp(-tilt (y - origin)), and the same times exp(y[i] - y). */
    private final double[] sum;

    private final double[] sumShrunk;
    private final int lowest;
    private final double roundingError;

    /**
     * Takes over a composed, tilted distribution.
     *
     * @param circular tilted probabilities, index modulo the window's size
     * @param steps number of discretised steps
     * @param cumulant logarithm of the tilt's normaliser
     * @param infinite probability of an infinite loss
     * @param outside probability of losses beyond the ends of the single steps' lattices
     */
    ComposedLoss(
            MomentCurve curve,
            LossWindow window,
            double[] circular,
            double steps,
            double cumulant,
            double infinite,
            double outside) {
        this.window = window;
        this.steps = steps;
        this.cumulant = cumulant;
        this.infinite = infinite;
        this.outside = outside;
        logAbove = curve.discretised(window.above(), window.spacing());
        logBelow = curve.discretised(window.below(), window.spacing());
        int n = window.size();
        double t = window.tilt();
        // Weights stay in the range of a double: losses far below the middle decide nothing and are left out.
        origin = window.middle();
        double omitted = Math.ceil((origin - 600 / t - window.start()) / window.spacing());
        lowest = (int) Math.min(n, Math.max(0, omitted));
        sum = new double[n + 1];
        sumShrunk = new double[n + 1];
        double squares = 0;
        double shrink = Math.exp(-window.spacing());
        for (int i = n - 1; i >= lowest; i--) {
            double c = Math.max(0, circular[(int) (window.first() + i) & (n - 1)]);
            double weighted = c * Math.exp(-t * (loss(i) - origin));
            sum[i] = sum[i + 1] + weighted;
            sumShrunk[i] = sumShrunk[i + 1] * shrink + weighted;
            squares += c * c;
        }
        double doublings = Integer.numberOfTrailingZeros(n);
        roundingError = steps * ULP * TRANSFORM_ULPS * doublings * Math.sqrt(n * squares);
    }

    /** Losses below this cannot be asked for. */
    double lowestEpsilon() {
        return Math.max(0, loss(lowest));
    }

    /** An upper bound of delta at an epsilon of at least {@link #lowestEpsilon}; falls with epsilon. */
    double upperDelta(double epsilon) {
        return discretisedDelta(epsilon)
                + Math.exp(logAbove - window.above() * window.end())
                + roundingError * unit(epsilon);
    }

    /** A lower bound of delta; may be negative, where it says nothing. */
    double lowerDelta(double epsilon, double delta) {
        double t = window.tilt();
        double wrapped = Math.exp(logAbove - (window.above() - t) * window.end() - t * epsilon)
                + Math.exp(logBelow + (t - window.below()) * window.start() - t * epsilon);
        return discretisedDelta(epsilon)
                - outside
                - wrapped / (1 + t)
                - roundingError * unit(epsilon)
                - gain(epsilon, delta);
    }

    /**
     * The least epsilon in the window with {@link #upperDelta} at most delta, rounded up; {@link #lowestEpsilon} where the true
     * one may be smaller; infinite if the window has none.
     */
    double epsilon(double delta) {
        double low = lowestEpsilon();
        double high = window.end();
        if (upperDelta(low) <= delta) {
            return low;
        }
        if (!(upperDelta(high) <= delta)) {
            return Double.POSITIVE_INFINITY;
        }
        while (high - low > 1e-12 * high) {
            double middle = 0.5 * (low + high);
            if (upperDelta(middle) > delta) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** An epsilon that is certainly not enough, as near below the given one as can be shown; 0 where nothing can. */
    double lowerEpsilon(double epsilon, double delta) {
        double near = 0;
        double far = 1e-9 * epsilon;
        while (lowerDelta(epsilon - far, delta) < delta) {
            near = far;
            far *= 2;
            if (far >= epsilon) {
                return 0;
            }
        }
        for (int i = 0; i < 6; i++) {
            double middle = 0.5 * (near + far);
            if (lowerDelta(epsilon - middle, delta) < delta) {
                near = middle;
            } else {
                far = middle;
            }
        }
        return epsilon - far;
    }

    /** An upper bound of what the discretisation adds to delta. */
    private double gain(double epsilon, double delta) {
        double h = window.spacing();
        double deviation = Math.sqrt(0.25 * steps) * h;
        double bias = steps * Math.expm1(h) * Math.expm1(h) / 8;
        // Rings around epsilon, out to where the rest is no more than a small part of delta.
        int rings = (int) Math.ceil(Math.sqrt(-2 * Math.log(HIDDEN * delta)) / RING);
        double inner = gainAt(0, deviation) + bias;
        double sum = 0;
        for (int i = 1; i <= rings; i++) {
            double edge = i * RING * deviation;
            double outer = gainAt(edge, deviation);
            double reach = edge + bias + BLUR * deviation;
            sum += (inner - outer) * probability(epsilon - reach, epsilon + reach);
            inner = outer;
        }
        return sum / (1 - 2 * Math.exp(-0.5 * BLUR * BLUR)) + inner;
    }

    /** An upper bound of the gain at a distance from epsilon. */
    private static double gainAt(double distance, double deviation) {
        double scale = deviation * Math.sqrt(2 * Math.PI);
        double relative = distance / deviation;
        return scale
                * Math.max(
                        Math.exp(0.5 * deviation * deviation - distance) * ErrorFunction.normal(deviation - relative),
                        ErrorFunction.normal(-relative));
    }

    /** An upper bound of the probability that the discretised loss lies in an interval. */
    private double probability(double from, double to) {
        if (from <= loss(lowest)) {
            return 1;
        }
        int low = Math.max(lowest, indexAbove(from) - 1);
        int high = Math.min(window.size(), indexAbove(to));
        double factor = Math.exp(cumulant - window.tilt() * origin);
        return factor * (sum[low] - sum[high])
                + roundingError * Math.exp(cumulant - window.tilt() * from)
                + (to < window.end() ? 0 : 1);
    }

    private double discretisedDelta(double epsilon) {
        int i = indexAbove(epsilon);
        double factor = Math.exp(cumulant - window.tilt() * origin);
        return infinite + factor * Math.max(0, sum[i] - Math.exp(epsilon - loss(i)) * sumShrunk[i]);
    }

    /** What an error of 1 in the total of tilted probabilities is in delta, at most: see the maximum of e^-ty (1 - e^-y). */
    private double unit(double epsilon) {
        return Math.exp(cumulant - window.tilt() * epsilon) / (1 + window.tilt());
    }

    private double loss(int i) {
        return (window.first() + i) * window.spacing();
    }

    /** The least index whose loss exceeds y, at most the window's size. */
    private int indexAbove(double y) {
        double i = Math.floor(y / window.spacing()) + 1 - window.first();
        return (int) Math.max(lowest, Math.min(window.size(), i));
    }
}
