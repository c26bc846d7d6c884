package org.veil4j.dp.accounting;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
 * <p>The error bound is proven for exact arithmetic (documentation of {@code RoundingSpread}) and has an allowance for the rounding
 * of the transforms. The estimate is itself an upper bound then; what is stated is larger by the target error, as a margin for
 * all other rounding, and so that figures compare with those of other PRV accountants, which add theirs.
 */
public final class PrvAccountant {
    /** The error bound aimed at unless told, between 0.1 % and 1 % of epsilon. */
    public static final double TARGET_ERROR = 0.01;

    private static final double LEAST_RELATIVE_TARGET = 0.001;
    private static final double RELATIVE_TARGET = 0.01;
    /** Points of the longest window while noise is searched for, and the error's part of epsilon. */
    private static final int ROUGH_SIZE = 1 << 18;

    private static final double ROUGH_TARGET = 0.15;

    /** Beyond it nobody asks how tight a bound is. */
    private static final double MAX_EPSILON = 1e6;

    /** The last answer: who has calibrated noise asks for its guarantee next, and the longest answers take tenths of a second. */
    private static volatile @Nullable Answer last;

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
        Answer known = last;
        if (known != null && known.delta == delta && known.segments.equals(segments)) {
            return known.epsilon;
        }
        double ceiling = ceiling(delta);
        PrvEpsilon found = epsilon(delta, defaultTarget(ceiling), ceiling);
        last = new Answer(segments, delta, found);
        return found;
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
        return epsilon(delta, targetError, ceiling(delta));
    }

    /** About what {@link #epsilon(double)} would state, from a coarser mesh: cheaper, not certain, and without sudden changes. */
    double roughEpsilon(double delta) {
        List<Segment> merged = mergeUnsampled();
        if (merged.isEmpty() || hasNoNoise() || participation() <= delta || isUnsampled(merged)) {
            return epsilon(delta).epsilon();
        }
        double ceiling = ceiling(delta);
        if (ceiling == 0 || ceiling > MAX_EPSILON) {
            return ceiling;
        }
        double target = defaultTarget(ceiling);
        Composition.Found found = new Composition(merged, delta).find(ROUGH_TARGET * ceiling, ROUGH_TARGET, ROUGH_SIZE);
        double estimate = Math.min(Math.max(0.5 * found.epsilon(), found.epsilon() - found.blur()), ceiling);
        return Math.min(estimate + Math.min(target, RELATIVE_TARGET * estimate), ceiling);
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

    private PrvEpsilon epsilon(double delta, double targetError, double ceiling) {
        if (segments.isEmpty()) {
            return new PrvEpsilon(0, 0, 0, 0);
        }
        if (hasNoNoise()) {
            return PrvEpsilon.infinite();
        }
        if (participation() <= delta) {
            return new PrvEpsilon(0, 0, 0, 0);
        }
        List<Segment> merged = mergeUnsampled();
        if (isUnsampled(merged)) {
            return analytic(merged.get(0), delta);
        }
        return composed(merged, delta, targetError, ceiling);
    }

    private boolean hasNoNoise() {
        return segments.stream().anyMatch(segment -> segment.mechanism().noiseMultiplier() == 0);
    }

    private static boolean isUnsampled(List<Segment> merged) {
        return merged.size() == 1 && merged.get(0).mechanism().samplingRate() == 1;
    }

    /** Probability that the example takes part in any step: no delta above it is needed, whatever the steps release. */
    private double participation() {
        double logNone = 0;
        for (Segment segment : segments) {
            logNone += segment.steps() * Math.log1p(-segment.mechanism().samplingRate());
        }
        return -Math.expm1(logNone);
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

    private static PrvEpsilon composed(List<Segment> segments, double delta, double targetError, double ceiling) {
        if (ceiling == 0) {
            return new PrvEpsilon(0, 0, 0, 0);
        }
        if (ceiling > MAX_EPSILON) {
            return new PrvEpsilon(ceiling, 0, ceiling, ceiling);
        }
        Composition.Found found =
                new Composition(segments, delta).find(targetError, RELATIVE_TARGET, LossWindow.MAX_SIZE);
        double estimate = Math.min(found.epsilon(), ceiling);
        double margin = Math.min(targetError, RELATIVE_TARGET * estimate);
        double bound = Math.max(margin, Math.min(found.error(), ceiling));
        return new PrvEpsilon(Math.min(estimate + margin, ceiling), Math.max(0, estimate - bound), estimate, bound);
    }

    private record Answer(List<Segment> segments, double delta, PrvEpsilon epsilon) {}
}
