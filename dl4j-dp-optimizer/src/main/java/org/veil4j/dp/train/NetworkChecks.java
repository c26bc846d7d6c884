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
    private final List<NetworkPart> parts;

    /**
     * @param ledger what the network spends from
     * @param slots its layers with parameters
     * @param parts all its parts, as they were made private
     */
    NetworkChecks(PrivacyLedger ledger, List<LayerSlot> slots, List<NetworkPart> parts) {
        this.ledger = ledger;
        this.slots = slots;
        this.parts = parts;
        for (NetworkPart part : parts) {
            if (part.live() != part.checked()) {
                throw new PrivacyGuardException(
                        part.name() + ": is another one than the network has for it, which is the"
                                + " one that is checked; let the layer keep the configuration that it is made from");
            }
        }
    }

    /** Refuses a network that was changed; returns its private updaters. */
    List<DpUpdater> check(PrivateModel model) {
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
        return scan.privateUpdaters();
    }

    private void parts(PrivateModel model) {
        List<NetworkPart> present = model.parts();
        for (int i = 0; i < parts.size() && i < present.size(); i++) {
            if (!present.get(i).isSame(parts.get(i))) {
                throw new PrivacyGuardException(
                        parts.get(i).name() + ": was replaced, and the new one has not been made private; " + RENEW);
            }
        }
        if (present.size() != parts.size()) {
            throw new PrivacyGuardException("parts=" + present.size() + ": must be the " + parts.size()
                    + " that the network was made of; " + RENEW);
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
