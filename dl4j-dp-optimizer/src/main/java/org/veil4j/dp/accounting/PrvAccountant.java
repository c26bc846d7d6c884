package org.veil4j.dp.accounting;

import java.util.ArrayList;
import java.util.List;

/**
 * Adds up privacy by composing the distributions of the privacy loss numerically: steps of any parameters, one after another,
 * each free to depend on what came before. Immutable. The guarantee holds for adding or removing one example under Poisson
 * sampling: both directions are computed, and the worse one counts.
 *
 * <p>Losses are discretised on a lattice (to the safe side), composed by powers of their Fourier transform, and epsilon is
 * read off. Source: Gopi, Lee, Wutschitz, "Numerical composition of differential privacy", NeurIPS 2021, with their rounding
 * to the nearest point replaced by the one of Doroshenko et al., PETS 2022, whose error is of second order, and with a tilted
 * measure, which keeps relative precision for the smallest delta. Steps with sampling rate 1 compose in closed form.
 *
 * <p>The error bound is proven for exact arithmetic (documentation of {@code ComposedLoss}) and has an allowance for the rounding
 * of the transforms. The estimate is itself an upper bound then; what is stated is larger by the target error, as a margin for
 * all other rounding, and so that figures compare with those of other PRV accountants, which add theirs.
 */
public final class PrvAccountant {
    /** The error bound aimed at unless told, between 0.1 % and 1 % of epsilon. */
    public static final double TARGET_ERROR = 0.01;

    private static final double LEAST_RELATIVE_TARGET = 0.001;
    private static final double RELATIVE_TARGET = 0.01;
    /** How much coarser the mesh may be while noise is searched for. */
    private static final double COARSE = 30;

    /** Part of delta that may be lost at the ends of the lattices. */
    private static final double LOST = 1e-9;

    private static final int ATTEMPTS = 3;
    /** Beyond it nobody asks how tight a bound is. */
    private static final double MAX_EPSILON = 1e6;

    private final List<Segment> segments;

    private PrvAccountant(List<Segment> segments) {
        this.segments = segments;
    }

    /** No steps so far. */
    public static PrvAccountant start() {
        return new PrvAccountant(List.of());
    }

    /** Some steps. Same as {@code start().then(mechanism, steps)}. */
    public static PrvAccountant of(SampledGaussian mechanism, long steps) {
        return start().then(mechanism, steps);
    }

    /**
     * This sequence, followed by more steps.
     *
     * @param mechanism each of the steps
     * @param count number of steps, at least 0
     * @throws IllegalArgumentException if the count is negative, or the steps exceed the range of a long
     */
    public PrvAccountant then(SampledGaussian mechanism, long count) {
        Arguments.steps(count);
        if (count > Long.MAX_VALUE - steps()) {
            throw new IllegalArgumentException(
                    "steps=" + count + ": too many together with the " + steps() + " before");
        }
        if (count == 0) {
            return this;
        }
        List<Segment> all = new ArrayList<>(segments);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).mechanism().equals(mechanism)) {
                all.set(i, new Segment(mechanism, all.get(i).steps() + count));
                return new PrvAccountant(List.copyOf(all));
            }
        }
        all.add(new Segment(mechanism, count));
        return new PrvAccountant(List.copyOf(all));
    }

    /** Steps so far. */
    public long steps() {
        long sum = 0;
        for (Segment segment : segments) {
            sum += segment.steps();
        }
        return sum;
    }

    /**
     * The guarantee at a failure probability, with the error bound {@link #TARGET_ERROR}, or 0.1 % of epsilon where that is more.
     * See {@link #epsilon(double, double)}.
     */
    public PrvEpsilon epsilon(double delta) {
        Arguments.delta(delta);
        return epsilon(delta, defaultTarget(ceiling(delta)), 1);
    }

    /**
     * The guarantee at a failure probability. Cost: some hundredths of a second, a few tenths for 10^5 and more steps.
     *
     * @param delta in (0, 1)
     * @param targetError error bound aimed at, positive; aimed at is 1 % of epsilon where that is less. The bound that is
     *     returned may be larger where reaching the aim would take too long
     * @return epsilon: 0 without steps, infinite where a step had no noise
     * @throws IllegalArgumentException if delta or targetError is out of range
     */
    public PrvEpsilon epsilon(double delta, double targetError) {
        Arguments.delta(delta);
        if (!(targetError > 0 && targetError < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("targetError=" + targetError + ": must be positive and finite");
        }
        return epsilon(delta, targetError, 1);
    }

    /** The stated epsilon on a coarser mesh: a little more, and cheaper. */
    double roughEpsilon(double delta) {
        return epsilon(delta, defaultTarget(ceiling(delta)), COARSE).epsilon();
    }

    private static double defaultTarget(double ceiling) {
        return Math.min(Double.MAX_VALUE, Math.max(TARGET_ERROR, LEAST_RELATIVE_TARGET * ceiling));
    }

    /** Epsilon by Renyi accounting. */
    private double ceiling(double delta) {
        RdpAccountant rdp = RdpAccountant.start();
        for (Segment segment : segments) {
            rdp = rdp.then(segment.mechanism(), segment.steps());
        }
        return rdp.epsilon(delta).epsilon();
    }

    private PrvEpsilon epsilon(double delta, double targetError, double coarse) {
        if (segments.isEmpty()) {
            return new PrvEpsilon(0, 0, 0, 0);
        }
        if (hasNoNoise()) {
            return PrvEpsilon.infinite();
        }
        List<Segment> merged = mergeUnsampled();
        if (merged.size() == 1 && merged.get(0).mechanism().samplingRate() == 1) {
            return analytic(merged.get(0), delta);
        }
        return composed(merged, delta, targetError, coarse, ceiling(delta));
    }

    private boolean hasNoNoise() {
        return segments.stream().anyMatch(segment -> segment.mechanism().noiseMultiplier() == 0);
    }

    /** Steps without sampling are one Gaussian step; sampled ones stay as they are. */
    private List<Segment> mergeUnsampled() {
        List<Segment> merged = new ArrayList<>();
        double squares = 0;
        for (Segment segment : segments) {
            if (segment.mechanism().samplingRate() == 1) {
                double ratio = 1 / segment.mechanism().noiseMultiplier();
                squares += segment.steps() * ratio * ratio;
            } else {
                merged.add(segment);
            }
        }
        if (squares > 0) {
            merged.add(new Segment(new SampledGaussian(1, 1 / Math.sqrt(squares)), 1));
        }
        return merged;
    }

    private static PrvEpsilon analytic(Segment only, double delta) {
        double noise = only.mechanism().noiseMultiplier();
        double epsilon = noise == 0 ? Double.POSITIVE_INFINITY : AnalyticGaussian.epsilon(1 / noise, delta);
        if (Double.isInfinite(epsilon)) {
            return PrvEpsilon.infinite();
        }
        double bound = AnalyticGaussian.RELATIVE_ERROR * epsilon;
        return new PrvEpsilon(epsilon, epsilon - bound, epsilon - 0.5 * bound, 0.5 * bound);
    }

    private static PrvEpsilon composed(
            List<Segment> segments, double delta, double targetError, double coarse, double ceiling) {
        if (ceiling == 0) {
            return new PrvEpsilon(0, 0, 0, 0);
        }
        if (ceiling > MAX_EPSILON) {
            return new PrvEpsilon(ceiling, 0, ceiling, ceiling);
        }
        double steps = 0;
        for (Segment segment : segments) {
            steps += segment.steps();
        }
        double aim = coarse * Math.min(targetError, RELATIVE_TARGET * ceiling);
        double outside = Math.max(LOST * delta / steps, Double.MIN_NORMAL);
        MomentCurve curve = new MomentCurve(segments, outside);
        double[] guess = curve.guess(Math.log(delta));
        double[] best = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
        double mesh = aim;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            LossWindow window = LossWindow.choose(curve, steps, Math.log(delta), guess[0], guess[1], mesh);
            if (window == null) {
                break;
            }
            double[] found = compose(segments, curve, window, steps, delta, outside);
            if (found[1] < best[1]) {
                best = found;
            }
            boolean guessed = found[0] >= 0.95 * guess[0];
            if (guessed && (found[1] <= 1.2 * aim || coarse > 1 || window.isFinest())) {
                break;
            }
            if (guessed) {
                mesh *= Math.max(1.0 / 64, 0.5 * aim / found[1]);
            } else {
                // A window around a wrong guess shows an upper bound, if epsilon is not beyond it.
                guess[0] = found[0] < guess[0] ? 0.5 * found[0] : 0;
            }
        }
        double estimate = Math.min(best[0], ceiling);
        double margin = Math.min(targetError, RELATIVE_TARGET * estimate);
        double bound = Math.max(margin, Math.min(best[1], ceiling));
        return new PrvEpsilon(Math.min(estimate + margin, ceiling), Math.max(0, estimate - bound), estimate, bound);
    }

    /** An upper bound of epsilon, and how far the truth may be below it; both may be infinite. */
    private static double[] compose(
            List<Segment> segments, MomentCurve curve, LossWindow window, double steps, double delta, double outside) {
        TiltedSpectrum spectrum = new TiltedSpectrum(window);
        for (Segment segment : segments) {
            if (!StepLoss.fits(segment.mechanism(), window.spacing(), outside)) {
                return new double[] {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
            }
            spectrum.append(new StepLoss(segment.mechanism(), window.spacing(), outside), segment.steps());
        }
        double[] found = {-1, 0};
        for (ComposedLoss loss : spectrum.compose(curve, steps)) {
            double epsilon = loss.epsilon(delta);
            if (epsilon > found[0]) {
                found[0] = epsilon;
                found[1] = epsilon < Double.POSITIVE_INFINITY ? epsilon - loss.lowerEpsilon(epsilon, delta) : epsilon;
            }
        }
        return found;
    }
}
