package org.veil4j.dp.accounting;

/**
 * The composed privacy loss in one direction, and bounds of delta and epsilon from it.
 *
 * <p>Upper bound. In exact arithmetic delta of the discretised loss is an upper bound (see {@link StepLoss}). What wraps around
 * in the transform only adds to it, except for losses beyond the window's end, whose probability is added by Chernoff's bound.
 *
 * <p>Lower bound. What the discretisation adds to delta is bounded by the expectation of a bump at epsilon ({@link RoundingSpread}),
 * taken in rings, and with the probability beyond the outermost from the tilted measure. What wraps around and what single
 * steps' lattices cut off is subtracted.
 *
 * <p>Rounding errors of the transforms are small in the sum of squares of all tilted probabilities; what they do to a bound
 * follows by the Cauchy-Schwarz inequality from the sum of squares of its weights.
 */
final class ComposedLoss {
    private static final double ULP = 0x1p-52;
    /** Rounding errors of one coefficient of the transform, in units of the last place, for each doubling of the length. */
    private static final double TRANSFORM_ULPS = 4;
    /** Width of a ring, and where the rings end, in widths of the bump. */
    private static final double RING = 0.05;

    private static final int RINGS = 160;
    /** Losses between two exponentials that are computed, not multiplied up. */
    private static final int EXACT = 64;

    private final LossWindow window;
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
    /** Bound of the root of the sum of squares of the tilted probabilities' rounding errors. */
    private final double roundingError;

    private final RoundingSpread rounding;

    /**
     * Takes over a composed, tilted distribution.
     *
     * @param circular tilted probabilities, index modulo the window's size
     * @param steps number of discretised steps
     * @param total what is known of the composition without composing
     */
    ComposedLoss(LossWindow window, double[] circular, double steps, LossTotal total) {
        this.window = window;
        rounding = RoundingSpread.of(window.spacing(), steps, total.spread(), window.tilt());
        cumulant = total.cumulant();
        logAbove = total.above();
        logBelow = total.below();
        infinite = -Math.expm1(total.logFinite());
        outside = total.outside();
        int n = window.size();
        double t = window.tilt();
        // Weights stay in the range of a double: losses far below the middle decide nothing and are left out.
        origin = window.middle();
        double omitted = Math.ceil((origin - 600 / t - window.start()) / window.spacing());
        lowest = (int) Math.min(n, Math.max(0, omitted));
        sum = new double[n + 1];
        sumShrunk = new double[n + 1];
        double shrink = Math.exp(-window.spacing());
        double factor = Math.exp(t * window.spacing());
        double weight = 0;
        for (int i = n - 1; i >= lowest; i--) {
            double c = Math.max(0, circular[(int) (window.first() + i) & (n - 1)]);
            weight = (n - 1 - i) % EXACT == 0 ? Math.exp(-t * (loss(i) - origin)) : weight * factor;
            double weighted = c * weight;
            sum[i] = sum[i + 1] + weighted;
            sumShrunk[i] = sumShrunk[i + 1] * shrink + weighted;
        }
        double squares = 0;
        for (double c : circular) {
            squares += c * c;
        }
        double doublings = Integer.numberOfTrailingZeros(n);
        roundingError = steps * ULP * TRANSFORM_ULPS * doublings * Math.sqrt(squares);
    }

    /** Losses below this cannot be asked for. */
    double lowestEpsilon() {
        return Math.max(0, loss(lowest));
    }

    /** An upper bound of delta at an epsilon of at least {@link #lowestEpsilon}; falls with epsilon. */
    double upperDelta(double epsilon) {
        return discretisedDelta(epsilon)
                + Math.exp(logAbove - window.above() * window.end())
                + roundingError * norm(epsilon);
    }

    /** A lower bound of delta; may be negative, where it says nothing. */
    double lowerDelta(double epsilon) {
        double t = window.tilt();
        double wrapped = Math.exp(logAbove - (window.above() - t) * window.end() - t * epsilon)
                + Math.exp(logBelow + (t - window.below()) * window.start() - t * epsilon);
        return discretisedDelta(epsilon) - outside - wrapped / (1 + t) - roundingError * norm(epsilon) - gain(epsilon);
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

    /** By how much the mesh moves epsilon, about, for each unit of 1 + steepness there. */
    double blur() {
        return 0.5 * rounding.deviation() * rounding.deviation();
    }

    /** What the composition tells of delta near an epsilon, which is about what {@link #epsilon} found. */
    EpsilonGuess near(double epsilon) {
        int i = indexAbove(epsilon);
        double factor = Math.exp(cumulant - window.tilt() * origin);
        double slope = factor * Math.exp(epsilon - loss(i)) * sumShrunk[i];
        double width = Math.max(4 * window.spacing(), Math.min(rounding.width(), 0.02 * epsilon));
        double density = mass(epsilon - width, epsilon + width) / (2 * width);
        return new EpsilonGuess(epsilon, slope / discretisedDelta(epsilon), Math.max(0, density / slope - 1));
    }

    /** An epsilon that is certainly not enough, as near below the given one as can be shown; 0 where nothing can. */
    double lowerEpsilon(double epsilon, double delta) {
        double near = 0;
        double far = 1e-9 * epsilon;
        while (!(lowerDelta(epsilon - far) >= delta)) {
            near = far;
            far *= 2;
            if (far >= epsilon) {
                return 0;
            }
        }
        for (int i = 0; i < 6; i++) {
            double middle = 0.5 * (near + far);
            if (!(lowerDelta(epsilon - middle) >= delta)) {
                near = middle;
            } else {
                far = middle;
            }
        }
        return epsilon - far;
    }

    /** An upper bound of what the discretisation adds to delta; infinite where none can be shown. */
    private double gain(double epsilon) {
        double t = window.tilt();
        double width = rounding.width();
        double height = rounding.height();
        double center = epsilon + rounding.shift();
        double reach = RINGS * RING * width;
        double low = Math.max(loss(lowest), center - reach);
        double high = Math.min(loss(window.size() - 1), center + reach);
        // Below the rings the bump must fall faster than the tilted measure's weight grows.
        if (!(height < Double.POSITIVE_INFINITY) || !(low < center - t * width * width) || !(center < high)) {
            return Double.POSITIVE_INFINITY;
        }
        double rings = 0;
        for (int i = 0; i < RINGS; i++) {
            double from = i * RING * width;
            double to = from + RING * width;
            double above = mass(Math.min(high, center + from), Math.min(high, center + to));
            double below = mass(Math.max(low, center - to), Math.max(low, center - from));
            rings += bump(i * RING) * (above + below);
        }
        double scale = Math.exp(cumulant - t * epsilon);
        double belowRings = bump((low - center) / width) * Math.exp(t * (epsilon - low));
        double aboveRings = bump((high - center) / width);
        double squares = Math.sqrt(Math.PI) * width / window.spacing() + 1;
        double error = roundingError * Math.sqrt(squares) * Math.exp(0.5 * t * width * t * width);
        return height * rings + scale * (height * (belowRings + aboveRings + error) + rounding.remainder());
    }

    private static double bump(double distance) {
        return Math.exp(-0.5 * distance * distance);
    }

    /** Probability of the discretised loss in an interval, the lower end excluded; 0 if the interval is empty. */
    private double mass(double from, double to) {
        int low = indexAbove(from);
        int high = indexAbove(to);
        return low < high ? Math.exp(cumulant - window.tilt() * origin) * (sum[low] - sum[high]) : 0;
    }

    private double discretisedDelta(double epsilon) {
        int i = indexAbove(epsilon);
        double factor = Math.exp(cumulant - window.tilt() * origin);
        return infinite + factor * Math.max(0, sum[i] - Math.exp(epsilon - loss(i)) * sumShrunk[i]);
    }

    /**
     * The root of the sum of squares, over the lattice above epsilon, of what tilted probabilities weigh in delta,
     * exp(K - t y) (1 - exp(epsilon - y)): by an integral, plus the largest term, as they rise and fall once; or by their number.
     */
    private double norm(double epsilon) {
        double t = window.tilt();
        double integral = 1 / (t * (2 * t + 1) * (2 * t + 2)) / window.spacing();
        double largest = 1 / ((1 + t) * (1 + t));
        double points = window.size() - indexAbove(epsilon);
        return Math.exp(cumulant - t * epsilon) * Math.sqrt(Math.min(integral + largest, points * largest));
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
