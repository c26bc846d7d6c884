package org.veil4j.layers.norm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Measures the statistics of every {@link FrozenBatchNormalization} of a network on public data. The differential privacy
 * guarantee does not cover this data: never give it the private training set, or a part of it. May be repeated while
 * training, with public data again, when the weights have moved far; the network uses the new statistics at once.
 *
 * <p>Each layer is measured with the layers before it already measured, so that a deep network is consistent. Cost: one forward
 * pass for a single mini-batch, otherwise as many passes over the data as there are such layers. Statistics go into the
 * network's configuration, so they are saved with it.
 */
public final class PublicStatistics {
    private PublicStatistics() {}

    /**
     * Measures on a graph with one input.
     *
     * @param network initialised; its configuration is changed
     * @param features public mini-batches, at least one, normalised as for the network
     * @return how many layers were set
     * @throws IllegalArgumentException when there is no data, or it gives a value that is not finite
     */
    public static int measure(ComputationGraph network, List<INDArray> features) {
        List<FrozenBatchNormalizationImpl> layers = new ArrayList<>();
        GraphVertex[] vertices = network.getVertices();
        for (int index : network.topologicalSortOrder()) {
            add(vertices[index].getLayer(), layers);
        }
        return measure(layers, features, batch -> network.output(false, batch));
    }

    /**
     * Measures on a network of layers in a row.
     *
     * @param network initialised; its configuration is changed
     * @param features public mini-batches, at least one, normalised as for the network
     * @return how many layers were set
     * @throws IllegalArgumentException when there is no data, or it gives a value that is not finite
     */
    public static int measure(MultiLayerNetwork network, List<INDArray> features) {
        List<FrozenBatchNormalizationImpl> layers = new ArrayList<>();
        for (Layer layer : network.getLayers()) {
            add(layer, layers);
        }
        return measure(layers, features, batch -> network.output(batch, false));
    }

    private static void add(Layer layer, List<FrozenBatchNormalizationImpl> layers) {
        if (layer instanceof FrozenBatchNormalizationImpl f) {
            layers.add(f);
        }
    }

    private static int measure(
            List<FrozenBatchNormalizationImpl> layers, List<INDArray> features, Consumer<INDArray> forward) {
        if (features.isEmpty()) {
            throw new IllegalArgumentException("features=[]: at least one mini-batch of public data is needed");
        }
        try {
            if (features.size() == 1) {
                layers.forEach(layer -> layer.startRecording(true));
                forward.accept(features.get(0));
                layers.forEach(FrozenBatchNormalizationImpl::finishRecording);
            } else {
                for (FrozenBatchNormalizationImpl layer : layers) {
                    layer.startRecording(false);
                    features.forEach(forward);
                    layer.finishRecording();
                }
            }
        } finally {
            layers.forEach(FrozenBatchNormalizationImpl::cancelRecording);
        }
        return layers.size();
    }
}
