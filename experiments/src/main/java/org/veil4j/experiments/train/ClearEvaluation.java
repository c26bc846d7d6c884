package org.veil4j.experiments.train;

import org.nd4j.linalg.api.ndarray.INDArray;
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

    /**
     * Runs a network over a data set.
     *
     * @param network with a softmax output
     * @param data the images
     * @param normalisation of the pixels
     * @return accuracy and loss; NaN outputs count as wrong
     */
    public static ClearEvaluation of(ZooNetwork network, Dataset data, InputNormalisation normalisation) {
        int right = 0;
        double loss = 0;
        for (int from = 0; from < data.size(); from += BATCH) {
            int count = Math.min(BATCH, data.size() - from);
            INDArray output = network.output(data.features(from, count, normalisation));
            float[][] p = output.toFloatMatrix();
            for (int i = 0; i < count; i++) {
                int label = data.labels()[from + i];
                int best = 0;
                boolean valid = true;
                for (int k = 0; k < p[i].length; k++) {
                    valid &= !Float.isNaN(p[i][k]);
                    best = p[i][k] > p[i][best] ? k : best;
                }
                right += valid && best == label ? 1 : 0;
                loss -= Math.log(Math.max(1e-12, p[i][label]));
            }
        }
        return new ClearEvaluation(right / (double) data.size(), loss / data.size(), data.size());
    }
}
