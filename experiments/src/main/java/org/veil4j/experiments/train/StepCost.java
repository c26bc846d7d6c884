package org.veil4j.experiments.train;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.accounting.Sampling;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.train.DpAdam;
import org.veil4j.dp.train.DpComputationGraph;
import org.veil4j.dp.train.DpMultiLayerNetwork;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.TrainingRecipe;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooNetwork;
import org.veil4j.zoo.ZooPreset;

/**
 * What privacy costs in time: steps of a private and of an ordinary network of the same shape, taken in turns on the same
 * batch, and clipped gradients by a loop over batches of one. All networks are thrown away.
 *
 * @param batch examples in each step
 * @param privateSeconds median of the private steps
 * @param plainSeconds median of the ordinary steps
 * @param loopSeconds median of the loops over batches of one, without noise and update
 */
public record StepCost(int batch, double privateSeconds, double plainSeconds, double loopSeconds) {
    /** The batch size that networks are compared at. */
    public static final int BATCH = 128;

    private static final int WARM_UP = 5;
    private static final int LOOPS = 3;

    /**
     * Measures.
     *
     * @param preset the network
     * @param variant of it
     * @param data that at least {@value #BATCH} images are taken from
     * @param rounds measured steps of each kind, at least 1; 5 more each warm up
     * @return the medians
     */
    public static StepCost measure(ZooPreset preset, Variant variant, Dataset data, int rounds) {
        TrainingRecipe recipe = new TrainingRecipe(BATCH, 1, 1e-3, false, 0, 0, 0, 0, false, 1);
        DpPlan plan = DpPlan.builder()
                .examples(BATCH)
                .expectedBatch(BATCH)
                .physicalBatch(BATCH)
                .epochs(WARM_UP + rounds)
                .clipNorm(1)
                .noiseMultiplier(1)
                .delta(1e-5)
                .sampling(Sampling.SHUFFLED)
                .build();
        InputShape shape = data.shape();
        ZooNetwork plain = preset.configuration(variant, shape, recipe, 1).network();
        ZooNetwork guarded = preset.configuration(variant, shape, recipe, new DpAdam(1e-3, plan))
                .network(DpMultiLayerNetwork::new, DpComputationGraph::new);
        ImageExamples source = new ImageExamples(
                data.first(BATCH),
                new Augmentation(recipe, shape, PrivateTrainingRun.normalisation(shape.channels())),
                new SplittableRandom(1));
        INDArray[] x = {Nd4j.create(BATCH, shape.channels(), shape.height(), shape.width())};
        INDArray[] y = {Nd4j.create(BATCH, data.classNames().size())};
        int[] all = new int[BATCH];
        Arrays.setAll(all, i -> i);
        source.read(all, x, y);
        double[] guardedSeconds = new double[rounds];
        double[] plainSeconds = new double[rounds];
        for (int r = -WARM_UP; r < rounds; r++) {
            double p = step(plain, x[0], y[0]);
            double g = step(guarded, x[0], y[0]);
            if (r >= 0) {
                plainSeconds[r] = p;
                guardedSeconds[r] = g;
            }
        }
        Median median = new Median();
        return new StepCost(
                BATCH,
                median.evaluate(guardedSeconds),
                median.evaluate(plainSeconds),
                median.evaluate(loops(plain, x[0], y[0])));
    }

    private static double[] loops(ZooNetwork network, INDArray features, INDArray labels) {
        BatchOfOneLoop loop = new BatchOfOneLoop(network);
        double[] seconds = new double[LOOPS];
        for (int r = -1; r < LOOPS; r++) {
            long start = System.nanoTime();
            loop.clippedSum(features, labels, 1);
            if (r >= 0) {
                seconds[r] = (System.nanoTime() - start) * 1e-9;
            }
        }
        return seconds;
    }

    /** How many times as long a private step takes. */
    public double ratio() {
        return privateSeconds / plainSeconds;
    }

    /**
     * How long an ordinary epoch takes.
     *
     * @param examples in an epoch
     */
    public double plainSecondsPerEpoch(int examples) {
        return plainSeconds * examples / batch;
    }

    /**
     * How long the clipped gradients of an epoch take in a loop over batches of one.
     *
     * @param examples in an epoch
     */
    public double loopSecondsPerEpoch(int examples) {
        return loopSeconds * examples / batch;
    }

    private static double step(ZooNetwork network, INDArray features, INDArray labels) {
        long start = System.nanoTime();
        network.fit(features, labels);
        return (System.nanoTime() - start) * 1e-9;
    }
}
