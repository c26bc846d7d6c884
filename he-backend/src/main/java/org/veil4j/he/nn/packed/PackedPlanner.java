package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.veil4j.he.circuit.CostAlgebra;
import org.veil4j.he.circuit.CostSlots;
import org.veil4j.he.circuit.PlaintextForm;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.plan.ParameterChoice;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecurityLevel;

/** Plans a network in the packed layout: stages, layouts, levels and the cheapest secure parameters. */
public final class PackedPlanner {
    private static final int SMALLEST_LOG_N = 13;
    private static final int LARGEST_LOG_N = 16;

    private PackedPlanner() {}

    /**
     * What a plan is to keep to.
     *
     * @param logN log2 of the ring degree, or 0 for the smallest that is secure and large enough
     * @param images images that a ciphertext is to hold
     * @param logScale log2 of the scale between stages
     * @param logOutputScale log2 of the result's scale
     * @param weightBits bits of a prime that weights use up
     */
    public record Settings(
            int logN, int images, int logScale, int logOutputScale, int weightBits, SecurityLevel security) {}

    /**
     * A plan with parameters and a counted run.
     *
     * @param cost what one run does and needs
     */
    public record Candidate(RlweParameters parameters, PackedPlan plan, CostAlgebra cost) {}

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
            PackedLevels levels = new PackedLevels(
                    stages,
                    settings.logScale(),
                    settings.logOutputScale(),
                    settings.weightBits(),
                    ParameterChoice.minPrimeBits(logN));
            List<RlweParameters> choices = PackedParameters.choices(levels, logN, settings.security());
            if (choices.isEmpty()) {
                continue;
            }
            try {
                return best(graph, stages, levels, choices, settings);
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
            NetworkGraph graph,
            List<PackedStage> stages,
            PackedLevels levels,
            List<RlweParameters> choices,
            Settings settings) {
        RlweParameters typical = choices.get(0);
        int[] levelIn = levels.levelIn();
        PackedLayout layout = LayoutSearch.search(
                stages,
                graph.inputShape(),
                typical.n() / 2,
                settings.images(),
                s -> new StageCost(levelIn[s] + 1, typical.p().size(), typical.digitsAt(levelIn[s]), false));
        PackedPlan plan = new PackedPlan(
                stages,
                layout,
                settings.images(),
                levelIn,
                levels.depth(),
                Math.scalb(1.0, settings.logScale()),
                Math.scalb(1.0, settings.logOutputScale()));
        Candidate best = null;
        for (RlweParameters parameters : choices) {
            Candidate c = new Candidate(parameters, plan, count(parameters, plan, PlaintextForm.RESIDUES));
            if (best == null
                    || c.cost().counts().relativeCost() < best.cost().counts().relativeCost()) {
                best = c;
            }
        }
        if (best == null) {
            throw new IllegalStateException("there is at least one choice of parameters");
        }
        return best;
    }

    /** A counted run of a plan. */
    public static CostAlgebra count(RlweParameters parameters, PackedPlan plan, PlaintextForm form) {
        CostAlgebra cost = CostAlgebra.of(parameters, form);
        CostSlots fresh = new CostSlots(plan.inputLevel(), plan.scale(), 1);
        PackedExecutor.counting(cost, plan)
                .run(
                        new ArrayList<>(
                                Collections.nCopies(plan.layout().input().ciphertexts(), fresh)),
                        (stage, stages, name, done, total) -> {});
        return cost;
    }
}
