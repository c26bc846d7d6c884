package org.veil4j.dp.train;

import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.veil4j.dp.mechanism.DpPlan;

/** Adam on private gradients. For other settings than the learning rate: {@code new DpUpdater(new Adam(...), plan)}. */
public final class DpAdam extends DpUpdater {
    /** With a constant learning rate and Adam's default decays. */
    public DpAdam(double learningRate, DpPlan plan) {
        super(new Adam(learningRate), plan);
    }

    /** With a schedule of the learning rate and Adam's default decays. */
    public DpAdam(ISchedule learningRate, DpPlan plan) {
        super(new Adam(learningRate), plan);
    }

    @JsonCreator
    DpAdam(
            @JsonProperty(value = "updater", required = true) IUpdater updater,
            @JsonProperty(value = "plan", required = true) DpPlan plan,
            @JsonProperty(value = "ledgerId", required = true) String ledgerId,
            @JsonProperty(value = "stepsTaken", required = true) long stepsTaken) {
        super(updater, plan, ledgerId, stepsTaken);
    }

    private DpAdam(IUpdater updater, PrivacyLedger ledger) {
        super(updater, ledger);
    }

    @Override
    public DpAdam clone() {
        return continued(new DpAdam(updater().clone(), ledger()));
    }
}
