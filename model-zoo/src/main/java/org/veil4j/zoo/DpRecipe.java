package org.veil4j.zoo;

import java.util.Locale;
import org.nd4j.linalg.learning.config.IUpdater;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.mechanism.DpPlanBuilder;
import org.veil4j.dp.train.DpAdam;

/**
 * How a network is trained with differential privacy, as data: an ordinary recipe, whose batch is the expected size of a
 * Poisson batch, and what privacy adds. The budget is not part of it: see {@link #plan}.
 *
 * @param training length, rate, augmentation; its own clipping, of the summed gradient, must be off
 * @param clipNorm largest L2 norm of one example's gradient over the whole network
 * @param averaging decay, a step, of the average of the weights that is kept as the result, in [0, 1); 0: the last weights.
 *     The average is made of private values only, so it costs no privacy
 */
public record DpRecipe(TrainingRecipe training, double clipNorm, double averaging) {
    private static final double FINAL_FACTOR = 0.02;

    /**
     * Checks the recipe.
     *
     * @throws IllegalArgumentException naming the first value that is out of range
     */
    public DpRecipe {
        if (training.clipNorm() != 0) {
            throw new IllegalArgumentException("training.clipNorm=" + training.clipNorm()
                    + ": must be 0, as every example's gradient is clipped already; use clipNorm");
        }
        if (!(clipNorm > 0 && Double.isFinite(clipNorm))) {
            throw new IllegalArgumentException("clipNorm=" + clipNorm + ": must be positive; 1 is a usual start");
        }
        if (!(averaging >= 0 && averaging < 1)) {
            throw new IllegalArgumentException("averaging=" + averaging + ": must be in [0, 1); 0 turns it off");
        }
    }

    /**
     * Large batches, a high rate that falls along a cosine, and averaged weights: what did best for the zoo's networks at
     * epsilon 8.
     *
     * @param preset the network
     * @return the recipe, seed 1
     */
    public static DpRecipe standard(ZooPreset preset) {
        boolean residual = preset == ZooPreset.TINY_RESNET || preset == ZooPreset.WIDE_RESNET;
        TrainingRecipe training = new TrainingRecipe(2048, residual ? 30 : 40, 6e-3, true, 0, 0, 0, 0, false, 1);
        return new DpRecipe(training, 1, 0.99);
    }

    /**
     * The same with another ordinary part.
     *
     * @param training its batch is the expected one
     * @return a copy
     */
    public DpRecipe with(TrainingRecipe training) {
        return new DpRecipe(training, clipNorm, averaging);
    }

    /**
     * Starts the plan of this recipe; add a budget (target epsilon or noise multiplier) and build.
     *
     * @param examples size of the training set
     * @param delta failure probability of the guarantee
     * @return a builder
     */
    public DpPlanBuilder plan(int examples, double delta) {
        return DpPlan.builder()
                .examples(examples)
                .expectedBatch(Math.min(training.batch(), examples))
                .epochs(training.epochs())
                .clipNorm(clipNorm)
                .delta(delta);
    }

    /**
     * Makes the private updater with the recipe's schedule.
     *
     * @param plan of the training
     * @return a DP-Adam configuration
     */
    public IUpdater updater(DpPlan plan) {
        if (!training.cosine()) {
            return new DpAdam(training.learningRate(), plan);
        }
        int steps = Math.toIntExact(plan.plannedSteps());
        int warmup = Math.min(steps - 1, (int) Math.round(training.warmupEpochs() * plan.stepsPerEpoch()));
        return new DpAdam(new WarmupCosineSchedule(training.learningRate(), warmup, steps, FINAL_FACTOR), plan);
    }

    /**
     * The recipe in one line.
     *
     * @return readable text
     */
    public String describe() {
        return String.format(
                Locale.ROOT,
                "private %s; clip norm %s, weights averaged %s",
                training.describe(),
                clipNorm,
                averaging == 0 ? "not at all" : "with decay " + averaging);
    }
}
