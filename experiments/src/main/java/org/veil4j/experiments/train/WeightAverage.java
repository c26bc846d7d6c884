package org.veil4j.experiments.train;

import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The exponential moving average of a network's parameters over its steps. The decay starts low, so that the first weights are soon
 * forgotten: at step t it is min(decay, (1 + t) / (10 + t)).
 */
final class WeightAverage {
    private final double decay;
    private final INDArray average;
    private long steps;

    /** Starts at the network's present parameters; decay 0 means that the average is the last weights. */
    WeightAverage(double decay, Model network) {
        this.decay = decay;
        this.average = network.params().dup();
    }

    /** Takes in the parameters after a step. */
    void add(Model network) {
        steps++;
        double d = Math.min(decay, (1.0 + steps) / (10.0 + steps));
        average.muli(d).addi(network.params().mul(1 - d));
    }

    /** Runs something with the averaged parameters in the network, and puts its own back. */
    void during(Model network, Runnable work) {
        INDArray own = network.params().dup();
        network.setParams(average.dup());
        try {
            work.run();
        } finally {
            network.setParams(own);
        }
    }

    /** Leaves the averaged parameters in the network. */
    void apply(Model network) {
        network.setParams(average.dup());
    }
}
