package org.veil4j.zoo;

import java.util.Locale;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.mechanism.DpPlanBuilder;
import org.veil4j.dp.train.DpAdam;
import org.veil4j.dp.train.DpSgd;

/**
 * How a network is trained with differential privacy, as data: an ordinary recipe, whose batch is the expected size of a
 * Poisson batch, and what privacy adds. The budget is not part of it: see {@link #plan}.
 *
 * @param training length, rate, augmentation; its own clipping, of the summed gradient, must be off
 * @param optimizer what follows the private gradient
 * @param clipNorm largest L2 norm of one example's gradient over the whole network
 * @param averaging decay, a step, of the average of the weights that is kept as the result, in [0, 1); 0: the last weights.
 *     The average is made of private values only, so it costs no privacy
 */
public record DpRecipe(TrainingRecipe training, Optimizer optimizer, double clipNorm, double averaging) {
    private static final double FINAL_FACTOR = 0.02;
    private static final double MOMENTUM = 0.9;
    private static final double AVERAGING = 0.99;

    /** What follows the private gradient. */
    public enum Optimizer {
        /** Adam with its default decay rates: {@link DpAdam}. */
        ADAM,
        /** Stochastic gradient descent with Nesterov momentum 0.9: {@link DpSgd}. */
        SGD
    }

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
     * A high rate that falls along a cosine, and averaged weights: what did best for the zoo's networks at epsilon 8. The
     * CryptoNets take large batches and Adam. The residual networks' gradients are ten to twenty times as long; clipped to 1 they
     * learn the clear cases only, so their clip norm spares most of them.
     *
     * @param preset the network
     * @return the recipe, seed 1
     */
    public static DpRecipe standard(ZooPreset preset) {
        return switch (preset) {
            case CRYPTONET, CRYPTONET_L ->
                new DpRecipe(
                        new TrainingRecipe(2048, 40, 6e-3, true, 0, 0, 0, 0, false, 1), Optimizer.ADAM, 1, AVERAGING);
            case TINY_RESNET, WIDE_RESNET ->
                new DpRecipe(
                        new TrainingRecipe(512, 15, 0.04, true, 0.1, 0, 0, 0, false, 1), Optimizer.SGD, 25, AVERAGING);
        };
    }

    /**
     * The same with another ordinary part.
     *
     * @param training its batch is the expected one
     * @return a copy
     */
    public DpRecipe with(TrainingRecipe training) {
        return new DpRecipe(training, optimizer, clipNorm, averaging);
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
     * @return a configuration of the optimizer
     */
    public IUpdater updater(DpPlan plan) {
        ISchedule rate = schedule(plan);
        return switch (optimizer) {
            case ADAM -> new DpAdam(rate, plan);
            case SGD -> new DpSgd(rate, MOMENTUM, plan);
        };
    }

    private ISchedule schedule(DpPlan plan) {
        if (!training.cosine()) {
            return new FixedSchedule(training.learningRate());
        }
        int steps = Math.toIntExact(plan.plannedSteps());
        int warmup = Math.min(steps - 1, (int) Math.round(training.warmupEpochs() * plan.stepsPerEpoch()));
        return new WarmupCosineSchedule(training.learningRate(), warmup, steps, FINAL_FACTOR);
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
                training.describe(optimizer == Optimizer.ADAM ? "Adam" : "SGD with Nesterov momentum " + MOMENTUM),
                clipNorm,
                averaging == 0 ? "not at all" : "with decay " + averaging);
    }
}
