package org.veil4j.he.nn.batch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.veil4j.he.circuit.CostAlgebra;
import org.veil4j.he.circuit.CostSlots;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.plan.ParameterChoice;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * A way to run a network: a plan, the smallest secure parameters for it, and a counted run.
 *
 * @param cost what one run of the plan does and needs
 */
public record PlanCandidate(RlweParameters parameters, Plan plan, CostAlgebra cost) {
    private static final Logger LOG = LogManager.getLogger(PlanCandidate.class);

    /**
     * The cheaper one of early and late rescaling; the latter takes a wider modulus, perhaps too wide a one.
     *
     * @throws IllegalArgumentException if no secure parameters exist for the network's depth
     */
    public static PlanCandidate best(NetworkGraph graph, BatchOptions options) {
        List<Stage> stages = StagePlanner.plan(graph);
        PlanCandidate early = of(graph, stages, options, false);
        try {
            PlanCandidate late = of(graph, stages, options, true);
            return late.price() < early.price() ? late : early;
        } catch (IllegalArgumentException e) {
            LOG.debug("no late rescaling: {}", e.getMessage());
            return early;
        }
    }

    /**
     * The plan with late rescaling wherever possible, or with none.
     *
     * @throws IllegalArgumentException if no secure parameters exist for the network's depth
     */
    public static PlanCandidate of(NetworkGraph graph, BatchOptions options, boolean late) {
        return of(graph, StagePlanner.plan(graph), options, late);
    }

    private static PlanCandidate of(NetworkGraph graph, List<Stage> stages, BatchOptions options, boolean late) {
        RlweParameters parameters = parameters(stages, options, late);
        Plan plan = Plan.of(
                stages,
                schedule(stages, options, parameters.logN(), late),
                Math.scalb(1.0, options.logScale()),
                Math.scalb(1.0, options.logOutputScale()));
        return new PlanCandidate(
                parameters, plan, count(parameters, plan, graph.inputShape().size()));
    }

    /** A counted run of a plan for a network of the given number of input elements. */
    public static CostAlgebra count(RlweParameters parameters, Plan plan, int inputs) {
        CostAlgebra cost = new CostAlgebra(
                parameters.n() / 2,
                primes(parameters),
                parameters.digitSize(),
                parameters.p().size());
        CostSlots fresh = new CostSlots(plan.inputLevel(), plan.scale(), 1);
        new StageExecutor<>(cost, plan)
                .run(new ArrayList<>(Collections.nCopies(inputs, fresh)), (stage, stages, name, done, total) -> {});
        return cost;
    }

    private double price() {
        return cost.counts().relativeCost() * parameters.n() * parameters.logN();
    }

    private static LevelSchedule schedule(List<Stage> stages, BatchOptions options, int logN, boolean late) {
        return LevelSchedule.of(
                stages,
                options.logScale(),
                options.logOutputScale(),
                options.weightBits(),
                ParameterChoice.minPrimeBits(logN),
                late);
    }

    /** A larger ring has a higher least width of primes, which may ask for a larger ring: a few rounds settle it. */
    private static RlweParameters parameters(List<Stage> stages, BatchOptions options, boolean late) {
        int logN = options.logN();
        int assumed = logN == 0 ? 12 : logN;
        while (true) {
            LevelSchedule schedule = schedule(stages, options, assumed, late);
            RlweParameters found =
                    ParameterChoice.choose(schedule.primeBits(), options.images(), logN, options.security());
            if (ParameterChoice.minPrimeBits(found.logN()) == ParameterChoice.minPrimeBits(assumed)) {
                return found;
            }
            assumed = found.logN();
        }
    }

    /** The primes of a modulus chain, index = level. */
    public static double[] primes(RlweParameters parameters) {
        double[] primes = new double[parameters.q().size()];
        for (int i = 0; i < primes.length; i++) {
            primes[i] = parameters.q().modulus(i).p();
        }
        return primes;
    }
}
