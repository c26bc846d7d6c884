package org.veil4j.experiments.evaluate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The part of a network up to a layer, as a network of its own.
 *
 * @param graph that part, with one input and one output, sharing nothing with the whole
 * @param layer name of its last layer in the whole network
 */
public record NetworkBody(ComputationGraph graph, String layer) {
    /**
     * Cuts a network.
     *
     * @param network a MultiLayerNetwork or a ComputationGraph with one input
     * @param layer the last layer to keep, by name; null for the one that feeds the output layer (or the output itself if it
     *     has no loss)
     * @return the part; stock convolutions of float networks replaced by their fast form, the same up to rounding
     * @throws IllegalArgumentException if there is no such layer (the message lists them), or more than one input or output
     *     where one is meant
     */
    public static NetworkBody cut(Model network, @Nullable String layer) {
        NetworkBody body = cutAsIs(network, layer);
        return new NetworkBody(PlainInference.fast(body.graph), body.layer);
    }

    /**
     * Cuts a network and keeps its layers as they are, for a network that is to be saved.
     *
     * @param network as for {@link #cut}
     * @param layer as for {@link #cut}
     * @return the part
     * @throws IllegalArgumentException as {@link #cut} does
     */
    public static NetworkBody cutAsIs(Model network, @Nullable String layer) {
        return network instanceof MultiLayerNetwork stack
                ? cutStack(stack, layer)
                : cutGraph((ComputationGraph) network, layer);
    }

    private static NetworkBody cutStack(MultiLayerNetwork network, @Nullable String layer) {
        List<String> names = new ArrayList<>();
        for (Layer l : network.getLayers()) {
            names.add(l.conf().getLayer().getLayerName());
        }
        int last = names.size() - 1;
        int index = layer != null
                ? names.indexOf(layer)
                : network.getOutputLayer() instanceof IOutputLayer ? last - 1 : last;
        if (layer != null && index < 0) {
            throw unknown(layer, names);
        }
        if (index < 0) {
            throw new IllegalArgumentException(
                    "network: has nothing before its output layer; name the layer by --layer, one of " + names);
        }
        // DL4J's conversion names the vertices 0, 1, ...
        ComputationGraph graph = network.toComputationGraph();
        return new NetworkBody(part(graph, String.valueOf(index)), names.get(index));
    }

    private static NetworkBody cutGraph(ComputationGraph network, @Nullable String layer) {
        ComputationGraphConfiguration conf = network.getConfiguration();
        String name = layer == null ? beforeOutput(network) : layer;
        if (!conf.getVertices().containsKey(name)) {
            throw unknown(name, List.copyOf(conf.getVertices().keySet()));
        }
        return new NetworkBody(part(network, name), name);
    }

    private static String beforeOutput(ComputationGraph network) {
        ComputationGraphConfiguration conf = network.getConfiguration();
        List<String> outputs = conf.getNetworkOutputs();
        List<String> inputs = conf.getVertexInputs().get(outputs.get(0));
        if (outputs.size() != 1) {
            throw new IllegalArgumentException(
                    "network: has " + outputs.size() + " outputs " + outputs + "; name the layer to cut at by --layer");
        }
        boolean loss = network.getLayer(outputs.get(0)) instanceof IOutputLayer;
        return loss && inputs != null && inputs.size() == 1 ? inputs.get(0) : outputs.get(0);
    }

    private static IllegalArgumentException unknown(String layer, List<String> names) {
        return new IllegalArgumentException("layer=" + layer + ": no such layer; use one of " + names);
    }

    /** A vertex and what it needs. Asking DL4J for a layer's output instead would fail inside branches. */
    private static ComputationGraph part(ComputationGraph network, String last) {
        ComputationGraphConfiguration conf = network.getConfiguration().clone();
        Set<String> kept = ancestors(conf, last);
        conf.getVertices().keySet().retainAll(kept);
        conf.getVertexInputs().keySet().retainAll(kept);
        List<String> inputs = new ArrayList<>(conf.getNetworkInputs());
        inputs.retainAll(kept);
        if (inputs.size() != 1) {
            throw new IllegalArgumentException("network: the part up to " + last + " has the inputs " + inputs
                    + ", must have one, the image; choose another layer");
        }
        conf.setNetworkInputs(inputs);
        conf.setNetworkOutputs(List.of(last));
        ComputationGraph body = new ComputationGraph(conf);
        body.init();
        Map<String, INDArray> trained = network.paramTable();
        body.paramTable().forEach((name, value) -> {
            INDArray from = trained.get(name);
            if (from == null) {
                throw new IllegalStateException("no parameter " + name + " in the network that was cut");
            }
            value.assign(from);
        });
        return body;
    }

    private static Set<String> ancestors(ComputationGraphConfiguration conf, String last) {
        Set<String> kept = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(last));
        while (!open.isEmpty()) {
            String name = open.pop();
            if (kept.add(name)) {
                open.addAll(conf.getVertexInputs().getOrDefault(name, List.of()));
            }
        }
        return kept;
    }
}
