package org.veil4j.dp.accounting;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the composed privacy loss is computed, and how finely. All of it under a tilted measure, exp(tilt * Y - K(tilt)) times
 * the true one: it moves the losses that decide epsilon from the far tail into the middle, so that neither the rounding of
 * the Fourier transform nor what wraps around matters even for tiny delta. By Chernoff's bound what lies outside of the window
 * changes delta by a small part of it: 1e-7, or more where large losses are rare and the window would be wide for nothing.
 *
 * @param tilt positive
 * @param above exponent of the Chernoff bound for losses beyond the window, more than tilt
 * @param below exponent of the Chernoff bound for losses before it: less than tilt
 * @param first index in the lattice of the window's first loss
 * @param size losses in the window, a power of two
 * @param spacing of the lattice
 * @param middle a loss near epsilon
 * @param outside probability at each end of a single step's losses that may be cut off
 */
record LossWindow(
        double tilt, double above, double below, long first, int size, double spacing, double middle, double outside) {
    /** How much more what lies outside weighs than the mesh: it moves the estimate by all of the bound. */
    private static final double OUTSIDE_WEIGHT = 5;
    /** Rounding of a transform relative to its largest value, as {@link ComposedLoss} bounds it, about. */
    private static final double STEP_ROUNDING = 1.6e-14;

    /** The certified error of epsilon over the rounding's variance, for each unit of 1 + steepness. */
    private static final double CERTIFIED = 2.3;

    private static final int MIN_SIZE = 1 << 12;
    private static final int CHEAP_SIZE = 1 << 14;
    /** For sizes up to this, four times this and sixteen times this. */
    private static final double[] SHARES = {0.05, 0.15, 0.4};

    /** Points of the largest window: a limit on time. */
    static final int MAX_SIZE = 1 << 20;

    /** The window's first loss. */
    double start() {
        return first * spacing;
    }

    /** The loss after the window's last. */
    double end() {
        return (first + size) * spacing;
    }

    /**
     * Chooses a window: the tilt for which mesh and rounding together would err least at the finest mesh; then a mesh as fine
     * as the target takes.
     *
     * @param curves of the composition, with what is cut off single losses a smaller or larger part of delta
     * @param delta in (0, 1)
     * @param guess of epsilon, better too small than too large
     * @param targetError wanted bound of the error of epsilon; the mesh is as fine as it takes
     * @param most points that the window may have, a power of two
     * @return null where none is in the range of doubles
     */
    static @Nullable LossWindow choose(
            List<MomentCurve> curves, double delta, EpsilonGuess guess, double targetError, int most) {
        double logDelta = Math.log(delta);
        double epsilon = guess.epsilon();
        double decay = guess.decay();
        double needed = 0.95 * epsilon - 6 * Math.sqrt(targetError / (1 + guess.steepness()));
        LossWindow best = null;
        double least = Double.POSITIVE_INFINITY;
        for (MomentCurve curve : curves) {
            Mesh mesh = new Mesh(curve, guess);
            double part = Math.log(curve.outside() * curve.steps() / delta);
            for (int i = 0; i < curve.size() - 1; i++) {
                double t = curve.exponent(i);
                double scale = t * epsilon + Math.log1p(t) + logDelta;
                double[] end = end(curve, i, scale + part, logDelta + part);
                double[] start = start(curve, i, scale + part);
                double from = Math.min(start[0], needed);
                double width = end[0] - from;
                double fixed = (rounding(curve.steps(), t, width) * Math.exp(curve.cumulant(i) - t * epsilon - logDelta)
                                + OUTSIDE_WEIGHT * Math.exp(part))
                        / decay;
                double error = mesh.error(width / most) + fixed;
                if (error < least) {
                    least = error;
                    int size = MIN_SIZE;
                    while (size < most && !(mesh.error(width / (size - 2)) + fixed <= targetError * share(size))) {
                        size *= 2;
                    }
                    double h = width / (size - 2);
                    best = new LossWindow(
                            t, end[1], start[1], (long) Math.floor(from / h), size, h, epsilon, curve.outside());
                }
            }
        }
        return best;
    }

    /** What the transform's rounding may add to delta, over exp(K - tilt epsilon), about. */
    private static double rounding(double steps, double tilt, double width) {
        double deviation = width / 16;
        double weights = Math.min(1 / (tilt * (2 * tilt + 1) * (2 * tilt + 2)), 0.5 * width);
        return steps * STEP_ROUNDING * Math.sqrt(weights / (2 * Math.sqrt(Math.PI) * deviation));
    }

    /** Which part of the target a mesh has to reach: where it is cheap, more than is asked for. */
    private static double share(int size) {
        for (int i = 0; i < SHARES.length; i++) {
            if (size <= CHEAP_SIZE << 2 * i) {
                return SHARES[i];
            }
        }
        return 0.95;
    }

    /** What the error certified by {@link ComposedLoss} will be, about. */
    private static final class Mesh {
        private final double steps;
        private final double size;
        private final double factor;

        Mesh(MomentCurve curve, EpsilonGuess guess) {
            steps = curve.steps();
            size = curve.totalSize(guess.decay());
            factor = CERTIFIED * (1 + guess.steepness());
        }

        double error(double h) {
            // The variance of the rounding: uniform in a cell, or where losses are small against it, next to a point.
            double variance = Math.min(steps * h * h / 6, size * h);
            return factor * variance;
        }
    }

    /** The least end, and its exponent, for which wrapped losses and lost losses stay below their logarithmic limits. */
    private static double[] end(MomentCurve curve, int tilt, double wrapped, double lost) {
        double[] best = {Double.POSITIVE_INFINITY, Double.NaN};
        for (int i = tilt + 1; i < curve.size(); i++) {
            double s = curve.exponent(i);
            double end = Math.max(
                    (curve.cumulant(i) - wrapped) / (s - curve.exponent(tilt)), (curve.cumulant(i) - lost) / s);
            if (end < best[0]) {
                best[0] = end;
                best[1] = s;
            }
        }
        return best;
    }

    /** The largest start, and its exponent, for which wrapped losses stay below their logarithmic limit. */
    private static double[] start(MomentCurve curve, int tilt, double wrapped) {
        double t = curve.exponent(tilt);
        double[] best = {wrapped / (t + 1), -1};
        if (wrapped / t > best[0]) {
            best[0] = wrapped / t;
            best[1] = 0;
        }
        for (int i = 0; i < curve.belowSize(); i++) {
            double s = curve.exponent(i);
            if ((wrapped - curve.below(i)) / (t + s) > best[0]) {
                best[0] = (wrapped - curve.below(i)) / (t + s);
                best[1] = -s;
            }
        }
        for (int i = 0; i < curve.size(); i++) {
            double s = curve.exponent(i);
            if (i < tilt && (wrapped - curve.cumulant(i)) / (t - s) > best[0]) {
                best[0] = (wrapped - curve.cumulant(i)) / (t - s);
                best[1] = s;
            }
            if ((wrapped - curve.cumulant(i)) / (t + 1 + s) > best[0]) {
                best[0] = (wrapped - curve.cumulant(i)) / (t + 1 + s);
                best[1] = -1 - s;
            }
        }
        return best;
    }
}
