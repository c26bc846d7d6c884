package org.veil4j.dp.accounting;

import java.util.ArrayList;
import java.util.List;

/**
 * Epsilon of a sequence of noisy, sampled steps by numerical composition: chooses windows, from a short one that finds out where
 * epsilon is to one as long as the error asks for. Not thread-safe.
 */
final class Composition {
    /** Parts of delta that may be cut off: more where large losses are rare and the window would be wide for nothing. */
    private static final double[] PARTS = {1e-8, 1e-5, 1e-3};

    private static final int ATTEMPTS = 8;
    /** A window of at most so many points is composed at once, without a shorter one before. */
    private static final int SHORT = 1 << 15;

    /** How much a first window may blur epsilon, over how far delta needs to fall to a third. */
    private static final double PILOT_BLUR = 1.5;

    /** The part of epsilon that may be due to the mesh if the figure is to be a guess for the next window. */
    private static final double TRUSTED = 0.15;
    /** Points of windows of which two at most are composed. */
    private static final int LARGE = 1 << 19;

    /** How far an error may be above the one that was aimed at. */
    private static final double TOLERATED = 1.2;

    private static final double PILOT_TOLERATED = 0.4;

    private final List<Segment> segments;
    private final double delta;
    private final List<MomentCurve> curves = new ArrayList<>();

    /** Steps that all have noise. */
    Composition(List<Segment> segments, double delta) {
        this.segments = segments;
        this.delta = delta;
        double steps = 0;
        for (Segment segment : segments) {
            steps += segment.steps();
        }
        for (double part : PARTS) {
            curves.add(new MomentCurve(segments, Math.max(part * delta / steps, Double.MIN_NORMAL)));
        }
    }

    /**
     * An epsilon that is certainly enough, with an error as asked for if that takes no more points than allowed.
     *
     * @param targetError of epsilon
     * @param relativeTarget error as a part of epsilon that is aimed at where it is less
     * @param most points, a power of two
     */
    Found find(double targetError, double relativeTarget, int most) {
        Found best = Found.NONE;
        EpsilonGuess guess = curves.get(0).guess(Math.log(delta));
        double finer = 1;
        boolean pilot = true;
        int largeWindows = 0;
        for (int attempt = 0; attempt < ATTEMPTS && largeWindows < 2; attempt++) {
            double share = guess.epsilon() > 0 ? relativeTarget * guess.epsilon() : targetError;
            double aim = finer * Math.min(targetError, share);
            LossWindow window = LossWindow.choose(curves, delta, guess, aim, most);
            if (window != null && pilot && window.size() > SHORT) {
                double rough = finer * PILOT_BLUR / (1 + guess.steepness());
                window = LossWindow.choose(curves, delta, guess, Math.max(aim, rough), most);
            }
            if (window == null) {
                break;
            }
            largeWindows += window.size() >= LARGE ? 1 : 0;
            Found found = compose(window);
            if (found.error() < best.error()) {
                best = found;
            }
            if (!(found.epsilon() < Double.POSITIVE_INFINITY)) {
                // Beyond the window's end, or hidden by too coarse a mesh.
                if (window.size() == most) {
                    break;
                }
                finer *= guess.epsilon() > 0 ? 1 : 1.0 / 16;
                guess = guess.withEpsilon(0);
                continue;
            }
            double goal = Math.min(targetError, relativeTarget * found.epsilon());
            boolean blurred = found.blur() > TRUSTED * found.epsilon();
            boolean finest = window.size() == most && !blurred && guess.isNear(found.epsilon());
            if (found.error() <= (pilot ? PILOT_TOLERATED : TOLERATED) * goal || finest) {
                break;
            }
            finer *= pilot ? 1 : Math.max(1.0 / 64, 0.5 * goal / found.error());
            guess = found.near().withEpsilon(found.epsilon() - Math.min(0.5 * found.epsilon(), 1.5 * found.blur()));
            pilot = pilot && blurred;
        }
        return best;
    }

    private Found compose(LossWindow window) {
        TiltedSpectrum spectrum = new TiltedSpectrum(window);
        for (Segment segment : segments) {
            if (!StepLoss.fits(segment.mechanism(), window.spacing(), window.outside())) {
                return Found.NONE;
            }
            spectrum.append(new StepLoss(segment.mechanism(), window.spacing(), window.outside()), segment.steps());
        }
        Found worst = new Found(-1, 0, 0, Found.NONE.near());
        for (ComposedLoss loss : spectrum.compose()) {
            double epsilon = loss.epsilon(delta);
            if (epsilon == Double.POSITIVE_INFINITY) {
                return Found.NONE;
            }
            if (epsilon > worst.epsilon()) {
                EpsilonGuess near = loss.near(epsilon);
                double blur = loss.blur() * (1 + near.steepness());
                worst = new Found(epsilon, epsilon - loss.lowerEpsilon(epsilon, delta), blur, near);
            }
        }
        return worst;
    }

    /**
     * A bound of epsilon.
     *
     * @param epsilon certainly enough; may be infinite
     * @param error how far the truth may be below it, at most; may be infinite
     * @param blur how far it probably is, because of the mesh
     * @param near what else was seen of delta
     */
    record Found(double epsilon, double error, double blur, EpsilonGuess near) {
        static final Found NONE =
                new Found(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0, new EpsilonGuess(0, 1, 1));
    }
}
