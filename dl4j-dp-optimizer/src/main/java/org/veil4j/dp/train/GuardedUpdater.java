package org.veil4j.dp.train;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;

/** The arithmetic of a plain updater, which runs on sealed gradients only. */
final class GuardedUpdater implements GradientUpdater<IUpdater> {
    private final DpUpdater guard;
    private final GradientUpdater<?> plain;

    GuardedUpdater(DpUpdater guard, GradientUpdater<?> plain) {
        this.guard = guard;
        this.plain = plain;
    }

    PrivacyLedger ledger() {
        return guard.ledger();
    }

    @Override
    public IUpdater getConfig() {
        return plain.getConfig();
    }

    @Override
    public void setState(Map<String, INDArray> state, boolean initialize) {
        plain.setState(state, initialize);
    }

    @Override
    public Map<String, INDArray> getState() {
        return plain.getState();
    }

    @Override
    public void setStateViewArray(INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
        plain.setStateViewArray(viewArray, gradientShape, gradientOrder, initialize);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
        guard.ledger().requireSealed(gradient);
        plain.applyUpdater(gradient, iteration, epoch);
    }
}
