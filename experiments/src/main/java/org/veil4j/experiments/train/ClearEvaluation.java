package org.veil4j.experiments.train;

import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.ZooNetwork;

/**
 * What a network does on a data set in the clear.
 *
 * @param accuracy fraction right, in [0, 1]
 * @param loss mean cross-entropy
 * @param images how many
 */
public record ClearEvaluation(double accuracy, double loss, int images) {
    private static final int BATCH = 250;
    private static final double LEAST_PROBABILITY = 1e-12;

    /**
     * Runs a network over a data set.
     *
     * @param network with a softmax output
     * @param data the images
     * @param normalisation of the pixels
     * @return accuracy and loss; NaN outputs count as wrong
     */
    public static ClearEvaluation of(ZooNetwork network, Dataset data, InputNormalisation normalisation) {
        float[][] outputs = outputs(network, data, normalisation);
        int right = 0;
        double loss = 0;
        for (int i = 0; i < outputs.length; i++) {
            float[] p = outputs[i];
            int label = data.labels()[i];
            int best = 0;
            boolean valid = true;
            for (int k = 0; k < p.length; k++) {
                valid &= !Float.isNaN(p[k]);
                best = p[k] > p[best] ? k : best;
            }
            right += valid && best == label ? 1 : 0;
            loss += crossEntropy(p[label]);
        }
        return new ClearEvaluation(right / (double) data.size(), loss / data.size(), data.size());
    }

    /** The cross-entropy of each image. */
    static double[] losses(ZooNetwork network, Dataset data, InputNormalisation normalisation) {
        float[][] outputs = outputs(network, data, normalisation);
        double[] losses = new double[outputs.length];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = crossEntropy(outputs[i][data.labels()[i]]);
        }
        return losses;
    }

    private static double crossEntropy(float probability) {
        return -Math.log(Math.max(LEAST_PROBABILITY, probability));
    }

    private static float[][] outputs(ZooNetwork network, Dataset data, InputNormalisation normalisation) {
        float[][] all = new float[data.size()][];
        for (int from = 0; from < data.size(); from += BATCH) {
            int count = Math.min(BATCH, data.size() - from);
            float[][] some =
                    network.output(data.features(from, count, normalisation)).toFloatMatrix();
            System.arraycopy(some, 0, all, from, count);
        }
        return all;
    }
}
