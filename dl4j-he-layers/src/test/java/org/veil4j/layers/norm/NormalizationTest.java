package org.veil4j.layers.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.veil4j.layers.TestNetworks;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.activation.SquareActivation;

/** Group, frozen and foldable batch normalisation, with fused and unfused activation functions. */
class NormalizationTest {
    private static final InputType IMAGE = InputType.convolutional(4, 3, 2);
    private static final int CHANNELS = 6;

    enum Kind {
        GROUP,
        FROZEN,
        FOLDABLE
    }

    record Case(Kind kind, IActivation activation) {}

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (IActivation activation : new IActivation[] {
                new ActivationIdentity(),
                new ActivationReLU(),
                new SquareActivation(),
                new ActivationCube(),
                PolynomialActivation.gaussianRelu(),
                new PolynomialActivation(0.5, 0.1068, 0, -0.000385, 0.01),
                new PolynomialActivation(0.5, 0.7),
                new PolynomialActivation(0.5),
                new ActivationTanH(),
                new ActivationLReLU(0.1)
            }) {
                cases.add(new Case(kind, activation));
            }
        }
        return cases;
    }

    private static ChannelNormalization normalization(Kind kind, IActivation activation, int channels) {
        double[] mean = new double[channels];
        double[] variance = new double[channels];
        for (int c = 0; c < channels; c++) {
            mean[c] = 0.1 * c - 0.2;
            variance[c] = 0.5 + 0.3 * c;
        }
        return switch (kind) {
            case GROUP ->
                new GroupNormalization.Builder(channels / 2)
                        .activation(activation)
                        .build();
            case FROZEN ->
                new FrozenBatchNormalization.Builder()
                        .statistics(mean, variance)
                        .activation(activation)
                        .build();
            case FOLDABLE ->
                new FoldableBatchNormalization.Builder().activation(activation).build();
        };
    }

    private static MultiLayerNetwork network(DataType type, Case c) {
        MultiLayerNetwork network = TestNetworks.network(type, IMAGE, layers(c, c.activation));
        perturb(network);
        return network;
    }

    private static Layer[] layers(Case c, IActivation activation) {
        return new Layer[] {
            new ConvolutionLayer.Builder(3, 3)
                    .nOut(CHANNELS)
                    .activation(new ActivationIdentity())
                    .build(),
            normalization(c.kind, activation, CHANNELS),
            new DenseLayer.Builder()
                    .nOut(8)
                    .activation(new ActivationIdentity())
                    .build(),
            normalization(c.kind, activation, 8),
            output()
        };
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder()
                .nOut(4)
                .activation(new ActivationSoftmax())
                .build();
    }

    /** Makes scales and shifts differ from channel to channel. */
    private static void perturb(MultiLayerNetwork network) {
        for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
            if (layer instanceof NormalizationImpl<?>) {
                for (String key : new String[] {ChannelNormalization.GAMMA, ChannelNormalization.BETA}) {
                    INDArray row = layer.getParam(key);
                    row.addi(TestNetworks.normal(row.dataType(), row.shape()).muli(0.2));
                }
            }
        }
    }

    /** All activations behind one kind, a few behind the others: the loops over activations are the same. */
    static List<Case> gradientCases() {
        return cases().stream()
                .filter(c -> c.kind == Kind.GROUP
                        || c.activation instanceof ActivationIdentity
                        || c.activation instanceof ActivationTanH
                        || c.activation.equals(PolynomialActivation.gaussianRelu()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("gradientCases")
    void backprop_double_matchesFiniteDifferences(Case c) {
        assertThat(TestNetworks.gradientsAreRight(
                        network(DataType.DOUBLE, c),
                        TestNetworks.normal(DataType.DOUBLE, 5, 2, 4, 3),
                        TestNetworks.oneHot(DataType.DOUBLE, 5, 4)))
                .as("%s, seed %d", c, TestNetworks.SEED)
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputAndGradient_float_agreeWithDouble(Case c) {
        MultiLayerNetwork exact = network(DataType.DOUBLE, c);
        MultiLayerNetwork single = network(DataType.FLOAT, c);
        single.setParams(exact.params().castTo(DataType.FLOAT));
        INDArray x = TestNetworks.normal(DataType.DOUBLE, 7, 2, 4, 3);
        INDArray y = TestNetworks.oneHot(DataType.DOUBLE, 7, 4);
        for (boolean train : new boolean[] {false, true}) {
            assertThat(TestNetworks.relativeDifference(
                            single.output(x.castTo(DataType.FLOAT), train), exact.output(x, train)))
                    .as("output, training %s, %s, seed %d", train, c, TestNetworks.SEED)
                    .isLessThan(2e-5);
        }
        assertThat(TestNetworks.relativeDifference(
                        gradient(single, x.castTo(DataType.FLOAT), y.castTo(DataType.FLOAT)), gradient(exact, x, y)))
                .as("gradient, %s, seed %d", c, TestNetworks.SEED)
                .isLessThan(1e-4);
    }

    private static INDArray gradient(MultiLayerNetwork network, INDArray x, INDArray y) {
        network.setInput(x);
        network.setLabels(y);
        network.computeGradientAndScore();
        return network.getFlattenedGradients().dup();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void fusedActivation_equalsAnActivationLayerAfterwards(Case c) {
        MultiLayerNetwork fused = network(DataType.DOUBLE, c);
        Layer[] l = layers(c, new ActivationIdentity());
        MultiLayerNetwork apart = TestNetworks.network(
                DataType.DOUBLE,
                IMAGE,
                l[0],
                l[1],
                new ActivationLayer.Builder().activation(c.activation).build(),
                l[2],
                l[3],
                new ActivationLayer.Builder().activation(c.activation).build(),
                l[4]);
        apart.setParams(fused.params());
        INDArray x = TestNetworks.normal(DataType.DOUBLE, 7, 2, 4, 3);
        INDArray y = TestNetworks.oneHot(DataType.DOUBLE, 7, 4);
        assertThat(TestNetworks.relativeDifference(fused.output(x, true), apart.output(x, true)))
                .isLessThan(1e-13);
        assertThat(TestNetworks.relativeDifference(gradient(fused, x, y), gradient(apart, x, y)))
                .isLessThan(1e-12);
    }

    /** A normalisation whose backward pass leaves the mean out: the gradient check must notice. */
    @Test
    void gradientCheck_frozenInsteadOfBatchStatistics_isCaught() {
        Case c = new Case(Kind.FOLDABLE, new ActivationIdentity());
        MultiLayerNetwork network = network(DataType.DOUBLE, c);
        INDArray x = TestNetworks.normal(DataType.DOUBLE, 5, 2, 4, 3);
        INDArray y = TestNetworks.oneHot(DataType.DOUBLE, 5, 4);
        INDArray right = gradient(network, x, y);
        MultiLayerNetwork frozen = network(DataType.DOUBLE, new Case(Kind.FROZEN, new ActivationIdentity()));
        frozen.getLayer(0).setParams(network.getLayer(0).params());
        frozen.getLayer(2).setParams(network.getLayer(2).params());
        frozen.getLayer(4).setParams(network.getLayer(4).params());
        assertThat(PublicStatistics.measure(frozen, List.of(x))).isEqualTo(2);
        assertThat(TestNetworks.relativeDifference(frozen.output(x), network.output(x, true)))
                .as("measured on the batch itself, both compute the same")
                .isLessThan(1e-12);
        INDArray wrong = gradient(frozen, x, y);
        long conv = network.getLayer(0).numParams();
        assertThat(TestNetworks.relativeDifference(
                        wrong.reshape(-1).get(NDArrayIndex.interval(0, conv)),
                        right.reshape(-1).get(NDArrayIndex.interval(0, conv))))
                .as("but the gradients differ, for the batch statistics depend on the weights")
                .isGreaterThan(1e-2);
    }

    @Test
    void groupNormalization_knownValues_meanZeroVarianceOneInEachGroup() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT, InputType.convolutional(4, 3, 6), new GroupNormalization.Builder(3).build(), output());
        INDArray y = network.feedForward(
                        TestNetworks.normal(DataType.FLOAT, 2, 6, 4, 3).muli(3).addi(5))
                .get(1)
                .reshape('c', 6, 24);
        for (int g = 0; g < 6; g++) {
            assertThat(y.getRow(g).meanNumber().doubleValue()).isCloseTo(0, within(1e-5));
            assertThat(y.getRow(g).varNumber().doubleValue() * 23 / 24).isCloseTo(1, within(1e-4));
        }
    }

    @Test
    void foldableBatchNormalization_trainingAndInference_equalStock() {
        MultiLayerNetwork ours = TestNetworks.network(
                DataType.FLOAT,
                IMAGE,
                new FoldableBatchNormalization.Builder().decay(0.8).build(),
                output());
        MultiLayerNetwork stock = TestNetworks.network(
                DataType.FLOAT,
                IMAGE,
                new BatchNormalization.Builder().decay(0.8).useLogStd(false).build(),
                output());
        perturb(ours);
        stock.setParams(ours.params());
        INDArray x = TestNetworks.normal(DataType.FLOAT, 7, 2, 4, 3).muli(2).addi(0.7);
        INDArray y = TestNetworks.oneHot(DataType.FLOAT, 7, 4);
        assertThat(TestNetworks.relativeDifference(ours.output(x, true), stock.output(x, true)))
                .isLessThan(1e-5);
        INDArray mine = gradient(ours, x, y);
        INDArray theirs = gradient(stock, x, y);
        for (int i = 0; i < 4; i++) { // gamma and beta of both channels
            assertThat(mine.getDouble(i)).isCloseTo(theirs.getDouble(i), within(1e-4));
        }
        ours.fit(x, y);
        ours.fit(x.mul(1.5), y);
        double[] mean = ours.getLayer(0)
                .getParam(FoldableBatchNormalization.MEAN)
                .dup()
                .data()
                .asDouble();
        double[] want = x.mean(0, 2, 3).mul(0.8 + 0.2 * 1.5).data().asDouble();
        assertThat(mean).containsExactly(want, within(1e-5)); // the first step sets, the second moves
        assertThat(ours.getLayer(0)
                        .getParam(FoldableBatchNormalization.VARIANCE)
                        .getDouble(0))
                .isCloseTo(x.var(false, 0, 2, 3).getDouble(0) * (0.8 + 0.2 * 2.25), within(1e-4));
        stock.setParams(ours.params());
        assertThat(TestNetworks.relativeDifference(ours.output(x), stock.output(x)))
                .isLessThan(1e-5);
    }

    @Test
    void foldableBatchNormalization_gradientClipping_leavesTheStatisticsAlone() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT,
                IMAGE,
                new FoldableBatchNormalization.Builder()
                        .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                        .gradientNormalizationThreshold(1e-3)
                        .build(),
                output());
        INDArray x = TestNetworks.normal(DataType.FLOAT, 7, 2, 4, 3).addi(100);
        network.fit(x, TestNetworks.oneHot(DataType.FLOAT, 7, 4));
        assertThat(network.getLayer(0).getParam(FoldableBatchNormalization.MEAN).getDouble(0))
                .isCloseTo(100, within(1.0));
    }

    @Test
    void frozenBatchNormalization_trainingAndInference_areIdentical() {
        MultiLayerNetwork network = network(DataType.FLOAT, new Case(Kind.FROZEN, new ActivationReLU()));
        INDArray x = TestNetworks.normal(DataType.FLOAT, 7, 2, 4, 3);
        assertThat(network.output(x, true)).isEqualTo(network.output(x, false));
    }

    @Test
    void publicStatistics_severalBatches_equalOneBatchOfAll() {
        Case c = new Case(Kind.FROZEN, new SquareActivation());
        MultiLayerNetwork one = network(DataType.DOUBLE, c);
        MultiLayerNetwork several = network(DataType.DOUBLE, c);
        INDArray x = TestNetworks.normal(DataType.DOUBLE, 9, 2, 4, 3);
        PublicStatistics.measure(one, List.of(x));
        List<INDArray> parts = new ArrayList<>();
        for (int[] range : new int[][] {{0, 4}, {4, 5}, {5, 9}}) {
            parts.add(x.get(NDArrayIndex.interval(range[0], range[1])).dup());
        }
        PublicStatistics.measure(several.toComputationGraph(), parts); // shares nothing with the network
        assertThat(statistics(several, 1)).isNotEqualTo(statistics(one, 1));
        PublicStatistics.measure(several, parts);
        for (int layer : new int[] {1, 3}) {
            assertThat(statistics(several, layer)).containsExactly(statistics(one, layer), within(1e-12));
        }
        INDArray z = one.feedForward(x).get(1); // what the first normalisation sees
        FrozenBatchNormalization first = frozen(one, 1);
        assertThat(first.getMean()).containsExactly(z.mean(0, 2, 3).toDoubleVector(), within(1e-12));
        assertThat(first.getVariance()).containsExactly(z.var(false, 0, 2, 3).toDoubleVector(), within(1e-12));
    }

    private static double[] statistics(MultiLayerNetwork network, int layer) {
        double[] mean = frozen(network, layer).getMean();
        double[] variance = frozen(network, layer).getVariance();
        double[] both = Arrays.copyOf(mean, mean.length + variance.length);
        System.arraycopy(variance, 0, both, mean.length, variance.length);
        return both;
    }

    private static FrozenBatchNormalization frozen(MultiLayerNetwork network, int layer) {
        return (FrozenBatchNormalization)
                network.getLayerWiseConfigurations().getConf(layer).getLayer();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void jsonZipCloneAndSummary_keepTheLayer(Case c) throws IOException {
        MultiLayerNetwork network = network(DataType.FLOAT, c);
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        MultiLayerConfiguration back = MultiLayerConfiguration.fromJson(configuration.toJson());
        assertThat(back).isEqualTo(configuration);
        assertThat(configuration.clone()).isEqualTo(configuration);
        INDArray x = TestNetworks.normal(DataType.FLOAT, 7, 2, 4, 3);
        network.fit(x, TestNetworks.oneHot(DataType.FLOAT, 7, 4));
        assertThat(TestNetworks.savedAndLoaded(network).output(x)).isEqualTo(network.output(x));
        assertThat(network.clone().output(x)).isEqualTo(network.output(x));
        assertThat(network.summary())
                .contains(Objects.requireNonNull(configuration.getConf(1).getLayer())
                        .getClass()
                        .getSimpleName());
        assertThat(configuration.getMemoryReport(IMAGE).toString()).contains("Normalization");
    }

    @Test
    void publicStatistics_savedNetwork_keepsThem() throws IOException {
        MultiLayerNetwork network = network(DataType.FLOAT, new Case(Kind.FROZEN, new ActivationReLU()));
        INDArray x = TestNetworks.normal(DataType.FLOAT, 7, 2, 4, 3);
        PublicStatistics.measure(network, List.of(x));
        MultiLayerNetwork back = TestNetworks.savedAndLoaded(network);
        assertThat(statistics(back, 3)).isEqualTo(statistics(network, 3));
        assertThat(back.output(x)).isEqualTo(network.output(x));
        MultiLayerNetwork copy = network.clone();
        frozen(network, 1).setStatistics(new double[CHANNELS], new double[CHANNELS]);
        assertThat(statistics(copy, 1)).isEqualTo(statistics(back, 1));
    }

    @Test
    void settings_outOfRange_areRefusedWithTheRule() {
        assertThatThrownBy(() -> new GroupNormalization.Builder(0)).hasMessageContaining("groups=0: must be");
        assertThatThrownBy(() -> TestNetworks.network(
                        DataType.FLOAT, IMAGE, new GroupNormalization.Builder(3).build(), output()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must divide the 2 channels");
        assertThatThrownBy(() -> new GroupNormalization.Builder(1).eps(0)).hasMessageContaining("eps=0.0");
        assertThatThrownBy(() -> new FoldableBatchNormalization.Builder().decay(1))
                .hasMessageContaining("decay=1.0");
        assertThatThrownBy(() -> new FrozenBatchNormalization.Builder()
                        .statistics(new double[] {1}, new double[] {-1})
                        .build())
                .hasMessageContaining("variance=-1.0");
        assertThatThrownBy(() -> TestNetworks.network(
                        DataType.FLOAT,
                        IMAGE,
                        new FrozenBatchNormalization.Builder()
                                .statistics(new double[3], new double[3])
                                .build(),
                        output()))
                .hasMessageContaining("2 channels");
        assertThatThrownBy(() -> TestNetworks.network(
                        DataType.FLOAT,
                        InputType.convolutional(6, 5, 2, CNN2DFormat.NHWC),
                        new GroupNormalization.Builder(1).build(),
                        output()))
                .hasMessageContaining("NCHW");
        MultiLayerNetwork network = network(DataType.FLOAT, new Case(Kind.FROZEN, new ActivationReLU()));
        assertThatThrownBy(() -> PublicStatistics.measure(network, List.of())).hasMessageContaining("at least one");
    }
}
