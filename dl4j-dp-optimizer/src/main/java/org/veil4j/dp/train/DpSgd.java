package org.veil4j.dp.train;

import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.veil4j.dp.mechanism.DpPlan;

/** Stochastic gradient descent on private gradients, with (Nesterov) momentum or without. */
public final class DpSgd extends DpUpdater {
    /**
     * With a constant learning rate.
     *
     * @param momentum 0 for none, otherwise in (0, 1)
     */
    public DpSgd(double learningRate, double momentum, DpPlan plan) {
        super(momentum == 0 ? new Sgd(learningRate) : new Nesterovs(learningRate, checked(momentum)), plan);
    }

    /**
     * With a schedule of the learning rate.
     *
     * @param momentum 0 for none, otherwise in (0, 1)
     */
    public DpSgd(ISchedule learningRate, double momentum, DpPlan plan) {
        super(momentum == 0 ? new Sgd(learningRate) : new Nesterovs(learningRate, checked(momentum)), plan);
    }

    @JsonCreator
    DpSgd(
            @JsonProperty(value = "updater", required = true) IUpdater updater,
            @JsonProperty(value = "plan", required = true) DpPlan plan,
            @JsonProperty(value = "ledgerId", required = true) String ledgerId,
            @JsonProperty(value = "stepsTaken", required = true) long stepsTaken) {
        super(updater, plan, ledgerId, stepsTaken);
    }

    private DpSgd(IUpdater updater, PrivacyLedger ledger) {
        super(updater, ledger);
    }

    private static double checked(double momentum) {
        if (!(momentum > 0 && momentum < 1)) {
            throw new IllegalArgumentException("momentum=" + momentum + ": must be in [0, 1)");
        }
        return momentum;
    }

    @Override
    public DpSgd clone() {
        return continued(new DpSgd(updater().clone(), ledger()));
    }
}
