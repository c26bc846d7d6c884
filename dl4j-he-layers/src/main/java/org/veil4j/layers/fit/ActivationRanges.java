package org.veil4j.layers.fit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.layers.activation.PolynomialLayer;
import org.veil4j.layers.check.HeCompatibility;

/**
 * Measures the inputs that each activation of a network sees on given data, activations inside of normalisation layers
 * included. Under encryption a polynomial is only as good as the range it is used on, and large values cost precision; a
 * well-trained square network keeps them near 10.
 */
public final class ActivationRanges {
    private final ComputationGraph copy;
    private final Map<String, RangeRecorder> recorders = new LinkedHashMap<>();

    /** Trainable polynomials, whose inputs are what their vertex reads. */
    private final Map<String, String> trainable = new LinkedHashMap<>();

    private ActivationRanges(ComputationGraph network, UnaryOperator<String> names) {
        ComputationGraphConfiguration configuration = network.getConfiguration().clone();
        for (int index : network.topologicalSortOrder()) {
            String name = network.getVertices()[index].getVertexName();
            GraphVertex vertex = configuration.getVertices().get(name);
            if (vertex instanceof LayerVertex v) {
                String from = Objects.requireNonNull(
                                configuration.getVertexInputs().get(name))
                        .get(0);
                instrument(
                        name,
                        names.apply(name),
                        from,
                        HeCompatibility.unwrap(v.getLayerConf().getLayer()));
            }
        }
        copy = new ComputationGraph(configuration);
        copy.init(network.params().dup(), false);
    }

    /**
     * Starts a measurement. The network is copied, and stays as it is.
     *
     * @param network any; layers without a name are called by their number
     * @return a measurement that has seen nothing yet
     */
    public static ActivationRanges of(MultiLayerNetwork network) {
        return new ActivationRanges(network.toComputationGraph(), vertex -> {
            // the conversion calls vertices by the number of their layer
            Layer layer = network.getLayerWiseConfigurations()
                    .getConf(Integer.parseInt(vertex))
                    .getLayer();
            return layer.getLayerName() == null ? "layer " + vertex : layer.getLayerName();
        });
    }

    /**
     * Starts a measurement. The network is copied, and stays as it is.
     *
     * @param network with one input
     * @return a measurement that has seen nothing yet
     */
    public static ActivationRanges of(ComputationGraph network) {
        return new ActivationRanges(network, vertex -> vertex);
    }

    /**
     * Runs a mini-batch through the copy and records what each activation sees. May be called again and again.
     *
     * @param features normalised as for the network
     * @return this
     */
    public ActivationRanges add(INDArray features) {
        if (trainable.isEmpty()) {
            copy.output(false, features);
            return this;
        }
        Map<String, INDArray> activations = copy.feedForward(features, false);
        trainable.forEach((name, from) ->
                Objects.requireNonNull(recorders.get(name)).record(Objects.requireNonNull(activations.get(from))));
        return this;
    }

    /**
     * The ranges so far, of every activation that is neither the identity nor at the output, in the network's order.
     *
     * @return one entry an activation
     * @throws IllegalStateException when nothing was added yet
     */
    public List<ActivationRange> ranges() {
        List<ActivationRange> result = new ArrayList<>();
        recorders.values().forEach(r -> result.add(r.result()));
        return result;
    }

    private void instrument(String vertex, String name, String from, Layer layer) {
        if (layer instanceof PolynomialLayer p) {
            recorders.put(vertex, new RangeRecorder(name, "trainable polynomial of degree " + p.degree()));
            trainable.put(vertex, from);
        } else if (layer instanceof BaseLayer b && appliesActivation(b) && used(b.getActivationFn())) {
            b.setActivationFn(recording(vertex, name, b.getActivationFn()));
        } else if (layer instanceof ActivationLayer a && used(a.getActivationFn())) {
            a.setActivationFn(recording(vertex, name, a.getActivationFn()));
        }
    }

    private RecordingActivation recording(String vertex, String name, IActivation activation) {
        RangeRecorder recorder = new RangeRecorder(name, activation.toString());
        recorders.put(vertex, recorder);
        return new RecordingActivation(recorder, activation);
    }

    private static boolean appliesActivation(BaseLayer layer) {
        return !(layer instanceof BaseOutputLayer) && !(layer instanceof BatchNormalization);
    }

    private static boolean used(IActivation activation) {
        return activation != null && !(activation instanceof ActivationIdentity);
    }
}
