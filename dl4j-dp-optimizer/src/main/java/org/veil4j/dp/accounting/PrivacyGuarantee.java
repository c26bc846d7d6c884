package org.veil4j.dp.accounting;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is promised to the people behind the examples, and under which assumptions: the privacy of a number of noisy steps.
 * Immutable, shareable. {@link #statement()} is the text to publish with a model.
 */
public final class PrivacyGuarantee {
    private final SampledGaussian mechanism;
    private final long steps;
    private final double delta;
    private final Accounting accounting;
    private final Sampling sampling;
    private final long stepsPerEpoch;
    private final long examples;
    private final @Nullable String notPrivate;
    private final RdpEpsilon rdp;
    private volatile @Nullable PrvEpsilon prv;

    private PrivacyGuarantee(Builder builder) {
        mechanism = builder.mechanism;
        steps = builder.steps;
        delta = builder.delta;
        accounting = builder.accounting;
        sampling = builder.stepsPerEpoch > 0 ? Sampling.SHUFFLED : Sampling.POISSON;
        stepsPerEpoch = builder.stepsPerEpoch;
        examples = builder.examples;
        notPrivate = builder.notPrivate != null
                ? builder.notPrivate
                : mechanism.noiseMultiplier() == 0 && steps > 0
                        ? "the noise multiplier is 0, so epsilon is infinite"
                        : null;
        rdp = RdpAccountant.of(accounted(), accountedSteps()).epsilon(delta);
    }

    /**
     * Starts a guarantee for steps under Poisson sampling, accounted by RDP; the builder changes either.
     *
     * @param mechanism each of the steps
     * @param steps number of steps, at least 0
     * @param delta in (0, 1); at or above 1/examples it is warned of
     * @throws IllegalArgumentException if an argument is out of range
     */
    public static Builder of(SampledGaussian mechanism, long steps, double delta) {
        return new Builder(mechanism, Arguments.steps(steps), Arguments.delta(delta));
    }

    /**
     * Steps in which one example can take part under shuffled batches: one an epoch, a begun epoch included.
     *
     * @param steps at least 0
     * @param stepsPerEpoch at least 1
     */
    public static long participations(long steps, long stepsPerEpoch) {
        Arguments.steps(steps);
        if (stepsPerEpoch < 1) {
            throw new IllegalArgumentException("stepsPerEpoch=" + stepsPerEpoch + ": must be at least 1");
        }
        return steps / stepsPerEpoch + (steps % stepsPerEpoch == 0 ? 0 : 1);
    }

    /** The stated epsilon, by {@link #accounting()}: an upper bound; infinite without noise. */
    public double epsilon() {
        return accounting == Accounting.RDP ? epsilonRdp() : epsilonPrv();
    }

    /** The failure probability. */
    public double delta() {
        return delta;
    }

    /** Epsilon by Renyi accounting. */
    public double epsilonRdp() {
        return rdp.epsilon();
    }

    /** The Renyi order of {@link #epsilonRdp()}; NaN where that is infinite. */
    public double order() {
        return rdp.order();
    }

    /** Epsilon by numerical composition, an upper bound. Computed when first asked for: see {@link PrvAccountant} for the cost. */
    public double epsilonPrv() {
        return prv().epsilon();
    }

    /** How far the truth may be below {@link #epsilonPrv()}, at most; 0 where both are infinite. */
    public double prvErrorBound() {
        return prv().errorBound();
    }

    /** Whose epsilon is stated. */
    public Accounting accounting() {
        return accounting;
    }

    /** How examples are chosen. */
    public Sampling sampling() {
        return sampling;
    }

    /** Expected part of the examples in a step, in (0, 1]. */
    public double samplingRate() {
        return mechanism.samplingRate();
    }

    /** Standard deviation of the noise over the clip norm. */
    public double noiseMultiplier() {
        return mechanism.noiseMultiplier();
    }

    /** Steps covered. */
    public long steps() {
        return steps;
    }

    /** Number of examples, where it was given. */
    public OptionalLong examples() {
        return examples > 0 ? OptionalLong.of(examples) : OptionalLong.empty();
    }

    /** What is protected: one training example. */
    public String unitOfPrivacy() {
        return "one training example";
    }

    /** Which two data sets cannot be told apart. */
    public String neighbouringRelation() {
        return sampling == Sampling.POISSON
                ? "add or remove one example"
                : "replace one example with the null example (zero-out)";
    }

    /** Whether there is any privacy: noise from secret randomness. The reason where not is {@link #notPrivateReason()}. */
    public boolean isPrivate() {
        return notPrivate == null;
    }

    /** Why there is no privacy, where there is none. */
    public Optional<String> notPrivateReason() {
        return Optional.ofNullable(notPrivate);
    }

    /** What is allowed but unwise, one sentence each. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (examples > 0 && delta * examples >= 1) {
            warnings.add("delta=" + delta + ": not below 1/examples = " + 1.0 / examples
                    + "; a mechanism that publishes a random example would pass, choose delta well below");
        }
        return warnings;
    }

    /**
     * Epsilon, by {@link #accounting()}, under the stronger relation in which an example is replaced by any other, for shuffled
     * batches: the sum of clipped contributions may then change by twice the clip norm, as if there were half the noise.
     *
     * @throws IllegalStateException under Poisson sampling, whose accounting does not hold for that relation
     */
    public double epsilonReplaceOne() {
        if (sampling != Sampling.SHUFFLED) {
            throw new IllegalStateException(
                    "sampling=POISSON: no figure for replaced examples; group privacy bounds it");
        }
        SampledGaussian half = new SampledGaussian(1, mechanism.noiseMultiplier() / 2);
        return accounting == Accounting.RDP
                ? RdpAccountant.of(half, accountedSteps()).epsilon(delta).epsilon()
                : PrvAccountant.of(half, accountedSteps()).epsilon(delta).epsilon();
    }

    /** The full statement, several lines, each ended by a line feed: what holds, for whom, and what is not covered. */
    public String statement() {
        return PrivacyStatement.of(this);
    }

    /** Steps of an epoch under shuffled batches, 0 under Poisson sampling. */
    long stepsPerEpoch() {
        return stepsPerEpoch;
    }

    private PrvEpsilon prv() {
        PrvEpsilon known = prv;
        if (known == null) {
            known = PrvAccountant.of(accounted(), accountedSteps()).epsilon(delta);
            prv = known;
        }
        return known;
    }

    /** The steps as they are accounted: without the gain from sampling where there is none. */
    private SampledGaussian accounted() {
        return sampling == Sampling.POISSON ? mechanism : new SampledGaussian(1, mechanism.noiseMultiplier());
    }

    /** Steps in which one example may take part. */
    long accountedSteps() {
        return sampling == Sampling.POISSON ? steps : participations(steps, stepsPerEpoch);
    }

    @Override
    public String toString() {
        return "(" + PrivacyStatement.epsilon(epsilon()) + ", " + delta + ")-DP"
                + (isPrivate() ? "" : ", NOT PRIVATE: " + notPrivate);
    }

    /** Collects what a guarantee depends on. Not thread-safe. */
    public static final class Builder {
        private final SampledGaussian mechanism;
        private final long steps;
        private final double delta;
        private Accounting accounting = Accounting.RDP;
        private long stepsPerEpoch;
        private long examples;
        private @Nullable String notPrivate;

        private Builder(SampledGaussian mechanism, long steps, double delta) {
            this.mechanism = mechanism;
            this.steps = steps;
            this.delta = delta;
        }

        /** Whose epsilon is stated; RDP unless told. */
        public Builder accounting(Accounting value) {
            accounting = value;
            return this;
        }

        /**
         * Batches are of fixed size and cut from a shuffled order, so that an example takes part in at most one of the
         * steps of an epoch. The weaker statement of {@link Sampling#SHUFFLED} is then made.
         *
         * @param value steps of an epoch, at least 1: examples over batch, rounded up, or down where the last incomplete
         *     batch is left out
         */
        public Builder shuffled(long value) {
            participations(0, value);
            stepsPerEpoch = value;
            return this;
        }

        /**
         * Number of examples, used to warn of a large delta.
         *
         * @param value at least 1
         */
        public Builder examples(long value) {
            if (value < 1) {
                throw new IllegalArgumentException("examples=" + value + ": must be at least 1");
            }
            examples = value;
            return this;
        }

        /**
         * Says that nothing is protected, whatever the figures: for instance because the randomness comes from a known seed.
         *
         * @param reason completes "not private: ", without a full stop
         */
        public Builder notPrivate(String reason) {
            notPrivate = reason;
            return this;
        }

        /** The guarantee. Cost: about a millisecond; numerical composition comes when its figures are asked for. */
        public PrivacyGuarantee build() {
            return new PrivacyGuarantee(this);
        }
    }
}
