package org.veil4j.experiments.train;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.veil4j.zoo.ZooNetwork;

/**
 * Clipped gradients as a stock network gives them: one example after another through the whole network. What every private
 * trainer without per-example gradients has to do, and what ours is compared with.
 */
final class BatchOfOneLoop {
    private final ZooNetwork network;
    private final INDArray sum;

    /** The network is a stock one, initialised; its gradient is overwritten, its parameters stay. */
    BatchOfOneLoop(ZooNetwork network) {
        this.network = network;
        this.sum = Nd4j.zeros(network.model().params().shape());
    }

    /** The sum of the examples' gradients, each clipped to a norm; overwritten by the next call. */
    INDArray clippedSum(INDArray features, INDArray labels, double clipNorm) {
        sum.assign(0);
        for (int i = 0; i < features.size(0); i++) {
            INDArray gradient = gradient(one(features, i), one(labels, i));
            double norm = gradient.norm2Number().doubleValue();
            sum.addi(gradient.mul(Math.min(1, clipNorm / norm)));
        }
        return sum;
    }

    private static INDArray one(INDArray batch, int example) {
        return batch.get(NDArrayIndex.interval(example, example + 1)).dup('c');
    }

    private INDArray gradient(INDArray features, INDArray labels) {
        if (network.model() instanceof MultiLayerNetwork layered) {
            layered.setInput(features);
            layered.setLabels(labels);
            layered.computeGradientAndScore();
            return layered.gradient().gradient();
        }
        var graph = network.graph();
        graph.setInputs(features);
        graph.setLabels(labels);
        graph.computeGradientAndScore();
        return graph.gradient().gradient();
    }
}
