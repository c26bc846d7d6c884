package org.veil4j.dp.train;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Finds everything in a network that keeps it from being trained privately: whatever mixes the examples of a batch, acts by
 * chance, keeps state, or has parameters without an exact per-example gradient; and updaters that would train without a
 * plan. Only what is known to be right is let through, by exact class; own classes come in by
 * {@link org.veil4j.dp.gradient.PerExampleGradient} (layers with parameters) or
 * {@link org.veil4j.dp.gradient.ExampleWise} (all else).
 *
 * <p>L1, L2, weight decay, constraints, gradient normalisation and learning-rate schedules work on the private gradient or
 * on parameters: they cost no privacy and are allowed.
 */
public final class DpCompatibility {
    private DpCompatibility() {}

    /**
     * One obstacle.
     *
     * @param where layer, vertex or part of the configuration, by name
     * @param what what it is and why it cannot be
     * @param remedy what to use in its place
     */
    public record Problem(String where, String what, String remedy) {
        @Override
        public String toString() {
            return where + ": " + what + "; " + remedy;
        }
    }

    /** All problems of a configuration, in the order of its layers; empty when it can be trained privately. */
    public static List<Problem> problems(MultiLayerConfiguration configuration) {
        return new ConfigurationScan(true).of(configuration);
    }

    /** All problems of a configuration, in the order of its vertices; empty when it can be trained privately. */
    public static List<Problem> problems(ComputationGraphConfiguration configuration) {
        return new ConfigurationScan(true).of(configuration);
    }

    /**
     * Refuses a configuration with problems.
     *
     * @throws UnsupportedUnderDpException with all of them
     */
    public static void check(MultiLayerConfiguration configuration) {
        refuse(problems(configuration));
    }

    /**
     * Refuses a configuration with problems.
     *
     * @throws UnsupportedUnderDpException with all of them
     */
    public static void check(ComputationGraphConfiguration configuration) {
        refuse(problems(configuration));
    }

    /**
     * Refuses a network whose configuration has problems.
     *
     * @throws UnsupportedUnderDpException with all of them
     */
    public static void check(MultiLayerNetwork network) {
        check(network.getLayerWiseConfigurations());
    }

    /**
     * Refuses a network whose configuration has problems.
     *
     * @throws UnsupportedUnderDpException with all of them
     */
    public static void check(ComputationGraph network) {
        check(network.getConfiguration());
    }

    static void refuse(List<Problem> problems) {
        if (!problems.isEmpty()) {
            throw new UnsupportedUnderDpException(problems);
        }
    }
}
