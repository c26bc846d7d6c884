package org.veil4j.dp.mechanism;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a plan's values must be. */
final class PlanRules {
    private static final int LARGEST_DEFAULT_PHYSICAL_BATCH = 512;

    private PlanRules() {}

    static int examples(int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "examples=" + value + ": must be at least 1; give the training set's size");
        }
        return value;
    }

    static int expectedBatch(int value, int examples) {
        if (value < 1 || value > examples) {
            throw new IllegalArgumentException(
                    "expectedBatch=" + value + ": must be in [1, examples=" + examples + "]");
        }
        return value;
    }

    static long steps(long value) {
        if (value < 1) {
            throw new IllegalArgumentException("steps=" + value + ": must be at least 1; give epochs or steps");
        }
        return value;
    }

    static double clipNorm(double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "clipNorm=" + value + ": must be positive and finite; 1.0 is a usual start");
        }
        return value;
    }

    static double delta(double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(
                    "delta=" + value + ": must be in (0, 1); choose it below 1 / number of examples");
        }
        return value;
    }

    static double epsilon(double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("targetEpsilon=" + value
                    + ": must be positive and finite; for a training without privacy use DL4J's own updaters");
        }
        return value;
    }

    static double noiseMultiplier(double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("noiseMultiplier=" + value + ": must be finite and not negative");
        }
        return value;
    }

    static int physicalBatch(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("physicalBatch=" + value + ": must be at least 1");
        }
        return value;
    }

    static <T> T present(String name, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(name + "=null: must be given; the saved plan is damaged");
        }
        return value;
    }

    static int stepsPerEpoch(int examples, int expectedBatch) {
        return (int) (((long) examples + expectedBatch - 1) / expectedBatch);
    }

    /**
     * As many as the mean and six standard deviations of a Poisson batch, so that small batches nearly always go through in
     * one piece; at most 512, so that memory does not grow with the logical batch.
     */
    static int defaultPhysicalBatch(int expectedBatch) {
        return (int) Math.min(LARGEST_DEFAULT_PHYSICAL_BATCH, Math.ceil(expectedBatch + 6 * Math.sqrt(expectedBatch)));
    }

    static List<String> warnings(DpPlan plan) {
        List<String> warnings = new ArrayList<>();
        if (plan.delta() >= 1.0 / plan.examples()) {
            warnings.add(
                    "delta=" + plan.delta() + ": should be below 1/examples=" + 1.0 / plan.examples()
                            + ", as a mechanism that publishes one example at random already has that delta; choose a smaller one");
        }
        if (plan.noiseMultiplier() == 0) {
            warnings.add("noiseMultiplier=0: no noise, so epsilon is infinite and the training is not private; give"
                    + " targetEpsilon or a positive noise multiplier");
        }
        if (plan.isSeededForTesting()) {
            warnings.add(
                    "seededForTesting: noise and batches can be reproduced by anyone, so the training is not private;"
                            + " leave it out outside tests");
        }
        return List.copyOf(warnings);
    }
}
