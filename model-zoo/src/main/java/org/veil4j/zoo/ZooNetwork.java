package org.veil4j.zoo;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * A MultiLayerNetwork or a ComputationGraph with one input and one output (or a subclass of either), used in the same way:
 * Deeplearning4j has no common type that both trains and predicts. Adds no state and no behaviour. Not thread-safe.
 */
public final class ZooNetwork {
    private final Model model;

    private ZooNetwork(Model model) {
        this.model = model;
    }

    /**
     * Wraps a network.
     *
     * @param network initialised
     * @return the wrapper; the network is shared
     */
    public static ZooNetwork of(MultiLayerNetwork network) {
        return new ZooNetwork(network);
    }

    /**
     * Wraps a network.
     *
     * @param network initialised, with one input and one output
     * @return the wrapper; the network is shared
     * @throws IllegalArgumentException for another number of inputs or outputs
     */
    public static ZooNetwork of(ComputationGraph network) {
        if (network.getNumInputArrays() != 1 || network.getNumOutputArrays() != 1) {
            throw new IllegalArgumentException("network with " + network.getNumInputArrays() + " inputs and "
                    + network.getNumOutputArrays() + " outputs: must have one of each");
        }
        return new ZooNetwork(network);
    }

    /**
     * The network itself.
     *
     * @return a MultiLayerNetwork or a ComputationGraph
     */
    public Model model() {
        return model;
    }

    /**
     * The network as a graph, as the importer for encryption and the plain evaluation want it.
     *
     * @return the graph itself, or a copy of the network as a graph that shares nothing with it
     */
    public ComputationGraph graph() {
        return model instanceof MultiLayerNetwork network ? network.toComputationGraph() : (ComputationGraph) model;
    }

    /**
     * Predicts in inference mode.
     *
     * @param features one mini-batch
     * @return one row an example
     */
    public INDArray output(INDArray features) {
        return model instanceof MultiLayerNetwork network
                ? network.output(features, false)
                : ((ComputationGraph) model).outputSingle(false, features);
    }

    /**
     * One step of training.
     *
     * @param features one mini-batch
     * @param labels one row an example
     */
    public void fit(INDArray features, INDArray labels) {
        if (model instanceof MultiLayerNetwork network) {
            network.fit(features, labels);
        } else {
            ((ComputationGraph) model).fit(new DataSet(features, labels));
        }
    }

    /**
     * Mean loss of the last mini-batch, without the terms for weight decay.
     *
     * @return NaN or infinite when training has diverged
     */
    public double loss() {
        double regularization = model instanceof MultiLayerNetwork network
                ? network.calcRegularizationScore(true)
                : ((ComputationGraph) model).calcRegularizationScore(true);
        return model.score() - regularization;
    }

    /** Counts an epoch, which schedules may depend on. */
    public void incrementEpochCount() {
        if (model instanceof MultiLayerNetwork network) {
            network.incrementEpochCount();
        } else {
            ((ComputationGraph) model).incrementEpochCount();
        }
    }
}
