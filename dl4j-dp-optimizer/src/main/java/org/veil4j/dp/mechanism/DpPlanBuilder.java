package org.veil4j.dp.mechanism;

import org.jspecify.annotations.Nullable;
import org.veil4j.dp.accounting.Accounting;
import org.veil4j.dp.accounting.Sampling;

/**
 * Collects the values of a {@link DpPlan}. Needed: examples, expected batch, epochs or steps, clip norm, delta, and target
 * epsilon or noise multiplier. The rest has defaults.
 */
public final class DpPlanBuilder {
    private @Nullable Integer examples;
    private @Nullable Integer expectedBatch;
    private @Nullable Integer epochs;
    private @Nullable Long steps;
    private @Nullable Double clipNorm;
    private @Nullable Double delta;
    private @Nullable Double targetEpsilon;
    private @Nullable Double noiseMultiplier;
    private @Nullable Integer physicalBatch;
    private @Nullable Long testSeed;
    private Clipping clipping = Clipping.FLAT;
    private Sampling sampling = Sampling.POISSON;
    private Accounting accounting = Accounting.RDP;

    DpPlanBuilder() {}

    /** Size of the training set, at least 1. */
    public DpPlanBuilder examples(int value) {
        examples = PlanRules.examples(value);
        return this;
    }

    /** Mean size of a logical batch, in [1, examples]. Larger ones learn better for the same epsilon, and cost more time. */
    public DpPlanBuilder expectedBatch(int value) {
        expectedBatch = value;
        return this;
    }

    /** Length of the training in epochs of {@link DpPlan#stepsPerEpoch} steps, at least 1. Either this or {@link #steps}. */
    public DpPlanBuilder epochs(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("epochs=" + value + ": must be at least 1");
        }
        epochs = value;
        return this;
    }

    /** Length of the training in steps, at least 1. Either this or {@link #epochs}. */
    public DpPlanBuilder steps(long value) {
        steps = PlanRules.steps(value);
        return this;
    }

    /** Largest L2 norm of an example's contribution, positive. */
    public DpPlanBuilder clipNorm(double value) {
        clipNorm = PlanRules.clipNorm(value);
        return this;
    }

    /** Failure probability, in (0, 1); should be below 1/examples. */
    public DpPlanBuilder delta(double value) {
        delta = PlanRules.delta(value);
        return this;
    }

    /** The budget: noise is chosen so that the planned steps cost at most this. Either this or a noise multiplier. */
    public DpPlanBuilder targetEpsilon(double value) {
        targetEpsilon = PlanRules.epsilon(value);
        return this;
    }

    /** The noise in clip norms, at least 0; 0 has an infinite epsilon. Either this or a target epsilon. */
    public DpPlanBuilder noiseMultiplier(double value) {
        noiseMultiplier = PlanRules.noiseMultiplier(value);
        return this;
    }

    /** The clipping rule; FLAT unless said otherwise. */
    public DpPlanBuilder clipping(Clipping value) {
        clipping = value;
        return this;
    }

    /** How batches are made; POISSON unless said otherwise. */
    public DpPlanBuilder sampling(Sampling value) {
        sampling = value;
        return this;
    }

    /** The accountant that states epsilon and calibrates the noise; RDP unless said otherwise. */
    public DpPlanBuilder accounting(Accounting value) {
        accounting = value;
        return this;
    }

    /** Most examples at once in memory; by default nearly every batch of up to 400 in one piece, and 512 at most. */
    public DpPlanBuilder physicalBatch(int value) {
        physicalBatch = PlanRules.physicalBatch(value);
        return this;
    }

    /** Reproducible noise and batches. The training is then not private; only for tests. */
    public DpPlanBuilder seededForTesting(long seed) {
        testSeed = seed;
        return this;
    }

    /**
     * The plan; calibrates the noise where a target was given (up to a second). Logs what {@link DpPlan#warnings} says.
     *
     * @throws IllegalArgumentException when something is missing, contradictory or out of range, or when no amount of noise
     *     reaches the target
     */
    public DpPlan build() {
        int n = required("examples", examples, "give the training set's size");
        int batch = PlanRules.expectedBatch(required("expectedBatch", expectedBatch, "give the mean batch size"), n);
        long planned = plannedSteps(n, batch);
        double d = required("delta", delta, "choose one below 1 / number of examples");
        double c = required("clipNorm", clipNorm, "1.0 is a usual start");
        DpPlan plan = new DpPlan(
                n,
                batch,
                planned,
                c,
                d,
                noise(n, batch, planned, d),
                targetEpsilon,
                clipping,
                sampling,
                accounting,
                physicalBatch == null ? PlanRules.defaultPhysicalBatch(batch) : physicalBatch,
                testSeed);
        plan.logWarnings();
        return plan;
    }

    private long plannedSteps(int n, int batch) {
        Integer wholeEpochs = epochs;
        Long wholeSteps = steps;
        if (wholeEpochs != null && wholeSteps != null) {
            throw new IllegalArgumentException(
                    "epochs=" + epochs + ", steps=" + steps + ": say the length once; leave one of them out");
        }
        if (wholeEpochs != null) {
            return (long) wholeEpochs * PlanRules.stepsPerEpoch(n, batch);
        }
        return required("steps", wholeSteps, "give epochs or steps");
    }

    private double noise(int n, int batch, long planned, double d) {
        Double epsilon = targetEpsilon;
        Double multiplier = noiseMultiplier;
        if (epsilon != null && multiplier != null) {
            throw new IllegalArgumentException("targetEpsilon=" + epsilon + ", noiseMultiplier=" + multiplier
                    + ": one follows from the other; leave one of them out");
        }
        if (epsilon != null) {
            return PlanAccounting.calibrate(n, batch, planned, epsilon, d, sampling, accounting);
        }
        return required("noiseMultiplier", multiplier, "give it or a targetEpsilon");
    }

    private static <T> T required(String name, @Nullable T value, String remedy) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing: every plan needs it; " + remedy);
        }
        return value;
    }
}
