package org.veil4j.zoo;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.veil4j.layers.norm.FoldableBatchNormalization;

/** The configuration of a zoo network: layers in a row, or a graph. */
public sealed interface ZooConfiguration {
    /**
     * Layers in a row.
     *
     * @param configuration with its input type set
     */
    record Layered(MultiLayerConfiguration configuration) implements ZooConfiguration {}

    /**
     * A graph with one input and one output.
     *
     * @param configuration with its input type set
     */
    record Graph(ComputationGraphConfiguration configuration) implements ZooConfiguration {}

    /**
     * Makes and initialises the stock network.
     *
     * @return a network with fresh parameters
     */
    default ZooNetwork network() {
        return network(MultiLayerNetwork::new, ComputationGraph::new);
    }

    /**
     * Makes and initialises a network of a class of your choice, for example the private ones.
     *
     * @param layered constructor for layers in a row
     * @param graph constructor for a graph
     * @return a network with fresh parameters
     */
    default ZooNetwork network(
            Function<MultiLayerConfiguration, ? extends MultiLayerNetwork> layered,
            Function<ComputationGraphConfiguration, ? extends ComputationGraph> graph) {
        if (this instanceof Layered l) {
            MultiLayerNetwork network = layered.apply(l.configuration);
            network.init();
            return ZooNetwork.of(network);
        }
        ComputationGraph network = graph.apply(((Graph) this).configuration);
        network.init();
        return ZooNetwork.of(network);
    }

    /**
     * The layers, without vertices that compute no layer.
     *
     * @return in the order of the configuration
     */
    default List<Layer> layers() {
        List<Layer> layers = new ArrayList<>();
        if (this instanceof Layered l) {
            for (NeuralNetConfiguration conf : l.configuration.getConfs()) {
                layers.add(conf.getLayer());
            }
        } else if (this instanceof Graph g) {
            for (GraphVertex vertex : g.configuration.getVertices().values()) {
                if (vertex instanceof LayerVertex v) {
                    layers.add(v.getLayerConf().getLayer());
                }
            }
        }
        return layers;
    }

    /**
     * The number of trainable parameters: running statistics of batch normalisation, which Deeplearning4j counts among the
     * parameters, are left out.
     *
     * @return the count
     */
    default long parameters() {
        long count = 0;
        for (Layer layer : layers()) {
            count += layer.initializer().numParams(layer);
            if (layer instanceof FoldableBatchNormalization b) {
                count -= 2 * b.getNOut();
            }
        }
        return count;
    }
}
