package org.veil4j.dp.mechanism;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect.Visibility;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonInclude;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.veil4j.dp.accounting.Accounting;
import org.veil4j.dp.accounting.PrivacyGuarantee;
import org.veil4j.dp.accounting.Sampling;

/**
 * All that decides what a private training costs in privacy, fixed before it begins. Immutable; {@link #guarantee} is known
 * at once. Part of the updater's configuration, so it is written into every saved network.
 *
 * <pre>{@code
 * DpPlan plan = DpPlan.builder().examples(60_000).expectedBatch(1024).epochs(50).clipNorm(1.0)
 *                     .delta(1e-5).targetEpsilon(8).build();
 * }</pre>
 */
@JsonAutoDetect(
        fieldVisibility = Visibility.ANY,
        getterVisibility = Visibility.NONE,
        isGetterVisibility = Visibility.NONE,
        setterVisibility = Visibility.NONE,
        creatorVisibility = Visibility.NONE)
@JsonInclude(JsonInclude.Include.NON_NULL)
public final class DpPlan implements Serializable {
    private static final Logger LOG = LogManager.getLogger(DpPlan.class);

    private final int examples;
    private final int expectedBatch;
    private final long plannedSteps;
    private final double clipNorm;
    private final double delta;
    private final double noiseMultiplier;
    private final @Nullable Double targetEpsilon;
    private final Clipping clipping;
    private final Sampling sampling;
    private final Accounting accounting;
    private final int physicalBatch;
    private final @Nullable Long testSeed;

    /** From JSON, or from the builder: checks every value, calibrates nothing. */
    @JsonCreator
    DpPlan(
            @JsonProperty(value = "examples", required = true) int examples,
            @JsonProperty(value = "expectedBatch", required = true) int expectedBatch,
            @JsonProperty(value = "plannedSteps", required = true) long plannedSteps,
            @JsonProperty(value = "clipNorm", required = true) double clipNorm,
            @JsonProperty(value = "delta", required = true) double delta,
            @JsonProperty(value = "noiseMultiplier", required = true) double noiseMultiplier,
            @JsonProperty("targetEpsilon") @Nullable Double targetEpsilon,
            @JsonProperty(value = "clipping", required = true) Clipping clipping,
            @JsonProperty(value = "sampling", required = true) Sampling sampling,
            @JsonProperty(value = "accounting", required = true) Accounting accounting,
            @JsonProperty(value = "physicalBatch", required = true) int physicalBatch,
            @JsonProperty("testSeed") @Nullable Long testSeed) {
        this.examples = PlanRules.examples(examples);
        this.expectedBatch = PlanRules.expectedBatch(expectedBatch, examples);
        this.plannedSteps = PlanRules.steps(plannedSteps);
        this.clipNorm = PlanRules.clipNorm(clipNorm);
        this.delta = PlanRules.delta(delta);
        this.noiseMultiplier = PlanRules.noiseMultiplier(noiseMultiplier);
        this.targetEpsilon = targetEpsilon == null ? null : PlanRules.epsilon(targetEpsilon);
        this.clipping = PlanRules.present("clipping", clipping);
        this.sampling = PlanRules.present("sampling", sampling);
        this.accounting = PlanRules.present("accounting", accounting);
        this.physicalBatch = PlanRules.physicalBatch(physicalBatch);
        this.testSeed = testSeed;
    }

    /** Starts a plan. */
    public static DpPlanBuilder builder() {
        return new DpPlanBuilder();
    }

    /** Size of the training set. The neighbouring data sets of the guarantee differ in one of these examples. */
    public int examples() {
        return examples;
    }

    /** Mean size of a logical batch; the noised sum of clipped gradients is divided by it, whatever was drawn. */
    public int expectedBatch() {
        return expectedBatch;
    }

    /** Steps that {@link #guarantee} covers; training goes no further. */
    public long plannedSteps() {
        return plannedSteps;
    }

    /** Steps of one epoch: examples over expected batch, rounded up. */
    public int stepsPerEpoch() {
        return PlanRules.stepsPerEpoch(examples, expectedBatch);
    }

    /** C: bound of the L2 norm of an example's contribution to the sum, over all parameters of the network. */
    public double clipNorm() {
        return clipNorm;
    }

    /** Failure probability of the guarantee. */
    public double delta() {
        return delta;
    }

    /** Standard deviation of the noise on each coordinate of the sum, in clip norms. 0: no noise and no privacy. */
    public double noiseMultiplier() {
        return noiseMultiplier;
    }

    /** The epsilon that the noise was calibrated for, or null where the noise was given. */
    public @Nullable Double targetEpsilon() {
        return targetEpsilon;
    }

    /** The clipping rule. */
    public Clipping clipping() {
        return clipping;
    }

    /** How batches are made. */
    public Sampling sampling() {
        return sampling;
    }

    /** The accountant whose epsilon is stated. */
    public Accounting accounting() {
        return accounting;
    }

    /** Expected batch over examples: the probability that an example takes part in a step of Poisson sampling. */
    public double samplingRate() {
        return (double) expectedBatch / examples;
    }

    /** Most examples that go through the network at once; larger logical batches are summed up in pieces. */
    public int physicalBatch() {
        return physicalBatch;
    }

    /** Whether noise and batches are reproducible, for tests. Such a training is not private, and its guarantee says so. */
    public boolean isSeededForTesting() {
        return testSeed != null;
    }

    /** The guarantee after all planned steps. Cost: up to a second, as both accountants are asked. */
    public PrivacyGuarantee guarantee() {
        return guaranteeAfter(plannedSteps);
    }

    /**
     * The guarantee after some of the steps.
     *
     * @param steps from 0 to {@link #plannedSteps}
     * @throws IllegalArgumentException when out of range
     */
    public PrivacyGuarantee guaranteeAfter(long steps) {
        if (steps < 0 || steps > plannedSteps) {
            throw new IllegalArgumentException(
                    "steps=" + steps + ": must be in [0, plannedSteps=" + plannedSteps + "]");
        }
        return PlanAccounting.guarantee(this, steps);
    }

    /** Streams of randomness for one use under this plan: secret, or reproducible for a plan that is seeded for testing. */
    public RandomStream randomStream(String purpose) {
        return testSeed == null ? RandomStream.secure() : RandomStream.seededForTesting(testSeed, purpose);
    }

    /** What is allowed but unwise about this plan, each as a line; often empty. */
    public List<String> warnings() {
        return PlanRules.warnings(this);
    }

    void logWarnings() {
        for (String warning : warnings()) {
            LOG.warn(warning);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DpPlan p
                && examples == p.examples
                && expectedBatch == p.expectedBatch
                && plannedSteps == p.plannedSteps
                && clipNorm == p.clipNorm
                && delta == p.delta
                && noiseMultiplier == p.noiseMultiplier
                && Objects.equals(targetEpsilon, p.targetEpsilon)
                && clipping == p.clipping
                && sampling == p.sampling
                && accounting == p.accounting
                && physicalBatch == p.physicalBatch
                && Objects.equals(testSeed, p.testSeed);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                examples, expectedBatch, plannedSteps, clipNorm, delta, noiseMultiplier, clipping, sampling);
    }

    @Override
    public String toString() {
        return "DpPlan(examples=" + examples + ", expectedBatch=" + expectedBatch + ", plannedSteps=" + plannedSteps
                + ", clipNorm=" + clipNorm + ", delta=" + delta + ", noiseMultiplier=" + noiseMultiplier + ", clipping="
                + clipping + ", sampling=" + sampling + ", accounting=" + accounting + ", physicalBatch="
                + physicalBatch
                + (testSeed == null ? "" : ", SEEDED FOR TESTING: NOT PRIVATE") + ")";
    }
}
