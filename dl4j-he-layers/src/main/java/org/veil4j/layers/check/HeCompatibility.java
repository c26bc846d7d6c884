package org.veil4j.layers.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;

/**
 * Finds every layer of a Deeplearning4j network that cannot be encrypted, says why, and names its replacement.
 *
 * <p>Can be encrypted: 2-D convolution (stock, {@link org.veil4j.layers.conv.OneDnnConvolution} or
 * {@link org.veil4j.layers.norm.WeightStandardizedConvolution}, channels first, any stride, padding and dilation), dense and
 * output layers, average and sum pooling (windowed or global), batch normalisation (stock,
 * {@link org.veil4j.layers.norm.FoldableBatchNormalization} or {@link org.veil4j.layers.norm.FrozenBatchNormalization}: with
 * stored statistics it is an affine map, which folds), identity, square, cube and polynomial
 * activations, {@link org.veil4j.layers.activation.PolynomialLayer}, element-wise addition, flattening and its inverse. Dropout, weight
 * noise and constraints play no part in inference. A softmax at the output is dropped, for it does not change the
 * predicted class; the client applies it to the decrypted logits.
 */
public final class HeCompatibility {
    private HeCompatibility() {}

    /**
     * Checks a network.
     *
     * @param network any
     * @return all layers that cannot be encrypted, in order; empty when the network can be encrypted
     */
    public static List<UnsupportedLayer> check(MultiLayerNetwork network) {
        return check(network.getLayerWiseConfigurations());
    }

    /**
     * Checks a network.
     *
     * @param network any
     * @return all vertices that cannot be encrypted, in order; empty when the network can be encrypted
     */
    public static List<UnsupportedLayer> check(ComputationGraph network) {
        return check(network.getConfiguration());
    }

    /**
     * Checks a configuration.
     *
     * @param configuration any
     * @return all layers that cannot be encrypted, in order; empty when the network can be encrypted
     */
    public static List<UnsupportedLayer> check(MultiLayerConfiguration configuration) {
        List<UnsupportedLayer> found = new ArrayList<>();
        int layers = configuration.getConfs().size();
        for (int i = 0; i < layers; i++) {
            Layer layer = configuration.getConf(i).getLayer();
            String name = layer.getLayerName() == null ? "layer " + i : layer.getLayerName();
            preprocessor(name, configuration.getInputPreProcess(i), found);
            LayerRules.check(name, layer, i == layers - 1, found);
        }
        return found;
    }

    /**
     * Checks a configuration.
     *
     * @param configuration any
     * @return all vertices that cannot be encrypted, in order; empty when the network can be encrypted
     */
    public static List<UnsupportedLayer> check(ComputationGraphConfiguration configuration) {
        List<UnsupportedLayer> found = new ArrayList<>();
        ends(configuration.getNetworkInputs(), "inputs", found);
        ends(configuration.getNetworkOutputs(), "outputs", found);
        for (Map.Entry<String, GraphVertex> e : configuration.getVertices().entrySet()) {
            vertex(e.getKey(), e.getValue(), configuration.getNetworkOutputs().contains(e.getKey()), found);
        }
        return found;
    }

    /**
     * Throws when a network cannot be encrypted.
     *
     * @param network any
     * @throws UnsupportedLayerException naming all layers at fault
     */
    public static void require(MultiLayerNetwork network) {
        raise(check(network));
    }

    /**
     * Throws when a network cannot be encrypted.
     *
     * @param network any
     * @throws UnsupportedLayerException naming all vertices at fault
     */
    public static void require(ComputationGraph network) {
        raise(check(network));
    }

    /**
     * The layer inside wrappers that only matter for training (frozen layers of transfer learning).
     *
     * @param layer any
     * @return the layer that computes
     */
    public static Layer unwrap(Layer layer) {
        return LayerRules.unwrap(layer);
    }

    private static void raise(List<UnsupportedLayer> found) {
        if (!found.isEmpty()) {
            throw new UnsupportedLayerException(found);
        }
    }

    private static void ends(List<String> names, String what, List<UnsupportedLayer> found) {
        if (names.size() != 1) {
            found.add(new UnsupportedLayer(
                    "network",
                    names.size() + " " + what + " " + names,
                    "one is supported",
                    "a graph with one of each"));
        }
    }

    private static void vertex(String name, GraphVertex vertex, boolean output, List<UnsupportedLayer> found) {
        String type = vertex.getClass().getSimpleName();
        if (vertex instanceof LayerVertex v) {
            preprocessor(name, v.getPreProcessor(), found);
            LayerRules.check(name, v.getLayerConf().getLayer(), output, found);
        } else if (vertex instanceof PreprocessorVertex p) {
            preprocessor(name, p.getPreProcessor(), found);
        } else if (vertex instanceof ElementWiseVertex e) {
            if (e.getOp() != ElementWiseVertex.Op.Add) {
                found.add(new UnsupportedLayer(
                        name, type + " " + e.getOp(), "only addition of equal shapes is supported", "Op.Add"));
            }
        } else {
            found.add(new UnsupportedLayer(
                    name,
                    type,
                    "there is no encrypted form of this vertex",
                    "layers in a chain and ElementWiseVertex with Op.Add for residual connections"));
        }
    }

    private static void preprocessor(
            String name, @Nullable InputPreProcessor preprocessor, List<UnsupportedLayer> found) {
        if (preprocessor == null || preprocessor instanceof FeedForwardToCnnPreProcessor) {
            return;
        }
        String type = preprocessor.getClass().getSimpleName();
        if (!(preprocessor instanceof CnnToFeedForwardPreProcessor c)) {
            found.add(new UnsupportedLayer(
                    name,
                    type,
                    "only flattening and its inverse are supported between layers",
                    "CnnToFeedForwardPreProcessor or FeedForwardToCnnPreProcessor"));
        } else if (c.getFormat() == CNN2DFormat.NHWC) {
            found.add(LayerRules.channelsLast(name, type));
        }
    }
}
