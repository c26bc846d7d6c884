package org.veil4j.dp.train;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Finds that a network which carries a plan was trained without it: a stock network takes any updater by {@code setUpdater}.
 * DL4J counts iterations in the configuration; private updaters keep the count after the last private step. Parameters that
 * were set by hand are not found: whoever does that knows where they are from.
 */
final class OutsideTraining {
    private OutsideTraining() {}

    /** Refuses a stock network that has more iterations than its private updaters know of. */
    static void refuse(MultiLayerNetwork network) {
        if (!(network instanceof DpMultiLayerNetwork)) {
            ConfigurationScan scan = new ConfigurationScan(false);
            scan.of(network.getLayerWiseConfigurations());
            refuse(network.getIterationCount(), scan.privateUpdaters());
        }
    }

    /** Refuses a stock network that has more iterations than its private updaters know of. */
    static void refuse(ComputationGraph network) {
        if (!(network instanceof DpComputationGraph)) {
            ConfigurationScan scan = new ConfigurationScan(false);
            scan.of(network.getConfiguration());
            refuse(network.getIterationCount(), scan.privateUpdaters());
        }
    }

    private static void refuse(long iterations, List<DpUpdater> updaters) {
        for (DpUpdater updater : updaters) {
            long known = updater.iterations();
            if (known != DpUpdater.NEVER_TRAINED && iterations > known) {
                throw new PrivacyGuardException("iterations=" + iterations + ": private training ended at " + known
                        + ", the rest was done in a stock network with another updater, and no guarantee covers these"
                        + " parameters; go back to the network or file of the private training, or, if all that was"
                        + " learned since may be public, set them in a new private network with a new plan");
            }
        }
    }

    /** Keeps a network's count of iterations in its private updaters. */
    static void mark(List<DpUpdater> updaters, long iterations) {
        for (DpUpdater updater : updaters) {
            updater.trainedTo(iterations);
        }
    }
}
