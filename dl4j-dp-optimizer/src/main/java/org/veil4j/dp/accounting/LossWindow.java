package org.veil4j.dp.accounting;

import org.jspecify.annotations.Nullable;

/**
 * Where the composed privacy loss is computed, and how finely. All of it under a tilted measure, exp(tilt * Y - K(tilt)) times
 * the true one: it moves the losses that decide epsilon from the far tail into the middle, so that neither the rounding of
 * the Fourier transform nor what wraps around matters even for tiny delta. By Chernoff's bound what lies outside of the window
 * changes delta by about 1e-7 of it.
 *
 * @param tilt positive
 * @param above exponent of the Chernoff bound for losses beyond the window, more than tilt
 * @param below exponent of the Chernoff bound for losses before it: less than tilt and positive, 0, or at most -1
 * @param first index in the lattice of the window's first loss
 * @param size losses in the window, a power of two
 * @param spacing of the lattice
 * @param middle a loss near epsilon
 */
record LossWindow(double tilt, double above, double below, long first, int size, double spacing, double middle) {
    /** Part of delta, as a logarithm, that may lie outside. */
    private static final double LN_OUTSIDE = Math.log(1e-7);
    /** Rounding of a transform relative to its largest value, about, for each step. */
    private static final double STEP_ROUNDING = 5e-14;

    private static final int MIN_SIZE = 1 << 12;
    private static final int MAX_SIZE = 1 << 20;

    /** The window's first loss. */
    double start() {
        return first * spacing;
    }

    /** Whether no finer mesh would be chosen. */
    boolean isFinest() {
        return size == MAX_SIZE;
    }

    /** The loss after the window's last. */
    double end() {
        return (first + size) * spacing;
    }

    /**
     * Chooses a window: the tilt for which mesh and rounding together would err least at the finest mesh; then a mesh as fine
     * as the target takes.
     *
     * @param curve of the composition
     * @param steps discretised steps
     * @param logDelta ln delta
     * @param epsilon a guess, better too small than too large
     * @param decay a guess of how fast delta falls with epsilon
     * @param targetError wanted bound of the error of epsilon; the mesh is as fine as it takes, up to a limit on time
     * @return null where none is in the range of doubles
     */
    static @Nullable LossWindow choose(
            MomentCurve curve, double steps, double logDelta, double epsilon, double decay, double targetError) {
        // The error certified by ComposedLoss is about so many times h^2, and takes losses around epsilon.
        double perSquare = 3 * steps * (1 + decay);
        double needed = 0.95 * epsilon - 3 * Math.sqrt(targetError / (1 + decay));
        LossWindow best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < curve.size() - 1; i++) {
            double t = curve.exponent(i);
            double scale = t * epsilon + Math.log1p(t) + logDelta;
            double[] end = end(curve, i, scale + LN_OUTSIDE, logDelta + LN_OUTSIDE);
            double[] start = start(curve, i, scale + LN_OUTSIDE);
            double from = Math.min(start[0], needed);
            double width = end[0] - from;
            double error = perSquare * width * width / MAX_SIZE / MAX_SIZE
                    + steps * STEP_ROUNDING * Math.exp(curve.cumulant(i) - scale) / decay;
            if (error < least) {
                least = error;
                double wanted = width / Math.sqrt(targetError / perSquare);
                int size = MIN_SIZE;
                while (size < MAX_SIZE && size < wanted) {
                    size *= 2;
                }
                double h = width / (size - 2);
                best = new LossWindow(t, end[1], start[1], (long) Math.floor(from / h), size, h, epsilon);
            }
        }
        return best;
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
