package org.veil4j.dp.train;

import java.io.Serializable;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.dp.accounting.PrivacyGuarantee;
import org.veil4j.dp.mechanism.DpPlan;

/**
 * How many of a plan's steps have been spent. Belongs to an updater configuration and everything that is copied from it:
 * clones of a network, networks built from the same configuration and, within one process, networks restored from its files
 * spend from the same ledger, because all that they learn comes from the same data. Saved with every network. A step counts
 * from the moment its noise is drawn. Thread-safe.
 */
public final class PrivacyLedger implements Serializable {
    private static final Map<String, WeakReference<PrivacyLedger>> LIVE = new ConcurrentHashMap<>();

    private final String id;
    private final DpPlan plan;
    private long steps;
    private final transient CopyOnWriteArrayList<GradientSeal> seals = new CopyOnWriteArrayList<>();

    private PrivacyLedger(String id, DpPlan plan, long steps) {
        this.id = id;
        this.plan = plan;
        this.steps = steps;
    }

    /** A new ledger without steps. */
    static PrivacyLedger open(DpPlan plan) {
        return resume(UUID.randomUUID().toString(), plan, 0);
    }

    /**
     * The ledger of a saved configuration. Where the same ledger is live in this process, it is that one, with the larger
     * count: going back to an earlier checkpoint does not give spent steps back. Plans that are seeded for testing are left
     * out of this, so that a test can repeat a training.
     *
     * @throws IllegalArgumentException when the count does not fit the plan
     */
    static PrivacyLedger resume(String id, DpPlan plan, long steps) {
        if (steps < 0 || steps > plan.plannedSteps()) {
            throw new IllegalArgumentException("stepsTaken=" + steps + ": must be in [0, plannedSteps="
                    + plan.plannedSteps() + "]; the saved network is damaged");
        }
        if (plan.isSeededForTesting()) {
            return new PrivacyLedger(id, plan, steps);
        }
        LIVE.values().removeIf(reference -> reference.get() == null);
        PrivacyLedger[] result = new PrivacyLedger[1];
        LIVE.compute(id, (key, reference) -> {
            PrivacyLedger live = reference == null ? null : reference.get();
            if (live != null && live.plan.equals(plan)) {
                live.atLeast(steps);
                result[0] = live;
                return reference;
            }
            result[0] = new PrivacyLedger(id, plan, steps);
            return new WeakReference<>(result[0]);
        });
        return result[0];
    }

    /** The plan whose steps are counted. */
    public DpPlan plan() {
        return plan;
    }

    /** Steps that have been accounted for, in [0, planned steps]. */
    public synchronized long steps() {
        return steps;
    }

    /** Steps that are left. */
    public long remaining() {
        return plan.plannedSteps() - steps();
    }

    /** The guarantee for the steps so far. Cost: see {@link DpPlan#guarantee}. */
    public PrivacyGuarantee guarantee() {
        return plan.guaranteeAfter(steps());
    }

    String id() {
        return id;
    }

    /** Spends one step, and returns its index from 0. */
    synchronized long spend() {
        requireSteps(1);
        return steps++;
    }

    /** Accounts for the rest of an epoch of which a part is spent. */
    synchronized void finishEpoch() {
        int perEpoch = plan.stepsPerEpoch();
        long begun = (steps + perEpoch - 1) / perEpoch;
        steps = Math.min(plan.plannedSteps(), begun * perEpoch);
    }

    /** Refuses when fewer steps are left. */
    synchronized void requireSteps(long count) {
        if (steps + count > plan.plannedSteps()) {
            throw new PrivacyGuardException("steps=" + steps + " of " + plan.plannedSteps() + " planned: "
                    + (steps == plan.plannedSteps() ? "the budget is spent" : count + " more would exceed the budget")
                    + "; make a plan with more steps before a new training. Whatever is trained on the same data adds to"
                    + " what this training has spent");
        }
    }

    private synchronized void atLeast(long count) {
        steps = Math.max(steps, count);
    }

    void open(GradientSeal seal) {
        seals.add(seal);
    }

    void close(GradientSeal seal) {
        seals.remove(seal);
    }

    /** Refuses a gradient that no private network has made private for the step in progress on this thread. */
    void requireSealed(INDArray gradient) {
        for (GradientSeal seal : seals) {
            if (seal.covers(gradient)) {
                return;
            }
        }
        throw new PrivacyGuardException(
                "gradient: was not clipped and noised for this step, and an updater cannot do that;"
                        + " train with DpComputationGraph or DpMultiLayerNetwork (their of(network) takes over a stock network),"
                        + " or configure a plain updater for a training without privacy");
    }

    private Object readResolve() {
        return resume(id, plan, steps);
    }

    @Override
    public String toString() {
        return "PrivacyLedger(" + steps() + " of " + plan.plannedSteps() + " steps)";
    }
}
