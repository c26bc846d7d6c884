package org.veil4j.he.dl4j;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.layers.check.HeCompatibility;
import org.veil4j.layers.check.UnsupportedLayerException;

/**
 * Reads a trained DL4J network into a {@link NetworkGraph}: convolution, dense, average and sum pooling, batch
 * normalisation with its running statistics, polynomial activations, flattening and residual additions. A softmax at the
 * end is dropped, since the class with the largest logit is the class with the largest probability; the graph's notes
 * say so. Dropout does nothing at inference and disappears.
 */
public final class Dl4jImporter {
    private Dl4jImporter() {}

    /**
     * Imports a network of layers in a row.
     *
     * @param network an initialised network
     * @param input shape of one example, channels first (DL4J does not keep it)
     * @throws UnsupportedLayerException naming every layer that cannot be encrypted, why, and its replacement
     * @throws IllegalArgumentException if the shape does not fit the network, a weight is not finite, or the network is not
     *     initialised
     */
    public static NetworkGraph importNetwork(MultiLayerNetwork network, TensorShape input) {
        HeCompatibility.require(network);
        requireInitialised(network.getLayers());
        return importNetwork(network.toComputationGraph(), input);
    }

    /**
     * Imports a graph with one input and one output.
     *
     * @param network an initialised network
     * @param input shape of one example, channels first (DL4J does not keep it)
     * @throws UnsupportedLayerException naming every layer that cannot be encrypted, why, and its replacement
     * @throws IllegalArgumentException if the shape does not fit the network, a weight is not finite, or the network is not
     *     initialised
     */
    public static NetworkGraph importNetwork(ComputationGraph network, TensorShape input) {
        HeCompatibility.require(network);
        requireInitialised(network.getLayers());
        List<String> inputs = network.getConfiguration().getNetworkInputs();
        List<String> outputs = network.getConfiguration().getNetworkOutputs();
        NetworkGraph.Builder graph = NetworkGraph.builder(inputs.get(0), input);
        Map<String, GraphVertex> vertices = network.getConfiguration().getVertices();
        LayerReader reader = new LayerReader(graph);
        for (int index : network.topologicalSortOrder()) {
            String name = network.getVertices()[index].getVertexName();
            GraphVertex vertex = vertices.get(name);
            if (vertex == null) {
                continue;
            }
            List<String> reads =
                    Objects.requireNonNull(
                                    network.getConfiguration().getVertexInputs().get(name), name)
                            .stream()
                            .map(reader::lastOf)
                            .toList();
            if (vertex instanceof LayerVertex layer) {
                String from = preprocess(graph, name, layer.getPreProcessor(), reads.get(0));
                reader.read(name, network.getLayer(name), from, name.equals(outputs.get(0)));
            } else if (vertex instanceof PreprocessorVertex p) {
                reader.alias(name, preprocess(graph, name, p.getPreProcessor(), reads.get(0)));
            } else if (vertex instanceof ElementWiseVertex) {
                graph.add(new NetworkGraph.Addition(name, reads, graph.shape(reads.get(0))));
            } else {
                throw new IllegalArgumentException(
                        "vertex " + name + ": " + vertex.getClass().getSimpleName() + " cannot be imported");
            }
        }
        return graph.build(reader.lastOf(outputs.get(0)));
    }

    private static void requireInitialised(Layer @Nullable [] layers) {
        if (layers == null) {
            throw new IllegalArgumentException(
                    "network: is not initialised and has no weights; call init() and train it, or restore it from a file");
        }
    }

    /** Flattening is a change of shape: elements keep their order, channel by channel. */
    private static String preprocess(
            NetworkGraph.Builder graph, String layer, InputPreProcessor preProcessor, String from) {
        TensorShape target;
        if (preProcessor == null) {
            return from;
        } else if (preProcessor instanceof CnnToFeedForwardPreProcessor) {
            target = TensorShape.vector(graph.shape(from).size());
        } else if (preProcessor instanceof FeedForwardToCnnPreProcessor p) {
            target = new TensorShape((int) p.getNumChannels(), (int) p.getInputHeight(), (int) p.getInputWidth());
        } else {
            throw new IllegalArgumentException("layer " + layer + ": preprocessor "
                    + preProcessor.getClass().getSimpleName() + " cannot be imported; only flattening and its inverse");
        }
        if (graph.shape(from).equals(target)) {
            return from;
        }
        String name = layer + "-reshape";
        graph.add(new NetworkGraph.Reshape(name, from, target));
        return name;
    }
}
