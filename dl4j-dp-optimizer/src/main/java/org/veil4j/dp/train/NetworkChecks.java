package org.veil4j.dp.train;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.optimize.api.ConvexOptimizer;
import org.deeplearning4j.optimize.solvers.StochasticGradientDescent;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Before each step: the network is still the one that was made private. Everything that DL4J lets a user replace is looked at
 * again. Cost: tens of microseconds.
 */
final class NetworkChecks {
    private static final String RENEW = "make a new private network from this one with of(network)";

    private NetworkChecks() {}

    static void check(PrivateModel model, PrivacyLedger ledger, List<LayerSlot> slots) {
        ConfigurationScan scan = new ConfigurationScan(false);
        DpCompatibility.refuse(model.scan(scan));
        for (DpUpdater updater : scan.privateUpdaters()) {
            if (updater.ledger() != ledger) {
                throw new PrivacyGuardException("updater: was replaced in the configuration by one of another training;"
                        + " put the original back, or make a new network for the new plan");
            }
        }
        layers(model.layers(), slots);
        optimizer(model.optimizer());
        updaters(model, ledger, slots);
    }

    private static void layers(Layer[] layers, List<LayerSlot> slots) {
        if (layers.length != slots.size()) {
            throw new PrivacyGuardException("layers=" + layers.length + ": must be the " + slots.size()
                    + " with parameters that the network was made of; " + RENEW);
        }
        for (LayerSlot slot : slots) {
            if (layers[slot.index()] != slot.layer()) {
                throw new PrivacyGuardException("layer '" + slot.prefix() + "': was replaced, and the new one gives no"
                        + " per-example gradients; " + RENEW);
            }
        }
    }

    private static void optimizer(ConvexOptimizer optimizer) {
        if (optimizer.getClass() != StochasticGradientDescent.class) {
            throw new PrivacyGuardException("optimizer=" + optimizer.getClass().getSimpleName()
                    + ": must be StochasticGradientDescent, which takes one gradient a step; set"
                    + " OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT");
        }
        if (optimizer.getGradientsAccumulator() != null) {
            throw new PrivacyGuardException(
                    "gradientsAccumulator: would share updates outside of the plan; set it to null");
        }
    }

    private static void updaters(PrivateModel model, PrivacyLedger ledger, List<LayerSlot> slots) {
        INDArray gradients = model.flattenedGradients();
        for (UpdaterBlock block : model.updaterBlocks()) {
            boolean guarded = block.getGradientUpdater() instanceof GuardedUpdater guard && guard.ledger() == ledger;
            if (!guarded && trains(block, slots)) {
                throw new PrivacyGuardException("updater: was replaced by one without the plan;"
                        + " call setUpdater(null) to go back to the configured one");
            }
            if (guarded && !GradientSeal.sameBuffer(block.getGradientView(), gradients)) {
                throw new PrivacyGuardException("updater: works on another gradient buffer than the network;"
                        + " call setUpdater(null) after initGradientsView()");
            }
        }
    }

    private static boolean trains(UpdaterBlock block, List<LayerSlot> slots) {
        for (LayerSlot slot : slots) {
            if (slot.isTrained()
                    && block.getParamOffsetStart() < slot.offset() + slot.length()
                    && slot.offset() < block.getParamOffsetEnd()) {
                return true;
            }
        }
        return false;
    }
}
