package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.veil4j.he.circuit.CostAlgebra;
import org.veil4j.he.circuit.CostSlots;
import org.veil4j.he.circuit.PlaintextForm;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecurityLevel;

/** Plans a network in the packed layout: stages, layouts, levels and the cheapest secure parameters. */
public final class PackedPlanner {
    private static final int SMALLEST_LOG_N = 13;
    private static final int LARGEST_LOG_N = 16;
    /** Keys that are four percent smaller are worth one percent of the time. */
    private static final double KEY_EXPONENT = 0.25;
    /** What a bit of the weights' precision is worth, as a part of the time. */
    private static final double PRECISION_PRICE = 0.03;

    private PackedPlanner() {}

    /**
     * What a plan is to keep to.
     *
     * @param logN log2 of the ring degree, or 0 for the smallest that is secure and large enough
     * @param images images that a ciphertext is to hold
     * @param logScale log2 of the scale between stages, at least
     * @param logOutputScale log2 of the result's scale
     * @param weightBits least bits of a prime that weights use up
     * @param secret whether weights are to be encrypted
     */
    public record Settings(
            int logN,
            int images,
            int logScale,
            int logOutputScale,
            int weightBits,
            SecurityLevel security,
            boolean secret) {}

    /**
     * A plan with parameters, weights and a counted run.
     *
     * @param cost what one run does and needs
     */
    public record Candidate(RlweParameters parameters, PackedPlan plan, ClearWeights weights, CostAlgebra cost) {}

    /**
     * Plans a network.
     *
     * @throws IllegalArgumentException if no ring degree is secure for its depth and large enough for its images
     */
    public static Candidate plan(NetworkGraph graph, Settings settings) {
        List<PackedStage> stages = StageFolding.fold(graph);
        int first = settings.logN() == 0 ? SMALLEST_LOG_N : settings.logN();
        int last = settings.logN() == 0 ? LARGEST_LOG_N : settings.logN();
        IllegalArgumentException reason = null;
        for (int logN = first; logN <= last; logN++) {
            List<PackedParameters.Choice> choices = new PackedParameters(stages, settings, logN).choices();
            if (choices.isEmpty()) {
                continue;
            }
            try {
                return best(graph, stages, choices, settings);
            } catch (IllegalArgumentException e) {
                reason = e;
            }
        }
        if (reason != null) {
            throw reason;
        }
        throw new IllegalArgumentException("depth=" + stages.size() + " stages: needs a wider modulus than logN=" + last
                + " offers at security " + settings.security()
                + "; use fewer or lower-degree activations, or a smaller scale");
    }

    private static Candidate best(
            NetworkGraph graph, List<PackedStage> stages, List<PackedParameters.Choice> choices, Settings settings) {
        RlweParameters typical = choices.get(0).parameters();
        int[] levelIn = choices.get(0).levels().levelIn();
        PackedLayout layout = LayoutSearch.search(
                stages,
                graph.inputShape(),
                typical.n() / 2,
                settings.images(),
                s -> new StageCost(
                        levelIn[s] + 1, typical.p().size(), typical.digitsAt(levelIn[s]), false, settings.secret()));
        ClearWeights weights = new ClearWeights(stages, settings.secret());
        Candidate best = null;
        double least = Double.POSITIVE_INFINITY;
        for (PackedParameters.Choice choice : choices) {
            PackedPlan plan = PackedPlan.of(
                    stages,
                    layout,
                    settings.images(),
                    levelIn,
                    choice.levels().depth(),
                    Math.scalb(1.0, choice.logScale()),
                    Math.scalb(1.0, settings.logOutputScale()));
            RlweParameters parameters = choice.parameters();
            CostAlgebra cost = count(parameters, plan, PlaintextForm.RESIDUES, settings.secret());
            Candidate c = new Candidate(parameters, plan, weights, cost);
            double price = price(c, choice);
            if (price < least) {
                best = c;
                least = price;
            }
        }
        if (best == null) {
            throw new IllegalStateException("there is at least one choice of parameters");
        }
        return best;
    }

    /** Time counts most; between choices that take about the same, keys should be small and weights precise. */
    private static double price(Candidate c, PackedParameters.Choice choice) {
        double keyBytes = (double) c.cost().keyRequest().serializedBytes(c.parameters());
        double rounding = 1 + PRECISION_PRICE * (PackedParameters.MAX_WEIGHT_BITS - choice.weightBits());
        return c.cost().counts().relativeCost() * Math.pow(keyBytes, KEY_EXPONENT) * rounding;
    }

    /**
     * A counted run of a plan.
     *
     * @param secret whether weights are encrypted
     */
    public static CostAlgebra count(RlweParameters parameters, PackedPlan plan, PlaintextForm form, boolean secret) {
        CostAlgebra cost = CostAlgebra.of(parameters, form);
        CostSlots fresh = new CostSlots(plan.inputLevel(), plan.scale(), 1);
        PackedExecutor.once(cost, plan, new CountedWeights(secret))
                .run(
                        new ArrayList<>(
                                Collections.nCopies(plan.layout().input().ciphertexts(), fresh)),
                        (stage, stages, name, done, total) -> {});
        return cost;
    }
}
