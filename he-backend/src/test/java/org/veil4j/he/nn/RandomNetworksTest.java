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
import org.veil4j.he.nn.graph.NetworkGraph.Addition;
import org.veil4j.he.nn.graph.NetworkGraph.ChannelAffine;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.NetworkGraph.Pooling;
import org.veil4j.he.nn.graph.NetworkGraph.Reshape;
import org.veil4j.he.nn.graph.NetworkGraph.Window;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.rlwe.SecurityLevel;

/** Random graphs, compiled and run in the clear, against the same graphs layer by layer. */
class RandomNetworksTest {
    private static final int NETWORKS = 150;

    @Test
    void run_randomGraphs_equalLayerByLayer() {
        int deepest = 0;
        for (long seed = 0; seed < NETWORKS; seed++) {
            Random random = new Random(seed);
            NetworkGraph graph = graph(random);
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

    private static NetworkGraph graph(Random random) {
        TensorShape in = new TensorShape(1 + random.nextInt(2), 4 + random.nextInt(3), 4 + random.nextInt(3));
        NetworkGraph.Builder b = NetworkGraph.builder("in", in);
        List<String> names = new ArrayList<>(List.of("in"));
        int polynomials = 0;
        int count = 3 + random.nextInt(8);
        for (int i = 0; i < count; i++) {
            // Mostly the newest node, so that networks become deep; sometimes any other.
            String from = names.get(random.nextInt(3) > 0 ? names.size() - 1 : random.nextInt(names.size()));
            String name = "n" + i;
            TensorShape shape = b.shape(from);
            switch (random.nextInt(7)) {
                case 0 -> b.add(ReferenceNetwork.dense(random, name, from, shape.size(), 1 + random.nextInt(6)));
                case 1 -> {
                    int kernel = 1 + random.nextInt(Math.min(3, Math.min(shape.height(), shape.width())));
                    b.add(ReferenceNetwork.convolution(
                            random,
                            name,
                            from,
                            shape,
                            1 + random.nextInt(3),
                            kernel,
                            1 + random.nextInt(2),
                            random.nextInt(2)));
                }
                case 2 -> b.add(pooling(random, name, from, shape));
                case 3 ->
                    b.add(new ChannelAffine(
                            name,
                            from,
                            shape,
                            ReferenceNetwork.random(random, shape.channels(), 1),
                            ReferenceNetwork.random(random, shape.channels(), 0.5)));
                case 4 -> b.add(addition(b, random, name, from, names));
                case 5 -> b.add(new Reshape(name, from, TensorShape.vector(shape.size())));
                default -> {
                    if (polynomials++ < 4) {
                        b.add(polynomial(random, name, from, shape));
                    } else {
                        b.add(new Reshape(name, from, shape));
                    }
                }
            }
            names.add(name);
        }
        return b.build(names.get(random.nextInt(4) > 0 ? names.size() - 1 : 1 + random.nextInt(names.size() - 1)));
    }

    private static Pooling pooling(Random random, String name, String from, TensorShape in) {
        int kernel = 1 + random.nextInt(Math.min(3, Math.min(in.height(), in.width())));
        int stride = 1 + random.nextInt(kernel);
        int pad = kernel > 1 ? random.nextInt(2) : 0;
        TensorShape shape = new TensorShape(
                in.channels(),
                (in.height() + 2 * pad - kernel) / stride + 1,
                (in.width() + 2 * pad - kernel) / stride + 1);
        double divisor = new double[] {0, 1, kernel * kernel}[random.nextInt(3)];
        return new Pooling(name, from, shape, new Window(kernel, kernel, stride, stride, pad, pad, 1, 1), divisor);
    }

    /** With every earlier node of the same shape, itself among them. */
    private static Addition addition(
            NetworkGraph.Builder b, Random random, String name, String from, List<String> names) {
        List<String> inputs = new ArrayList<>(List.of(from));
        for (String other : names) {
            if (b.shape(other).equals(b.shape(from)) && random.nextBoolean()) {
                inputs.add(other);
            }
        }
        return new Addition(name, inputs, b.shape(from));
    }

    private static Polynomial polynomial(Random random, String name, String from, TensorShape shape) {
        int degree = 1 + random.nextInt(4);
        double[][] coefficients = new double[random.nextBoolean() ? 1 : shape.channels()][];
        for (int c = 0; c < coefficients.length; c++) {
            coefficients[c] = ReferenceNetwork.random(random, degree + 1, 0.5);
            if (random.nextInt(4) == 0) {
                coefficients[c][random.nextInt(degree + 1)] = 0;
            }
        }
        return new Polynomial(name, from, shape, coefficients);
    }
}
