package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veil4j.he.circuit.ClearSlots;
import org.veil4j.he.circuit.CleartextAlgebra;
import org.veil4j.he.nn.batch.PlanCandidate;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.rlwe.SecurityLevel;

/** Random graphs, compiled and run in the clear, against the same graphs layer by layer. */
class RandomNetworksTest {
    private static final int NETWORKS = 150;

    @Test
    void run_randomGraphs_equalLayerByLayer() {
        int deepest = 0;
        for (long seed = 0; seed < NETWORKS; seed++) {
            Random random = new Random(seed);
            NetworkGraph graph = RandomGraphs.graph(random);
            double[][] images = new double[2][];
            for (int i = 0; i < images.length; i++) {
                images[i] = ReferenceNetwork.random(random, graph.inputShape().size(), 1);
            }
            CompileOptions options = CompileOptions.builder()
                    .logN(10)
                    .inputRange(-1, 1)
                    .weightBits(30)
                    .logScale(44)
                    .logOutputScale(30)
                    .security(SecurityLevel.INSECURE_TEST)
                    .build();
            for (boolean late : new boolean[] {false, true}) {
                Program program = BatchProgram.compile(graph, options, late);
                ValueRanges ranges = program.ranges(options, ImageBatch.of(images));
                double[][] have = run(program, images);
                double largest = 0;
                for (int i = 0; i < images.length; i++) {
                    double[] want = ReferenceNetwork.run(graph, images[i]);
                    for (int o = 0; o < want.length; o++) {
                        largest = Math.max(largest, Math.abs(want[o]));
                        assertThat(have[i][o])
                                .as("seed %d, late %s, output %d of %s", seed, late, o, graph.nodes())
                                .isCloseTo(want[o], within(1e-5 * Math.max(1, Math.abs(want[o]))));
                    }
                }
                StageRange last = ranges.stages().get(ranges.stages().size() - 1);
                assertThat(last.largestMeasured()).as("seed %d", seed).isGreaterThan(largest * 0.999 - 1e-4);
                assertThat(last.largestPossible()).as("seed %d", seed).isGreaterThan(largest * 0.999);
                deepest = Math.max(deepest, program.inputLevel());
            }
        }
        assertThat(deepest).as("levels of the deepest network").isGreaterThan(8);
    }

    private static double[][] run(Program program, double[][] images) {
        List<ClearSlots> in = new ArrayList<>();
        for (int e = 0; e < images[0].length; e++) {
            in.add(ClearSlots.of(
                    new double[] {images[0][e], images[1][e]}, program.inputLevel(), program.inputScale()));
        }
        List<ClearSlots> out = program.over(new CleartextAlgebra(2, PlanCandidate.primes(program.parameters())))
                .run(in, InferenceListener.NONE);
        double[][] rows = new double[2][out.size()];
        for (int o = 0; o < out.size(); o++) {
            rows[0][o] = out.get(o).toArray()[0];
            rows[1][o] = out.get(o).toArray()[1];
        }
        return rows;
    }
}
