package org.veil4j.he.nn.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veil4j.he.circuit.ClearSlots;
import org.veil4j.he.circuit.CleartextAlgebra;
import org.veil4j.he.nn.RandomGraphs;
import org.veil4j.he.nn.ReferenceNetwork;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.rlwe.SecurityLevel;

/** Random graphs in the packed layout, run in the clear, against the same graphs layer by layer. */
class PackedNetworksTest {
    private static final int NETWORKS = 100;

    static PackedPlanner.Settings settings(int logN, int images) {
        return new PackedPlanner.Settings(logN, images, 40, 36, 30, SecurityLevel.INSECURE_TEST, false);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void run_randomGraphs_equalLayerByLayer(int images) {
        int deepest = 0;
        int refused = 0;
        for (long seed = 0; seed < NETWORKS; seed++) {
            Random random = new Random(seed);
            NetworkGraph graph = RandomGraphs.graph(random);
            double[][] inputs = new double[images][];
            for (int i = 0; i < images; i++) {
                inputs[i] = ReferenceNetwork.random(random, graph.inputShape().size(), 1);
            }
            PackedPlanner.Candidate candidate;
            try {
                candidate = PackedPlanner.plan(graph, settings(10, images));
            } catch (IllegalArgumentException e) {
                assertThat(e).as("seed %d", seed).hasMessageContaining("use the batch layout");
                refused++;
                continue;
            }
            double[][] have = run(candidate, inputs);
            for (int i = 0; i < images; i++) {
                double[] want = ReferenceNetwork.run(graph, inputs[i]);
                for (int o = 0; o < want.length; o++) {
                    assertThat(have[i][o])
                            .as("seed %d, image %d, output %d of %s", seed, i, o, graph.nodes())
                            .isCloseTo(want[o], within(1e-6 * Math.max(1, Math.abs(want[o]))));
                }
            }
            deepest = Math.max(deepest, candidate.plan().inputLevel());
        }
        assertThat(deepest).as("levels of the deepest network").isGreaterThan(8);
        assertThat(refused)
                .as("networks with polynomials of degree 3 by channel")
                .isLessThan(NETWORKS / 3);
    }

    @Test
    void plan_pairOfImages_keepsThemApart() {
        Random random = new Random(7);
        NetworkGraph graph = RandomGraphs.graph(random);
        double[][] inputs = new double[2][];
        inputs[0] = ReferenceNetwork.random(random, graph.inputShape().size(), 1);
        inputs[1] = ReferenceNetwork.random(random, graph.inputShape().size(), 1);
        PackedPlanner.Candidate candidate = PackedPlanner.plan(graph, settings(10, 2));
        double[] first = run(candidate, inputs)[0];
        inputs[1] = new double[inputs[1].length];
        assertThat(run(candidate, inputs)[0]).containsExactly(first);
    }

    static double[][] run(PackedPlanner.Candidate candidate, double[][] images) {
        PackedPlan plan = candidate.plan();
        List<ClearSlots> in = new ArrayList<>();
        for (int c = 0; c < plan.layout().input().ciphertexts(); c++) {
            double[] slots = new double[plan.slots()];
            for (int i = 0; i < images.length; i++) {
                double[] one = plan.layout().input().place(images[i])[c];
                for (int t = 0; t < one.length; t++) {
                    slots[t * images.length + i] = one[t];
                }
            }
            in.add(ClearSlots.of(slots, plan.inputLevel(), plan.scale()));
        }
        List<ClearSlots> out = PackedExecutor.prepared(
                        CleartextAlgebra.of(plan.slots(), candidate.parameters()), plan, candidate.weights())
                .run(in, (stage, stages, name, done, total) -> {});
        Placement placement =
                plan.layout().stages().get(plan.stages().size() - 1).placement();
        double[][] rows = new double[images.length][plan.outputs()];
        for (int c = 0; c < out.size(); c++) {
            double[] slots = out.get(c).toArray();
            for (int t = 0; t < slots.length; t++) {
                int element = placement.at()[c][t / images.length];
                if (element != Placement.NONE) {
                    rows[t % images.length][element] = slots[t];
                }
            }
        }
        return rows;
    }
}
