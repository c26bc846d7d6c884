package org.veil4j.experiments.evaluate;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.experiments.data.Dataset;

/**
 * How fast Deeplearning4j classifies images in the clear, stock convolutions replaced by their fast form. A pass takes a
 * fraction of a second and the encrypted run many times that, so a machine whose speed varies would make a ratio of the two a
 * matter of luck: passes are timed before the encrypted run and after it, and the median of all counts.
 */
final class PlainSpeed {
    private static final int WARM_UP = 2;
    private static final int PASSES = 5;
    /** Images that are timed one at a time. */
    private static final int ONES = 32;

    private final ComputationGraph graph;
    private final INDArray[] inputs;
    private final int images;
    private final INDArray[] ones;
    private final List<Double> seconds = new ArrayList<>();
    private final List<Double> oneSeconds = new ArrayList<>();

    /** Readies the inputs in memory, in batches of {@value PlainInference#BATCH}. */
    PlainSpeed(ImageNetwork network, Dataset data) {
        graph = PlainInference.fast(network.network());
        images = data.size();
        inputs = new INDArray[(images + PlainInference.BATCH - 1) / PlainInference.BATCH];
        for (int b = 0; b < inputs.length; b++) {
            int from = b * PlainInference.BATCH;
            int count = Math.min(PlainInference.BATCH, images - from);
            inputs[b] = PlainInference.shaped(graph, data.features(from, count, network.normalisation()));
        }
        ones = new INDArray[Math.min(ONES, images)];
        for (int i = 0; i < ones.length; i++) {
            ones[i] = PlainInference.shaped(graph, data.features(i, 1, network.normalisation()));
        }
    }

    /** Times {@value #PASSES} passes over all images after {@value #WARM_UP} to warm up. */
    void measure() {
        for (int pass = -WARM_UP; pass < PASSES; pass++) {
            long start = System.nanoTime();
            for (INDArray input : inputs) {
                graph.outputSingle(input);
            }
            if (pass >= 0) {
                seconds.add((System.nanoTime() - start) * 1e-9);
            }
        }
    }

    /** Times calls for one image, the first {@value #ONES} images {@value #PASSES} times after {@value #WARM_UP} to warm up. */
    void measureOne() {
        for (int pass = -WARM_UP; pass < PASSES; pass++) {
            for (INDArray input : ones) {
                long start = System.nanoTime();
                graph.outputSingle(input);
                if (pass >= 0) {
                    oneSeconds.add((System.nanoTime() - start) * 1e-9);
                }
            }
        }
    }

    /**
     * Seconds of a call for one image, the median of all.
     *
     * @throws IllegalStateException if nothing has been measured
     */
    double secondsOfOne() {
        return median(oneSeconds);
    }

    private static double median(List<Double> seconds) {
        if (seconds.isEmpty()) {
            throw new IllegalStateException("passes=0: measure first");
        }
        return new Median().evaluate(seconds.stream().mapToDouble(x -> x).toArray());
    }

    /**
     * Images a second by the median of all passes.
     *
     * @throws IllegalStateException if nothing has been measured
     */
    double imagesPerSecond() {
        return images / median(seconds);
    }
}
