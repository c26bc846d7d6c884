package org.veil4j.dp.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Both strategies against the definition of the gradient, in plain loops, over many geometries. */
class ConvolutionExampleGradientsTest {
    private static final int EXAMPLES = 7;

    record Case(ConvolutionGeometry geometry, DataType type, GradientStrategy strategy, boolean hasBias) {}

    static List<ConvolutionGeometry> geometries() {
        return List.of(
                geometry(3, 7, 7, 5, 5, 5, 1, 1, 2, 2, 7, 7, 1, 1), // 5x5 same
                geometry(2, 9, 6, 4, 3, 2, 1, 1, 0, 0, 7, 5, 1, 1), // not square, truncate
                geometry(4, 6, 5, 3, 1, 1, 1, 1, 0, 0, 6, 5, 1, 1), // pointwise
                geometry(2, 7, 8, 3, 1, 1, 2, 3, 0, 0, 4, 3, 1, 1), // 1x1 with stride
                geometry(2, 8, 8, 3, 3, 3, 2, 2, 0, 0, 4, 4, 1, 1), // same, stride 2: pads below and to the right only
                geometry(1, 7, 9, 2, 3, 3, 2, 3, 1, 1, 4, 3, 1, 1), // explicit padding, two strides
                geometry(2, 9, 8, 3, 3, 2, 1, 1, 0, 0, 5, 6, 2, 2), // dilation
                geometry(2, 9, 9, 2, 3, 3, 1, 1, 2, 2, 9, 9, 2, 2), // dilation, same
                geometry(2, 9, 7, 2, 3, 3, 2, 1, 3, 2, 6, 7, 2, 2), // all at once
                geometry(2, 6, 6, 3, 4, 4, 1, 1, 1, 1, 6, 6, 1, 1), // even kernel, same: uneven padding
                geometry(2, 5, 5, 3, 2, 2, 1, 1, 3, 2, 10, 8, 1, 1), // padding as large as the kernel
                geometry(3, 4, 4, 6, 4, 4, 1, 1, 0, 0, 1, 1, 1, 1), // one position
                geometry(1, 8, 8, 2, 3, 3, 3, 3, 0, 0, 2, 2, 1, 1), // rows left over
                geometry(8, 28, 28, 8, 3, 3, 1, 1, 1, 1, 28, 28, 1, 1), // a product that is cut in two
                geometry(3, 7, 7, 150, 3, 3, 1, 1, 1, 1, 7, 7, 1, 1)); // a Gram matrix that is cut in two
    }

    static List<Case> cases() {
        List<Case> all = new ArrayList<>();
        for (ConvolutionGeometry g : geometries()) {
            for (GradientStrategy s : GradientStrategy.values()) {
                all.add(new Case(g, DataType.FLOAT, s, true));
                all.add(new Case(g, DataType.DOUBLE, s, false));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void normsAndSum_anyGeometry_equalTheDefinition(Case c) {
        double tolerance = c.type() == DataType.DOUBLE ? 1e-12 : 2e-6;
        ConvolutionGeometry g = c.geometry();
        ConvolutionExampleGradients kernel = new ConvolutionExampleGradients(c.hasBias(), c.strategy());
        for (int examples : new int[] {EXAMPLES, 3, EXAMPLES + 1}) {
            long seed = 100L + examples;
            INDArray x = Oracle.uniform(seed, c.type(), examples, g.inChannels(), g.inH(), g.inW());
            INDArray d = Oracle.uniform(seed + 50, c.type(), examples, g.outChannels(), g.outH(), g.outW());
            kernel.capture(g, x, d);
            double[][] expected = definition(g, x, d, c.hasBias());
            double[] norms = new double[examples];
            Arrays.fill(norms, 1); // norms are added to what is there
            kernel.addSquaredNorms(norms);
            for (int i = 0; i < examples; i++) {
                double e = Oracle.squared(expected[i]);
                assertThat(norms[i] - 1)
                        .as("seed %d example %d", seed, i)
                        .isCloseTo(e, offset(2 * tolerance * e + 1e-15));
            }
            double[] factors = new double[examples];
            Arrays.setAll(factors, i -> i == 1 ? 0 : 1.0 / (1 + i));
            int parameters = expected[0].length;
            double[] sum = new double[parameters];
            for (int i = 0; i < examples; i++) {
                for (int k = 0; k < parameters; k++) {
                    sum[k] += factors[i] * expected[i][k];
                }
            }
            double[] target = new double[parameters + 5];
            Arrays.fill(target, 2);
            kernel.addWeightedSum(factors, target, 3);
            assertThat(target).as("outside of the range").startsWith(2, 2, 2).endsWith(2, 2);
            double[] got =
                    Arrays.stream(target, 3, 3 + parameters).map(v -> v - 2).toArray();
            assertThat(Oracle.relativeError(got, sum)).as("sum, seed %d", seed).isLessThan(Math.max(tolerance, 1e-12));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void addWeightedSum_brokenExampleOfFactorZero_contributesNothing(Case c) {
        ConvolutionGeometry g = c.geometry();
        INDArray x = Oracle.uniform(1, c.type(), EXAMPLES, g.inChannels(), g.inH(), g.inW());
        INDArray d = Oracle.uniform(2, c.type(), EXAMPLES, g.outChannels(), g.outH(), g.outW());
        double[] factors = new double[EXAMPLES];
        Arrays.setAll(factors, i -> i == 2 || i == 5 ? 0 : 0.25 * (i + 1));
        ConvolutionExampleGradients kernel = new ConvolutionExampleGradients(c.hasBias(), c.strategy());
        double[] expected = new double[g.weights() + (c.hasBias() ? g.outChannels() : 0)];
        kernel.capture(g, x, d);
        kernel.addWeightedSum(factors, expected, 0);

        x.putScalar(new int[] {2, 0, g.inH() / 2, g.inW() / 2}, Double.NaN);
        d.putScalar(new int[] {5, g.outChannels() - 1, 0, 0}, Double.POSITIVE_INFINITY);
        kernel.capture(g, x, d);
        double[] got = new double[expected.length];
        kernel.addWeightedSum(factors, got, 0);
        assertThat(got).containsExactly(expected);
        double[] norms = new double[EXAMPLES];
        kernel.addSquaredNorms(norms);
        assertThat(norms[5]).isNotFinite();
        assertThat(Arrays.stream(norms).filter(Double::isFinite).count()).isGreaterThanOrEqualTo(EXAMPLES - 2);
    }

    @Test
    void addSquaredNorms_withAFunction_getsEachExamplesGradient() {
        ConvolutionGeometry g = geometries().get(0);
        INDArray x = Oracle.uniform(3, DataType.DOUBLE, 4, g.inChannels(), g.inH(), g.inW());
        INDArray d = Oracle.uniform(4, DataType.DOUBLE, 4, g.outChannels(), g.outH(), g.outW());
        double[][] expected = definition(g, x, d, true);
        int length = g.weights() + g.outChannels();
        ConvolutionExampleGradients kernel = new ConvolutionExampleGradients(true, GradientStrategy.MATERIALISED);
        kernel.capture(g, x, d);
        for (int k = 0; k < length; k++) {
            int element = k;
            double[] got = {100, 100, 100, 100};
            kernel.addSquaredNorms(got, gradient -> gradient[element]);
            for (int i = 0; i < 4; i++) {
                assertThat(got[i] - 100).isCloseTo(expected[i][k], within(1e-12));
            }
        }

        ConvolutionExampleGradients ghost = new ConvolutionExampleGradients(true, GradientStrategy.GHOST);
        ghost.capture(g, x, d);
        assertThatThrownBy(() -> ghost.addSquaredNorms(new double[4], gradient -> 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("strategy=GHOST");
        assertThatThrownBy(() -> kernel.addSquaredNorms(new double[3], gradient -> 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("squaredNorms");
    }

    @Test
    void capture_arraysInWorkspaceAndStrided_copiesWhatIsNeededLater() {
        ConvolutionGeometry g = geometries().get(0);
        for (GradientStrategy strategy : GradientStrategy.values()) {
            INDArray x = Oracle.uniform(5, DataType.FLOAT, g.inChannels(), EXAMPLES, g.inH(), g.inW());
            INDArray d = Oracle.uniform(6, DataType.FLOAT, EXAMPLES + 2, g.outChannels(), g.outH(), g.outW());
            INDArray dView = d.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(1, 1 + EXAMPLES));
            double[][] expected = definition(g, x.permute(1, 0, 2, 3).dup('c'), dView.dup('c'), true);
            ConvolutionExampleGradients kernel = new ConvolutionExampleGradients(true, strategy);
            WorkspaceConfiguration conf =
                    WorkspaceConfiguration.builder().initialSize(1 << 20).build();
            try (MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace(conf, "TEST")) {
                assertThat(workspace.isScopeActive()).isTrue();
                INDArray inside = x.dup('c').permute(1, 0, 2, 3);
                assertThat(inside.isAttached()).isTrue();
                kernel.capture(g, inside, dView);
                inside.assign(Double.NaN);
            }
            double[] norms = new double[EXAMPLES];
            kernel.addSquaredNorms(norms);
            double[] ones = new double[EXAMPLES];
            Arrays.fill(ones, 1);
            double[] target = new double[g.weights() + g.outChannels()];
            kernel.addWeightedSum(ones, target, 0);
            double[] sum = new double[target.length];
            for (int i = 0; i < EXAMPLES; i++) {
                assertThat(norms[i] / Oracle.squared(expected[i])).isCloseTo(1, offset(1e-5));
                for (int k = 0; k < sum.length; k++) {
                    sum[k] += expected[i][k];
                }
            }
            assertThat(Oracle.relativeError(target, sum)).as("%s", strategy).isLessThan(1e-6);
        }
    }

    @Test
    void forConvolution_shapesOfTheZoo_choosesTheFasterStrategy() {
        // Large images with few channels, and many channels on few pixels: far from the break-even point as measured.
        assertThat(GradientStrategy.forConvolution(geometry(8, 28, 28, 8, 3, 3, 1, 1, 1, 1, 28, 28, 1, 1)))
                .isEqualTo(GradientStrategy.MATERIALISED);
        assertThat(GradientStrategy.forConvolution(geometry(128, 7, 7, 128, 3, 3, 1, 1, 1, 1, 7, 7, 1, 1)))
                .isEqualTo(GradientStrategy.GHOST);
    }

    @Test
    void use_nothingCaptured_isRefused() {
        ConvolutionExampleGradients kernel = new ConvolutionExampleGradients(true);
        assertThatThrownBy(() -> kernel.addSquaredNorms(new double[1]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("captured=nothing");
        ConvolutionGeometry g = geometries().get(2);
        INDArray x = Oracle.uniform(1, DataType.FLOAT, 2, g.inChannels(), g.inH(), g.inW());
        INDArray d = Oracle.uniform(2, DataType.FLOAT, 2, g.outChannels(), g.outH(), g.outW());
        assertThatThrownBy(() -> kernel.capture(g, d, x)).hasMessageStartingWith("input=");
        assertThatThrownBy(() -> kernel.capture(g, x.castTo(DataType.FLOAT16), d.castTo(DataType.FLOAT16)))
                .hasMessageContaining("must be FLOAT or DOUBLE");
        kernel.capture(g, x, d);
        double[] target = new double[g.weights() + g.outChannels()];
        assertThatThrownBy(() -> kernel.addSquaredNorms(new double[3])).hasMessageStartingWith("squaredNorms.length=3");
        assertThatThrownBy(() -> kernel.addWeightedSum(new double[2], target, 1))
                .hasMessageStartingWith("offset=1");
        assertThatThrownBy(() -> kernel.addWeightedSum(new double[] {1, Double.NaN}, target, 0))
                .hasMessageStartingWith("factors[1]=NaN");
        kernel.clear();
        assertThatThrownBy(() -> kernel.addWeightedSum(new double[2], target, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void geometry_channelsLastOrCausal_isRefusedByName() {
        ConvolutionLayer last = new ConvolutionLayer.Builder(3, 3)
                .nIn(1)
                .nOut(1)
                .name("c1")
                .dataFormat(CNN2DFormat.NHWC)
                .build();
        assertThatThrownBy(() -> ConvolutionGeometry.check(last)).hasMessageStartingWith("dataFormat=NHWC of layer c1");
        ConvolutionLayer causal =
                new ConvolutionLayer.Builder(3, 3).nIn(1).nOut(1).name("c2").build();
        causal.setConvolutionMode(ConvolutionMode.Causal);
        assertThatThrownBy(() -> ConvolutionGeometry.check(causal))
                .hasMessageStartingWith("convolutionMode=Causal of layer c2");
        assertThatThrownBy(() -> geometry(0, 7, 7, 5, 5, 5, 1, 1, 2, 2, 7, 7, 1, 1))
                .hasMessageStartingWith("channels=0,5");
        assertThatThrownBy(() -> geometry(1, 7, 7, 5, 5, 5, 1, 1, -1, 2, 7, 7, 1, 1))
                .hasMessageStartingWith("padding=-1,2");
    }

    private static ConvolutionGeometry geometry(
            int in,
            int h,
            int w,
            int out,
            int kh,
            int kw,
            int sh,
            int sw,
            int pt,
            int pl,
            int oh,
            int ow,
            int dh,
            int dw) {
        return new ConvolutionGeometry(in, h, w, out, oh, ow, kh, kw, sh, sw, pt, pl, dh, dw);
    }

    private static org.assertj.core.data.Offset<Double> offset(double value) {
        return org.assertj.core.data.Offset.offset(value);
    }

    /** Each example's gradient by its definition: bias (if any), then weights [out, in, kernelH, kernelW]. */
    private static double[][] definition(ConvolutionGeometry g, INDArray x, INDArray d, boolean hasBias) {
        int examples = (int) x.size(0);
        int bias = hasBias ? g.outChannels() : 0;
        double[] in = x.dup('c').castTo(DataType.DOUBLE).data().asDouble();
        double[] delta = d.dup('c').castTo(DataType.DOUBLE).data().asDouble();
        double[][] all = new double[examples][bias + g.weights()];
        for (int n = 0; n < examples; n++) {
            for (int o = 0; o < g.outChannels(); o++) {
                for (int y = 0; y < g.outH(); y++) {
                    for (int xx = 0; xx < g.outW(); xx++) {
                        double v = delta[((n * g.outChannels() + o) * g.outH() + y) * g.outW() + xx];
                        if (hasBias) {
                            all[n][o] += v;
                        }
                        addPatch(g, in, n, o, y, xx, v, all[n], bias);
                    }
                }
            }
        }
        return all;
    }

    private static void addPatch(
            ConvolutionGeometry g, double[] in, int n, int o, int y, int x, double v, double[] gradient, int bias) {
        for (int c = 0; c < g.inChannels(); c++) {
            for (int i = 0; i < g.kernelH(); i++) {
                for (int j = 0; j < g.kernelW(); j++) {
                    int row = g.strideH() * y + g.dilationH() * i - g.padTop();
                    int column = g.strideW() * x + g.dilationW() * j - g.padLeft();
                    if (row >= 0 && row < g.inH() && column >= 0 && column < g.inW()) {
                        int k = bias + ((o * g.inChannels() + c) * g.kernelH() + i) * g.kernelW() + j;
                        gradient[k] += v * in[((n * g.inChannels() + c) * g.inH() + row) * g.inW() + column];
                    }
                }
            }
        }
    }
}
