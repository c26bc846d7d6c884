package org.veil4j.dp.train;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect.Visibility;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.veil4j.dp.mechanism.DpPlan;

/**
 * Any DL4J updater, to be used on private gradients only, with the plan of the training and the steps taken so far. The
 * network makes the gradient private; this class carries the plan through DL4J's configuration, JSON and files, and refuses
 * every gradient that a {@link DpComputationGraph} or {@link DpMultiLayerNetwork} has not made private for that very step: in
 * a stock network it does not train.
 *
 * <p>What an updater does with a private gradient is post-processing and costs no privacy. Clones share the
 * {@link PrivacyLedger}. Equality is that of updater and plan.
 */
@JsonAutoDetect(
        fieldVisibility = Visibility.NONE,
        getterVisibility = Visibility.NONE,
        isGetterVisibility = Visibility.NONE,
        setterVisibility = Visibility.NONE)
public class DpUpdater implements IUpdater {
    /** In place of a count of iterations, while no private network has had this updater. */
    static final long NEVER_TRAINED = -1;

    @JsonProperty("updater")
    private final IUpdater updater;

    private PrivacyLedger ledger;

    /** DL4J's count of iterations after the last private step; the largest of all networks that share this updater. */
    @JsonProperty("networkIterations")
    private volatile long iterations = NEVER_TRAINED;

    /**
     * A new training under a plan: its ledger has no steps.
     *
     * @param updater any plain updater; copied
     * @param plan the budget
     * @throws IllegalArgumentException when the updater is itself private
     */
    public DpUpdater(IUpdater updater, DpPlan plan) {
        this(plain(updater).clone(), PrivacyLedger.open(plan));
    }

    /** From JSON. */
    @JsonCreator
    DpUpdater(
            @JsonProperty(value = "updater", required = true) IUpdater updater,
            @JsonProperty(value = "plan", required = true) DpPlan plan,
            @JsonProperty(value = "ledgerId", required = true) String ledgerId,
            @JsonProperty(value = "stepsTaken", required = true) long stepsTaken) {
        this(plain(updater), PrivacyLedger.resume(ledgerId, plan, stepsTaken));
    }

    /** Shares a ledger. */
    DpUpdater(IUpdater updater, PrivacyLedger ledger) {
        this.updater = updater;
        this.ledger = ledger;
    }

    private static IUpdater plain(@Nullable IUpdater updater) {
        if (updater == null) {
            throw new IllegalArgumentException("updater=null: must be a DL4J updater, for instance new Adam(1e-3)");
        }
        if (updater instanceof DpUpdater) {
            throw new IllegalArgumentException(
                    "updater=" + updater + ": is private already; use it as it is, or wrap its updater()");
        }
        return updater;
    }

    /** The plain updater inside. */
    public final IUpdater updater() {
        return updater;
    }

    /** The plan of the training. */
    @JsonProperty("plan")
    public final DpPlan plan() {
        return ledger.plan();
    }

    /** The steps spent, shared with every clone. */
    public final PrivacyLedger ledger() {
        return ledger;
    }

    @JsonProperty("ledgerId")
    final String ledgerId() {
        return ledger.id();
    }

    @JsonProperty("stepsTaken")
    final long stepsTaken() {
        return ledger.steps();
    }

    final long iterations() {
        return iterations;
    }

    /** DL4J shares updaters between copies of a configuration, so that the largest count is kept. */
    final synchronized void trainedTo(long count) {
        iterations = Math.max(iterations, count);
    }

    /** Gives a copy what belongs to the network and not to the ledger. */
    final <T extends DpUpdater> T continued(T copy) {
        copy.trainedTo(iterations);
        return copy;
    }

    /** Makes this updater spend from another ledger of an equal plan. */
    final void join(PrivacyLedger other) {
        ledger = other;
    }

    @Override
    public long stateSize(long numParams) {
        return updater.stateSize(numParams);
    }

    @Override
    public GradientUpdater<?> instantiate(INDArray viewArray, boolean initializeViewArray) {
        return guard(updater.instantiate(viewArray, initializeViewArray));
    }

    @Override
    public GradientUpdater<?> instantiate(Map<String, INDArray> updaterState, boolean initializeStateArrays) {
        return guard(updater.instantiate(updaterState, initializeStateArrays));
    }

    private GradientUpdater<?> guard(GradientUpdater<?> plain) {
        return new GuardedUpdater(this, plain);
    }

    /** A copy that spends from the same ledger. */
    @Override
    public DpUpdater clone() {
        return continued(new DpUpdater(updater.clone(), ledger));
    }

    @Override
    public double getLearningRate(int iteration, int epoch) {
        return updater.getLearningRate(iteration, epoch);
    }

    @Override
    public boolean hasLearningRate() {
        return updater.hasLearningRate();
    }

    @Override
    public void setLrAndSchedule(double lr, @Nullable ISchedule lrSchedule) {
        updater.setLrAndSchedule(lr, lrSchedule);
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof DpUpdater u && updater.equals(u.updater) && plan().equals(u.plan());
    }

    @Override
    public final int hashCode() {
        return Objects.hash(updater, plan());
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "(" + updater + ", " + plan() + ")";
    }
}
