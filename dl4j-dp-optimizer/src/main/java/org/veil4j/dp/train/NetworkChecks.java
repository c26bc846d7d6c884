package org.veil4j.dp.train;

import java.util.List;
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

    private final PrivacyLedger ledger;
    private final List<LayerSlot> slots;
    private final Object[] parts;

    /**
     * @param ledger what the network spends from
     * @param slots its layers with parameters
     * @param parts all its parts, as they were made private
     */
    NetworkChecks(PrivacyLedger ledger, List<LayerSlot> slots, Object[] parts) {
        this.ledger = ledger;
        this.slots = slots;
        this.parts = parts;
    }

    void check(PrivateModel model) {
        ConfigurationScan scan = new ConfigurationScan(false);
        DpCompatibility.refuse(model.scan(scan));
        for (DpUpdater updater : scan.privateUpdaters()) {
            if (updater.ledger() != ledger) {
                throw new PrivacyGuardException("updater: was replaced in the configuration by one of another training;"
                        + " put the original back, or make a new network for the new plan");
            }
        }
        parts(model);
        optimizer(model.optimizer());
        updaters(model);
    }

    private void parts(PrivateModel model) {
        Object[] present = model.parts();
        if (present.length != parts.length) {
            throw new PrivacyGuardException("layers=" + present.length + ": must be the " + parts.length
                    + " that the network was made of; " + RENEW);
        }
        for (int i = 0; i < parts.length; i++) {
            if (present[i] != parts[i]) {
                throw new PrivacyGuardException(
                        model.partName(i) + ": was replaced, and the new one has not been made private; " + RENEW);
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

    private void updaters(PrivateModel model) {
        INDArray gradients = model.flattenedGradients();
        for (UpdaterBlock block : model.updaterBlocks()) {
            boolean guarded = block.getGradientUpdater() instanceof GuardedUpdater guard && guard.ledger() == ledger;
            if (!guarded && trains(block)) {
                throw new PrivacyGuardException("updater: was replaced by one without the plan;"
                        + " call setUpdater(null) to go back to the configured one");
            }
            if (guarded && !GradientSeal.sameBuffer(block.getGradientView(), gradients)) {
                throw new PrivacyGuardException("updater: works on another gradient buffer than the network;"
                        + " call setUpdater(null) after initGradientsView()");
            }
        }
    }

    private boolean trains(UpdaterBlock block) {
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
