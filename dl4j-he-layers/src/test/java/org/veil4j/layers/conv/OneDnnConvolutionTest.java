package org.veil4j.layers.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.layers.TestNetworks;

class OneDnnConvolutionTest {
    /** Geometry of both convolutions of a test network. */
    record Case(ConvolutionMode mode, int kernel, int stride, int padding, int dilation, boolean bias) {}

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (boolean bias : new boolean[] {true, false}) {
            for (int stride : new int[] {1, 2, 3}) {
                for (int kernel : new int[] {1, 3, 4, 5}) {
                    if (kernel >= stride) { // the stock layer computes a negative padding otherwise
                        cases.add(new Case(ConvolutionMode.Same, kernel, stride, 0, 1, bias));
                    }
                    cases.add(new Case(ConvolutionMode.Truncate, kernel, stride, 0, 1, bias));
                    cases.add(new Case(ConvolutionMode.Truncate, kernel, stride, Math.min(kernel - 1, 2), 1, bias));
                }
            }
            cases.add(new Case(ConvolutionMode.Same, 3, 1, 0, 2, bias));
            cases.add(new Case(ConvolutionMode.Truncate, 3, 1, 0, 2, bias));
            cases.add(new Case(ConvolutionMode.Truncate, 3, 2, 1, 2, bias));
        }
        return cases;
    }

    private static ConvolutionLayer configure(
            ConvolutionLayer.Builder builder, Case c, int maps, IActivation activation) {
        builder.stride(c.stride, c.stride)
                .padding(c.padding, c.padding)
                .hasBias(c.bias)
                .convolutionMode(c.mode)
                .nOut(maps)
                .activation(activation);
        builder.setDilation(c.dilation, c.dilation);
        builder.setCudnnAllowFallback(false); // a failing helper must show, not fall back to the stock path
        return builder.build();
    }

    private static MultiLayerNetwork network(DataType type, Case c, boolean fast, int channels) {
        return network(type, c, fast, channels, new ActivationTanH());
    }

    private static MultiLayerNetwork network(
            DataType type, Case c, boolean fast, int channels, IActivation activation) {
        int[] kernel = {c.kernel, c.kernel};
        ConvolutionLayer.Builder first =
                fast ? new OneDnnConvolution.Builder(kernel) : new ConvolutionLayer.Builder(kernel);
        ConvolutionLayer.Builder second =
                fast ? new OneDnnConvolution.Builder(kernel) : new ConvolutionLayer.Builder(kernel);
        return TestNetworks.network(
                type,
                InputType.convolutional(27, 24, channels),
                configure(first, c, 5, activation),
                configure(second, c, 7, activation),
                new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nOut(4)
                        .activation(new ActivationSoftmax())
                        .build());
    }

    private static INDArray gradient(MultiLayerNetwork network, INDArray x, INDArray y) {
        network.setInput(x);
        network.setLabels(y);
        network.computeGradientAndScore();
        return network.getFlattenedGradients().dup();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputAndGradient_float_equalStock(Case c) {
        equalStock(c, new ActivationTanH());
        equalStock(c, new ActivationIdentity()); // takes a shorter backward pass
    }

    private static void equalStock(Case c, IActivation activation) {
        MultiLayerNetwork stock = network(DataType.FLOAT, c, false, 3, activation);
        MultiLayerNetwork fast = network(DataType.FLOAT, c, true, 3, activation);
        fast.setParams(stock.params().dup());
        INDArray x = TestNetworks.normal(DataType.FLOAT, 6, 3, 27, 24);
        INDArray y = TestNetworks.oneHot(DataType.FLOAT, 6, 4);
        assertThat(TestNetworks.relativeDifference(fast.output(x), stock.output(x)))
                .as("output, %s, %s, seed %d", c, activation, TestNetworks.SEED)
                .isLessThan(1e-5);
        assertThat(TestNetworks.relativeDifference(gradient(fast, x, y), gradient(stock, x, y)))
                .as("gradient, %s, %s, seed %d", c, activation, TestNetworks.SEED)
                .isLessThan(1e-5);
        INDArray smaller = TestNetworks.normal(DataType.FLOAT, 2, 3, 27, 24); // another batch size, same network
        assertThat(TestNetworks.relativeDifference(fast.output(smaller), stock.output(smaller)))
                .isLessThan(1e-5);
    }

    @Test
    void helper_isInstalledInFloatOnly() {
        Assumptions.assumeTrue(OneDnn.isAvailable(), "these binaries have no oneDNN");
        Case c = new Case(ConvolutionMode.Same, 3, 1, 0, 1, true);
        assertThat(network(DataType.FLOAT, c, true, 1).getLayer(0).getHelper()).isNotNull();
        assertThat(network(DataType.FLOAT, c, false, 1).getLayer(0).getHelper()).isNull();
        assertThat(network(DataType.DOUBLE, c, true, 1).getLayer(0).getHelper()).isNull();
    }

    @Test
    void gradient_double_matchesFiniteDifferences() {
        Case c = new Case(ConvolutionMode.Same, 3, 3, 0, 1, true);
        assertThat(TestNetworks.gradientsAreRight(
                        network(DataType.DOUBLE, c, true, 1),
                        TestNetworks.normal(DataType.DOUBLE, 2, 1, 27, 24),
                        TestNetworks.oneHot(DataType.DOUBLE, 2, 4)))
                .isTrue();
    }

    @Test
    void saveAndJson_roundTrip_keepTheLayer() throws IOException {
        MultiLayerNetwork network =
                network(DataType.FLOAT, new Case(ConvolutionMode.Truncate, 3, 2, 1, 1, false), true, 2);
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        assertThat(MultiLayerConfiguration.fromJson(configuration.toJson())).isEqualTo(configuration);
        MultiLayerNetwork back = TestNetworks.savedAndLoaded(network);
        assertThat(back.getLayerWiseConfigurations().getConf(0).getLayer()).isInstanceOf(OneDnnConvolution.class);
        INDArray x = TestNetworks.normal(DataType.FLOAT, 3, 2, 27, 24);
        assertThat(back.output(x)).isEqualTo(network.output(x));
    }

    @Test
    void equals_stockLayerWithTheSameSettings_isFalse() {
        ConvolutionLayer fast = new OneDnnConvolution.Builder(3, 3).nOut(2).build();
        ConvolutionLayer stock = new ConvolutionLayer.Builder(3, 3).nOut(2).build();
        assertThat(fast)
                .isNotEqualTo(stock)
                .isEqualTo(new OneDnnConvolution.Builder(3, 3).nOut(2).build());
        assertThat(stock).isNotEqualTo(fast);
    }

    @Test
    void averagePooling_windowsInside_areExactMeans() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT,
                InputType.convolutional(7, 7, 1),
                AveragePooling.of(4, 3),
                new OutputLayer.Builder()
                        .nOut(2)
                        .activation(new ActivationSoftmax())
                        .build());
        INDArray x = TestNetworks.normal(DataType.FLOAT, 2, 1, 7, 7);
        INDArray pooled = network.feedForward(x).get(1);
        assertThat(pooled.shape()).containsExactly(2, 1, 2, 2);
        double mean = 0;
        for (int i = 3; i < 7; i++) {
            for (int j = 0; j < 4; j++) {
                mean += x.getDouble(1, 0, i, j) / 16;
            }
        }
        assertThat(pooled.getDouble(1, 0, 1, 0)).isCloseTo(mean, within(1e-6));
        assertThatThrownBy(() -> AveragePooling.of(0, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
