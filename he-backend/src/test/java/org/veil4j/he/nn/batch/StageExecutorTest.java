package org.veil4j.he.nn.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.veil4j.he.circuit.ClearSlots;
import org.veil4j.he.circuit.CleartextAlgebra;
import org.veil4j.he.nn.ReferenceNetwork;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.NetworkGraph.Pooling;
import org.veil4j.he.nn.graph.NetworkGraph.Window;
import org.veil4j.he.nn.graph.TensorShape;

class StageExecutorTest {
    private static final int SLOTS = 3;
    private static final double SCALE = 0x1p44;

    @Test
    void plan_cryptoNet_mergesLinearLayersAndPoolsWithTheSquare() {
        List<Stage> stages = StagePlanner.plan(ReferenceNetwork.smallCryptoNet(new Random(1)));
        assertThat(stages.stream().map(Stage::name).collect(Collectors.toList()))
                .containsExactly("c1+a1+p1", "c2+p2+d1+a2", "d2");
        assertThat(stages.get(0).outputs()).isEqualTo(48);
        assertThat(stages.get(0).matrix().rows()).isEqualTo(243);
        assertThat(stages.get(1).matrix().rows()).isEqualTo(7);
        assertThat(stages.get(1).matrix().columns()).isEqualTo(48);
    }

    @Test
    void plan_nodesThatTheResultDoesNotNeed_takeNoStageAndNoLevel() {
        Random random = new Random(6);
        NetworkGraph graph = NetworkGraph.builder("in", TensorShape.vector(5))
                .add(ReferenceNetwork.dense(random, "d", "in", 5, 4))
                .add(new Polynomial("unused", "d", TensorShape.vector(4), new double[][] {{0, 0, 0, 1}}))
                .add(ReferenceNetwork.dense(random, "unused too", "unused", 4, 2))
                .build("d");
        List<Stage> stages = StagePlanner.plan(graph);
        assertThat(stages).hasSize(1);
        assertThat(schedule(stages).depth()).isEqualTo(1);
        assertRunsLikeReference(graph, 6);
    }

    @Test
    void run_cryptoNet_equalsLayerByLayer() {
        assertRunsLikeReference(ReferenceNetwork.smallCryptoNet(new Random(2)), 2);
    }

    @Test
    void run_residualWithCubicAndProjection_equalsLayerByLayer() {
        assertRunsLikeReference(ReferenceNetwork.smallResidual(new Random(3)), 3);
    }

    @Test
    void run_poolingBeforeConvolution_addsUpOnceWithoutALevel() {
        Random random = new Random(4);
        TensorShape in = new TensorShape(1, 8, 8);
        TensorShape half = new TensorShape(1, 4, 4);
        NetworkGraph graph = NetworkGraph.builder("in", in)
                .add(new Pooling("pool", "in", half, new Window(2, 2, 2, 2, 0, 0, 1, 1), 4))
                .add(ReferenceNetwork.convolution(random, "c", "pool", half, 8, 3, 1, 1))
                .build("c");
        List<Stage> stages = StagePlanner.plan(graph);
        assertThat(stages).hasSize(2);
        assertThat(stages.get(0).unit()).isTrue();
        assertThat(schedule(stages).depth()).isEqualTo(1);
        assertRunsLikeReference(graph, 4);
    }

    @Test
    void run_activationAtTheEndAndTwice_equalsLayerByLayer() {
        Random random = new Random(5);
        NetworkGraph.Builder b = NetworkGraph.builder("in", TensorShape.vector(5));
        b.add(ReferenceNetwork.dense(random, "d", "in", 5, 4));
        b.add(new Polynomial("a", "d", TensorShape.vector(4), new double[][] {{1, -2, 0.5, 0.25}}));
        b.add(new Polynomial("line", "a", TensorShape.vector(4), new double[][] {{0.5, -3}}));
        b.add(new Polynomial("b", "line", TensorShape.vector(4), new double[][] {{0, 0.125, 0.25, 0, 0}}));
        assertRunsLikeReference(b.build("b"), 5);
    }

    private static LevelSchedule schedule(List<Stage> stages) {
        return LevelSchedule.of(stages, 44, 38, 27, 24, false);
    }

    private static void assertRunsLikeReference(NetworkGraph graph, long seed) {
        List<Stage> stages = StagePlanner.plan(graph);
        assertRunsLikeReference(graph, stages, schedule(stages), seed);
        assertRunsLikeReference(graph, stages, LevelSchedule.of(stages, 44, 38, 27, 24, true), seed);
    }

    private static void assertRunsLikeReference(
            NetworkGraph graph, List<Stage> stages, LevelSchedule schedule, long seed) {
        Random random = new Random(seed);
        double[] primes = new double[schedule.depth() + 1];
        for (int l = 1; l < primes.length; l++) {
            // Any number near the power of two will do: scales must come out right for each.
            primes[l] = Math.scalb(1.0 + 1e-4 * random.nextDouble(), schedule.primeBits(l));
        }
        Plan plan = Plan.of(stages, schedule, SCALE, 0x1p38);
        double[][] images = new double[SLOTS][];
        for (int i = 0; i < SLOTS; i++) {
            images[i] = ReferenceNetwork.random(random, graph.inputShape().size(), 1);
        }
        List<ClearSlots> in = new ArrayList<>();
        for (int e = 0; e < graph.inputShape().size(); e++) {
            double[] slots = new double[SLOTS];
            for (int i = 0; i < SLOTS; i++) {
                slots[i] = images[i][e];
            }
            in.add(ClearSlots.of(slots, plan.inputLevel(), SCALE));
        }
        List<ClearSlots> out = new StageExecutor<>(new CleartextAlgebra(SLOTS, primes), plan)
                .run(in, (stage, count, name, done, total) -> {});
        for (int i = 0; i < SLOTS; i++) {
            double[] want = ReferenceNetwork.run(graph, images[i]);
            assertThat(out).hasSize(want.length);
            for (int o = 0; o < want.length; o++) {
                assertThat(out.get(o).toArray()[i])
                        .as("seed %d, image %d, output %d", seed, i, o)
                        .isCloseTo(want[o], within(1e-6 * Math.max(1, Math.abs(want[o]))));
                assertThat(out.get(o).level()).isZero();
                assertThat(out.get(o).scale()).isCloseTo(0x1p38, within(1e-3));
            }
        }
    }
}
