package org.veil4j.he.nn.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veil4j.he.nn.ReferenceNetwork;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.NetworkGraph.Addition;
import org.veil4j.he.nn.graph.NetworkGraph.ChannelAffine;
import org.veil4j.he.nn.graph.NetworkGraph.Convolution;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.NetworkGraph.Pooling;
import org.veil4j.he.nn.graph.NetworkGraph.Reshape;
import org.veil4j.he.nn.graph.NetworkGraph.Window;
import org.veil4j.he.nn.graph.TensorShape;

/** Networks of odd shapes in the packed layout, run in the clear, against the same networks layer by layer. */
class PackedShapesTest {
    private static final double[][] SQUARE = {{0, 0, 1}};
    private static final double[][] SHIFTED_SQUARE = {{0.25, 0.5, 0.3}};
    private static final int LOG_N = 10;

    private static PackedPlanner.Candidate check(NetworkGraph graph, int images, long seed) {
        PackedPlanner.Candidate candidate = PackedPlanner.plan(graph, PackedNetworksTest.settings(LOG_N, images));
        Random random = new Random(seed);
        double[][] inputs = new double[images][];
        for (int i = 0; i < images; i++) {
            inputs[i] = ReferenceNetwork.random(random, graph.inputShape().size(), 1);
        }
        double[][] have = PackedNetworksTest.run(candidate, inputs);
        for (int i = 0; i < images; i++) {
            double[] want = ReferenceNetwork.run(graph, inputs[i]);
            assertThat(have[i]).hasSameSizeAs(want);
            for (int o = 0; o < want.length; o++) {
                assertThat(have[i][o])
                        .as(
                                "seed %d, image %d of %d, output %d of %s",
                                seed, i, images, o, candidate.plan().stages())
                        .isCloseTo(want[o], within(1e-6 * Math.max(1, Math.abs(want[o]))));
            }
        }
        return candidate;
    }

    /** A convolution whose output's size is given: what it lacks on the right and below is padding. */
    private static String convolution(
            NetworkGraph.Builder b, Random random, String name, String from, TensorShape out, Window w) {
        int in = b.shape(from).channels();
        int weights = out.channels() * in * w.size();
        b.add(new Convolution(
                name,
                from,
                out,
                w,
                ReferenceNetwork.random(random, weights, 1.5 / Math.sqrt(in * w.size())),
                ReferenceNetwork.random(random, out.channels(), 0.5)));
        return name;
    }

    private static String activation(NetworkGraph.Builder b, String name, String from, double[]... coefficients) {
        b.add(new Polynomial(name, from, b.shape(from), coefficients));
        return name;
    }

    private static String dense(NetworkGraph.Builder b, Random random, String name, String from, int out) {
        b.add(ReferenceNetwork.dense(random, name, from, b.shape(from).size(), out));
        return name;
    }

    private static Window window(int kernel, int stride, int pad) {
        return new Window(kernel, kernel, stride, stride, pad, pad, 1, 1);
    }

    /** Convolution, activation, convolution, activation, dense: of the given input, with the same window twice. */
    private static NetworkGraph twice(Random random, TensorShape in, Window w, int channels) {
        NetworkGraph.Builder b = NetworkGraph.builder("in", in);
        String at = "in";
        for (int i = 0; i < 2; i++) {
            TensorShape shape = b.shape(at);
            TensorShape out = new TensorShape(
                    channels,
                    after(shape.height(), w.kernelHeight(), w.strideY(), w.padTop(), w.dilationY()),
                    after(shape.width(), w.kernelWidth(), w.strideX(), w.padLeft(), w.dilationX()));
            at = convolution(b, random, "c" + i, at, out, w);
            at = activation(b, "a" + i, at, i == 0 ? SHIFTED_SQUARE : SQUARE);
        }
        return b.build(dense(b, random, "d", at, 3));
    }

    private static int after(int size, int kernel, int stride, int pad, int dilation) {
        return Math.max(1, (size + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "1,1,12, 1,3, 1,1, 0,1, 1,1", // a row
        "2,13,1, 3,1, 2,1, 1,0, 1,1", // a column, with a stride
        "1,7,5, 3,3, 1,1, 1,1, 1,1",
        "2,7,5, 3,3, 2,2, 1,1, 1,1",
        "1,11,9, 3,3, 3,3, 0,0, 1,1",
        "3,9,11, 2,3, 3,2, 1,0, 1,1",
        "1,9,9, 3,3, 1,1, 2,2, 2,2",
        "1,11,13, 2,2, 2,1, 0,1, 3,2",
        "2,10,10, 5,5, 2,2, 2,2, 1,1",
        "1,12,12, 1,1, 3,3, 0,0, 1,1",
        "5,3,3, 3,3, 1,1, 1,1, 1,1",
        "1,5,5, 3,3, 4,4, 2,2, 1,1"
    })
    void run_convolutionsOfOddShapes_equalLayerByLayer(
            int channels, int height, int width, int kh, int kw, int sy, int sx, int pt, int pl, int dy, int dx) {
        Window w = new Window(kh, kw, sy, sx, pt, pl, dy, dx);
        for (int images : new int[] {1, 2}) {
            check(twice(new Random(height * 31L + width), new TensorShape(channels, height, width), w, 3), images, 1);
        }
    }

    /** Padding can make a map larger than the input, and than the input's rows and columns rounded up to powers of two. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 7, 8})
    void run_paddingThatEnlargesTheMaps_equalLayerByLayer(int size) {
        check(twice(new Random(size), new TensorShape(1, size, size), window(1, 1, 1), 2), 1, size);
        check(twice(new Random(size), new TensorShape(2, size, size), window(2, 1, 2), 3), 1, size);
    }

    @Test
    void run_paddingOnOneSideOnly_equalsLayerByLayer() {
        for (int[] pad : new int[][] {{0, 0}, {2, 0}, {0, 2}, {1, 2}}) {
            NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(2, 8, 8));
            Random random = new Random(pad[0] * 3 + pad[1]);
            Window w = new Window(3, 3, 1, 1, pad[0], pad[1], 1, 1);
            String at = convolution(b, random, "c", "in", new TensorShape(3, 8, 8), w); // the rest of "same" padding
            at = activation(b, "a", at, SQUARE);
            at = convolution(b, random, "c2", at, new TensorShape(2, 4, 4), new Window(3, 3, 2, 2, 0, 0, 1, 1));
            check(b.build(activation(b, "a2", at, SHIFTED_SQUARE)), 2, pad[0] * 3 + pad[1]);
        }
    }

    @ParameterizedTest
    @CsvSource({"2,2,0,1", "3,2,1,1", "2,2,0,4", "3,3,1,9", "3,1,1,0", "8,1,0,64", "8,1,0,1", "2,2,1,0"})
    void run_pooling_equalsLayerByLayer(int kernel, int stride, int pad, double divisor) {
        Random random = new Random(kernel);
        NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(2, 8, 8));
        String at = convolution(b, random, "c", "in", new TensorShape(3, 8, 8), window(3, 1, 1));
        at = activation(b, "a", at, SQUARE);
        int size = after(8, kernel, stride, pad, 1);
        b.add(new Pooling("p", at, new TensorShape(3, size, size), window(kernel, stride, pad), divisor));
        check(b.build(activation(b, "a2", "p", SHIFTED_SQUARE)), 1, kernel); // a result that is a map
        check(b.build(dense(b, random, "d", "a2", 5)), 4, kernel);
        check(b.build("p"), 1, kernel); // an early node
        check(b.build("in"), 1, kernel); // the earliest
    }

    @Test
    void run_linearLayersInARow_areOneStage() {
        Random random = new Random(5);
        NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(1, 7, 5));
        String at = convolution(b, random, "c1", "in", new TensorShape(2, 7, 5), window(3, 1, 1));
        at = convolution(b, random, "c2", at, new TensorShape(3, 4, 3), window(3, 2, 1));
        b.add(new Pooling("p", at, new TensorShape(3, 2, 1), window(2, 2, 0), 4));
        PackedPlanner.Candidate c = check(b.build("p"), 2, 5);
        assertThat(c.plan().stages()).hasSize(1);
        assertThat(c.plan().inputLevel()).isEqualTo(1);
    }

    @Test
    void run_residualBlocks_equalLayerByLayer() {
        Random random = new Random(6);
        TensorShape wide = new TensorShape(2, 8, 8);
        NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(1, 8, 8));
        String stem = convolution(b, random, "stem", "in", wide, window(3, 1, 1));
        b.add(new ChannelAffine("bn", stem, wide, new double[] {0.5, -0.75}, new double[] {0.1, 0.2}));
        String a = activation(b, "a", "bn", SHIFTED_SQUARE);
        String c1 = convolution(b, random, "c1", a, wide, window(3, 1, 1));
        String a1 = activation(b, "a1", c1, SQUARE);
        String c2 = convolution(b, random, "c2", a1, wide, window(3, 1, 1));
        b.add(new Addition("same", List.of(c2, stem, a, "bn"), wide)); // identity shortcuts, from before and after
        String s = activation(b, "s", "same", SHIFTED_SQUARE);
        TensorShape small = new TensorShape(4, 4, 4);
        String c3 = convolution(b, random, "c3", s, small, window(3, 2, 1));
        String a3 = activation(b, "a3", c3, SQUARE);
        String c4 = convolution(b, random, "c4", a3, small, window(3, 1, 1));
        String p = convolution(b, random, "p", "same", small, window(1, 2, 0)); // projection
        b.add(new Addition("sum", List.of(c4, p), small));
        String last = activation(b, "last", "sum", SQUARE);
        check(b.build(dense(b, random, "d", last, 3)), 1, 6);
        check(b.build("sum"), 2, 6);
    }

    @Test
    void run_branchReadThriceAndInputReadLate_equalsLayerByLayer() {
        Random random = new Random(7);
        TensorShape shape = new TensorShape(2, 5, 6);
        NetworkGraph.Builder b = NetworkGraph.builder("in", shape);
        String a = activation(b, "a", "in", SHIFTED_SQUARE); // of the input itself
        String x = convolution(b, random, "x", a, shape, window(3, 1, 1));
        String y = convolution(b, random, "y", a, shape, window(1, 1, 0));
        String z = activation(b, "z", y, SQUARE);
        b.add(new Addition("sum", List.of(x, z, a, "in", a), shape));
        String s = activation(b, "s", "sum", SQUARE);
        b.add(new Addition("late", List.of(s, "in", a, "sum"), shape));
        check(b.build(dense(b, random, "d", "late", 2)), 2, 7);
    }

    @Test
    void run_activationsInARow_equalLayerByLayer() {
        Random random = new Random(8);
        NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(2, 4, 4));
        String a = activation(b, "a", "in", SHIFTED_SQUARE);
        a = activation(b, "a2", a, new double[] {0.1, 0.9, 0.05, 0.02}); // a cubic that all channels share
        a = activation(b, "a3", a, SQUARE);
        a = activation(b, "line", a, new double[] {0.5, 0.25});
        a = activation(b, "constant", a, new double[] {0.5, 0.25, 0, 0});
        check(b.build(dense(b, random, "d", a, 2)), 1, 8);
    }

    @Test
    void run_quadraticsThatAreNoSquares_equalLayerByLayer() {
        for (double[][] c : new double[][][] {
            {{0.1, 1, 0.001}, {0.2, 0.5, 0.25}}, // shifted too far
            {{0.1, 1, 0}, {0.2, 0.5, 0.25}}, // a line in one channel
            {{0.1, 0, 0}, {0, 0, 0.25}}, // a constant
            {{0, 0, 0}, {0, 0, 0}} // nothing at all
        }) {
            Random random = new Random(9);
            NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(1, 5, 5));
            String at = convolution(b, random, "c", "in", new TensorShape(2, 3, 3), window(3, 2, 1));
            at = activation(b, "a", at, c);
            at = convolution(b, random, "c2", at, new TensorShape(2, 3, 3), window(3, 1, 1));
            check(b.build(activation(b, "a2", at, SQUARE)), 2, 9);
        }
    }

    @Test
    void plan_cubicByChannel_isRefusedByName() {
        NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(2, 4, 4));
        String a = activation(b, "cubic", "in", new double[] {0, 1, 0, 1}, new double[] {0, 1, 0, 2});
        NetworkGraph graph = b.build(a);
        assertThatThrownBy(() -> PackedPlanner.plan(graph, PackedNetworksTest.settings(LOG_N, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cubic")
                .hasMessageContaining("batch layout");
    }

    @Test
    void run_constantLayers_equalLayerByLayer() {
        TensorShape in = new TensorShape(1, 5, 5);
        TensorShape out = new TensorShape(3, 5, 5);
        for (int zero = 0; zero < 3; zero++) {
            Random random = new Random(10);
            NetworkGraph.Builder b = NetworkGraph.builder("in", in);
            double[] weights = zero == 0 ? new double[27] : ReferenceNetwork.random(random, 27, 0.5);
            b.add(new Convolution("c", "in", out, window(3, 1, 1), weights, new double[] {0.5, -1, 0}));
            activation(b, "a", "c", SQUARE);
            double[] second = zero == 1 ? new double[9] : ReferenceNetwork.random(random, 9, 0.5);
            b.add(new Convolution("c2", "a", out, window(1, 1, 0), second, new double[3]));
            b.add(new Addition("s", List.of("c2", "c"), out));
            activation(b, "a2", "s", SHIFTED_SQUARE);
            double[] last = zero == 2 ? new double[150] : ReferenceNetwork.random(random, 150, 0.1);
            b.add(new NetworkGraph.Dense("d", "a2", TensorShape.vector(2), last, new double[] {0.25, 0}));
            check(b.build("d"), 2, 10 + zero);
        }
    }

    /** Only one position has a weight, and not the one in the middle, by which layouts are judged. */
    @Test
    void run_weightsAtTheBorderOnly_equalLayerByLayer() {
        NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(1, 6, 6));
        double[] corner = new double[9];
        corner[8] = 1;
        b.add(new Convolution(
                "c", "in", new TensorShape(1, 6, 6), new Window(3, 3, 1, 1, 7, 7, 1, 1), corner, new double[] {0.5}));
        check(b.build(activation(b, "a", "c", SQUARE)), 1, 11);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 31, 32, 33, 100})
    void run_vectorsOnly_equalLayerByLayer(int size) {
        Random random = new Random(size);
        NetworkGraph.Builder b = NetworkGraph.builder("in", TensorShape.vector(size));
        String at = dense(b, random, "d1", "in", 2 * size + 1);
        at = activation(b, "a1", at, SQUARE);
        at = dense(b, random, "d2", at, Math.max(1, size / 2));
        at = activation(b, "a2", at, SHIFTED_SQUARE);
        check(b.build(dense(b, random, "d3", at, 3)), 2, size);
    }

    @Test
    void run_vectorThatBecomesAMapAndBack_equalsLayerByLayer() {
        Random random = new Random(12);
        NetworkGraph.Builder b = NetworkGraph.builder("in", TensorShape.vector(25));
        b.add(new Reshape("map", "in", new TensorShape(1, 5, 5)));
        String at = convolution(b, random, "c", "map", new TensorShape(3, 5, 5), window(3, 1, 1));
        at = activation(b, "a", at, SQUARE);
        b.add(new Reshape("flat", at, TensorShape.vector(75)));
        at = dense(b, random, "d", "flat", 20);
        at = activation(b, "a2", at, SQUARE);
        b.add(new Reshape("map2", at, new TensorShape(5, 2, 2)));
        at = convolution(b, random, "c2", "map2", new TensorShape(2, 2, 2), window(3, 1, 1));
        check(b.build(activation(b, "a3", at, SQUARE)), 1, 12);
    }

    /** 512 slots an image: 20 channels of 8 x 8 are three ciphertexts, and 600 elements of a vector two. */
    @Test
    void run_severalCiphertextsATensor_equalLayerByLayer() {
        Random random = new Random(13);
        NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(9, 8, 8));
        String at = convolution(b, random, "c", "in", new TensorShape(20, 8, 8), window(1, 1, 0));
        at = activation(b, "a", at, SQUARE);
        at = convolution(b, random, "c2", at, new TensorShape(10, 4, 4), window(2, 2, 0));
        at = activation(b, "a2", at, SHIFTED_SQUARE);
        PackedPlanner.Candidate c = check(b.build(dense(b, random, "d", at, 4)), 1, 13);
        assertThat(c.plan().layout().input().ciphertexts()).isEqualTo(2);
        assertThat(c.plan().layout().stages().get(0).placement().ciphertexts()).isEqualTo(3);
    }

    @Test
    void run_vectorsOfSeveralCiphertexts_equalLayerByLayer() {
        Random random = new Random(14);
        NetworkGraph.Builder b = NetworkGraph.builder("in", TensorShape.vector(40));
        String at = dense(b, random, "d", "in", 70);
        at = activation(b, "a", at, SQUARE);
        NetworkGraph graph = b.build(dense(b, random, "d2", at, 35));
        for (int images : new int[] {1, 8, 16, 64}) { // 64: eight slots an image
            PackedPlanner.Candidate c = check(graph, images, 14);
            int slots = 512 / images;
            assertThat(c.plan().layout().input().ciphertexts()).isEqualTo((40 + slots - 1) / slots);
        }
    }

    @Test
    void plan_imageOrImagesThatDoNotFit_areRefusedWithBothNumbers() {
        NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(1, 24, 20));
        NetworkGraph graph = b.build(activation(b, "a", "in", SQUARE));
        assertThatThrownBy(() -> PackedPlanner.plan(graph, PackedNetworksTest.settings(LOG_N, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("512 slots")
                .hasMessageContaining("1x24x20")
                .hasMessageContaining("1024");
        NetworkGraph.Builder small = NetworkGraph.builder("in", new TensorShape(1, 8, 8));
        NetworkGraph fits = small.build(activation(small, "a", "in", SQUARE));
        check(fits, 8, 15);
        for (int images : new int[] {16, 1024}) {
            assertThatThrownBy(() -> PackedPlanner.plan(fits, PackedNetworksTest.settings(LOG_N, images)))
                    .as("%d images", images)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Integer.toString(512))
                    .hasMessageContaining("images=" + images)
                    .hasMessageContaining("64");
        }
    }

    @Test
    void fold_nestedNormalisationsBeforeAnActivation_shortcutsKeepTheirPrecision() {
        TensorShape shape = new TensorShape(1, 4, 4);
        NetworkGraph.Builder b = NetworkGraph.builder("in", shape);
        b.add(new ChannelAffine("n1", "in", shape, new double[] {0.01}, new double[] {1}));
        b.add(new ChannelAffine("n2", "n1", shape, new double[] {0.01}, new double[] {1}));
        activation(b, "a", "n2", SQUARE);
        b.add(new Addition("s", List.of("a", "in"), shape));
        NetworkGraph graph = b.build("s");
        check(graph, 1, 16);
        for (PackedStage stage : StageFolding.fold(graph)) {
            assertThat(stage.largestWeight())
                    .as("undoes both normalisations in %s reading %s", stage, Arrays.toString(stage.sources()))
                    .isLessThanOrEqualTo(1000);
        }
    }
}
