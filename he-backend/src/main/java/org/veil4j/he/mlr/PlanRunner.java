package org.veil4j.he.mlr;

import java.util.List;
import org.veil4j.he.mlr.encoding.MlrCircuit;

/**
 * Carries out a plan over any interpretation: iterations, and refreshes between them.
 *
 * @param <C> a vector of slots
 */
final class PlanRunner<C> {
    private final PlanValues plan;
    private final MlrCircuit<C> circuit;
    private final Refresh<C> refresh;
    private final Finished<C> finished;

    /** Makes fresh weights of the weights after iteration t. */
    @FunctionalInterface
    interface Refresh<C> {
        List<C> refresh(int t, List<C> weights);
    }

    /** Told the weights after iteration t, before they are refreshed. */
    @FunctionalInterface
    interface Finished<C> {
        void finished(int t, List<C> weights);
    }

    PlanRunner(PlanValues plan, MlrCircuit<C> circuit, Refresh<C> refresh, Finished<C> finished) {
        this.plan = plan;
        this.circuit = circuit;
        this.refresh = refresh;
        this.finished = finished;
    }

    /**
     * Runs what is left of the plan.
     *
     * @param done iterations that are finished
     * @param weights V, then W after these, fresh where the plan says so; empty for weights that are all zero
     */
    List<C> run(int done, List<C> weights) {
        List<C> now = weights;
        for (int t = done + 1; t <= plan.settings().iterations(); t++) {
            now = iterate(t, now);
            if (plan.refreshesAfter(t)) {
                now = refresh.refresh(t, now);
            }
        }
        return now;
    }

    /** One iteration. */
    List<C> iterate(int t, List<C> weights) {
        List<C> now = circuit.iterate(t, plan.levelBefore(t), weights);
        finished.finished(t, now);
        return now;
    }
}
