package org.veil4j.dp.train;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.nd4j.linalg.api.buffer.DataType;

/** Walks one configuration and collects problems. Used once. */
final class ConfigurationScan {
    private final List<DpCompatibility.Problem> problems = new ArrayList<>();
    private final LayerRules layers;
    private final UpdaterRules updaters = new UpdaterRules(problems);

    /** @param probe whether layers that are not known by class are instantiated to look at their implementation */
    ConfigurationScan(boolean probe) {
        layers = new LayerRules(problems, probe);
    }

    /** All private updaters that were seen, one a parameter array. */
    List<DpUpdater> privateUpdaters() {
        return updaters.found();
    }

    List<DpCompatibility.Problem> of(MultiLayerConfiguration configuration) {
        whole(configuration.getBackpropType(), configuration.getDataType());
        int frozen = -1;
        for (int i = 0; i < configuration.getConfs().size(); i++) {
            if (configuration.getConf(i).getLayer() instanceof FrozenLayer) {
                frozen = i;
            }
        }
        for (int i = 0; i < configuration.getConfs().size(); i++) {
            NeuralNetConfiguration conf = configuration.getConf(i);
            String where = name(conf.getLayer(), "layer " + i);
            InputPreProcessor preProcessor = configuration.getInputPreProcess(i);
            if (preProcessor != null) {
                VertexRules.preProcessor(problems, where, preProcessor);
            }
            layer(where, conf, configuration.getDataType(), i >= frozen);
        }
        updaters.conclude();
        return problems;
    }

    List<DpCompatibility.Problem> of(ComputationGraphConfiguration configuration) {
        whole(configuration.getBackpropType(), configuration.getDataType());
        Set<String> reached = reached(configuration);
        for (Map.Entry<String, GraphVertex> entry : configuration.getVertices().entrySet()) {
            GraphVertex vertex = entry.getValue();
            String where = "'" + entry.getKey() + "'";
            if (vertex instanceof LayerVertex layerVertex) {
                if (layerVertex.getPreProcessor() != null) {
                    VertexRules.preProcessor(problems, where, layerVertex.getPreProcessor());
                }
                layer(where, layerVertex.getLayerConf(), configuration.getDataType(), reached.contains(entry.getKey()));
            } else {
                VertexRules.vertex(problems, where, vertex);
            }
        }
        updaters.conclude();
        return problems;
    }

    private static String name(Layer layer, String otherwise) {
        return layer.getLayerName() == null ? otherwise : "'" + layer.getLayerName() + "'";
    }

    private void whole(BackpropType backprop, DataType type) {
        if (backprop != BackpropType.Standard) {
            add("backpropType", backprop + " splits sequences", "use BackpropType.Standard");
        }
        if (type != DataType.FLOAT && type != DataType.DOUBLE) {
            add("dataType", type + " is too coarse for clipping", "use FLOAT or DOUBLE");
        }
    }

    private void layer(String where, NeuralNetConfiguration conf, DataType type, boolean reached) {
        if (conf.getOptimizationAlgo() != OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT) {
            add(
                    where,
                    conf.getOptimizationAlgo() + " evaluates several gradients a step",
                    "use" + " OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT (any updater may follow)");
        }
        boolean trainable = layers.check(where, conf, type);
        if (trainable) {
            updaters.check(where, conf);
            if (!reached) {
                add(where, "lies below a frozen layer, so no gradient reaches it", "freeze it too");
            }
        }
    }

    private void add(String where, String what, String remedy) {
        problems.add(new DpCompatibility.Problem(where, what, remedy));
    }

    /** The vertices that backpropagation reaches from the outputs; it ends at frozen layers. */
    private static Set<String> reached(ComputationGraphConfiguration configuration) {
        Set<String> reached = new HashSet<>();
        List<String> open = new ArrayList<>(configuration.getNetworkOutputs());
        while (!open.isEmpty()) {
            String name = open.remove(open.size() - 1);
            GraphVertex vertex = configuration.getVertices().get(name);
            boolean frozen = vertex instanceof LayerVertex l && l.getLayerConf().getLayer() instanceof FrozenLayer;
            if (vertex != null && !frozen && reached.add(name)) {
                open.addAll(configuration.getVertexInputs().get(name));
            }
        }
        return reached;
    }
}
