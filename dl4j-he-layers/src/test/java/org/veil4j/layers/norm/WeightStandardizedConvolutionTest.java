package org.veil4j.layers.norm;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.layers.TestNetworks;

class WeightStandardizedConvolutionTest {
    private static final InputType IMAGE = InputType.convolutional(6, 5, 2);

    record Case(ConvolutionMode mode, int kernel, int stride, boolean bias) {}

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (boolean bias : new boolean[] {true, false}) {
            cases.add(new Case(ConvolutionMode.Same, 3, 1, bias));
            cases.add(new Case(ConvolutionMode.Same, 3, 2, bias));
            cases.add(new Case(ConvolutionMode.Same, 1, 1, bias));
            cases.add(new Case(ConvolutionMode.Truncate, 3, 2, bias));
        }
        return cases;
    }

    private static ConvolutionLayer configure(ConvolutionLayer.Builder builder, Case c, int maps) {
        return builder.stride(c.stride, c.stride)
                .hasBias(c.bias)
                .convolutionMode(c.mode)
                .nOut(maps)
                .activation(new ActivationTanH())
                .build();
    }

    private static MultiLayerNetwork network(DataType type, Case c, boolean standardized) {
        ConvolutionLayer.Builder first = standardized
                ? new WeightStandardizedConvolution.Builder(c.kernel, c.kernel)
                : new ConvolutionLayer.Builder(c.kernel, c.kernel);
        ConvolutionLayer.Builder second = standardized
                ? new WeightStandardizedConvolution.Builder(c.kernel, c.kernel)
                : new ConvolutionLayer.Builder(c.kernel, c.kernel);
        return TestNetworks.network(
                type,
                IMAGE,
                configure(first, c, 3),
                configure(second, new Case(ConvolutionMode.Same, c.kernel, 1, c.bias), 4),
                new OutputLayer.Builder()
                        .nOut(4)
                        .activation(new ActivationSoftmax())
                        .build());
    }

    /** Makes gains and biases differ, and raw weights far from standardised. */
    private static MultiLayerNetwork perturbed(DataType type, Case c) {
        MultiLayerNetwork network = network(type, c, true);
        INDArray p = network.params();
        p.addi(TestNetworks.normal(type, p.shape()).muli(0.3)).addi(0.2);
        return network;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void backprop_double_matchesFiniteDifferences(Case c) {
        assertThat(TestNetworks.gradientsAreRight(
                        perturbed(DataType.DOUBLE, c),
                        TestNetworks.normal(DataType.DOUBLE, 3, 2, 6, 5),
                        TestNetworks.oneHot(DataType.DOUBLE, 3, 4)))
                .as("%s, seed %d", c, TestNetworks.SEED)
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void output_equalsStockConvolutionWithEffectiveWeights(Case c) {
        for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
            MultiLayerNetwork network = perturbed(type, c);
            MultiLayerNetwork folded = network(type, c, false);
            for (int i = 0; i < 2; i++) {
                double[] w = WeightStandardizedConvolution.effectiveWeights(network.getLayer(i));
                INDArray target = folded.getLayer(i).getParam("W");
                target.assign(Nd4j.create(w, target.shape(), 'c'));
                if (c.bias) {
                    folded.getLayer(i).getParam("b").assign(network.getLayer(i).getParam("b"));
                }
            }
            folded.getLayer(2).setParams(network.getLayer(2).params());
            INDArray x = TestNetworks.normal(type, 5, 2, 6, 5);
            assertThat(TestNetworks.relativeDifference(network.output(x), folded.output(x)))
                    .as("%s, %s, seed %d", c, type, TestNetworks.SEED)
                    .isLessThan(type == DataType.FLOAT ? 1e-5 : 1e-13);
        }
    }

    @Test
    void gradient_withoutTheStandardisation_isCaught() {
        Case c = new Case(ConvolutionMode.Same, 3, 1, true);
        MultiLayerNetwork network = perturbed(DataType.DOUBLE, c);
        INDArray x = TestNetworks.normal(DataType.DOUBLE, 3, 2, 6, 5);
        network.setInput(x);
        network.setLabels(TestNetworks.oneHot(DataType.DOUBLE, 3, 4));
        network.computeGradientAndScore();
        INDArray gradient = network.getLayer(0).gradient() == null
                ? network.gradient().getGradientFor("0_W")
                : network.getLayer(0).gradient().getGradientFor("W");
        INDArray perOutput = gradient.reshape('c', 3, gradient.length() / 3);
        assertThat(perOutput.sum(1).amaxNumber().doubleValue())
                .as("shifting all weights of an output changes nothing")
                .isLessThan(1e-12);
        INDArray raw = network.getLayer(0).getParam("W").reshape('c', 3, gradient.length() / 3);
        INDArray centred = raw.subColumnVector(raw.mean(true, 1));
        assertThat(perOutput.mul(centred).sum(1).amaxNumber().doubleValue())
                .as("nor does scaling them, but for eps")
                .isLessThan(1e-5);
        assertThat(perOutput.amaxNumber().doubleValue()).isGreaterThan(1e-4);
    }

    @Test
    void effectiveWeights_haveMeanZeroAndTheLengthOfTheGain() {
        MultiLayerNetwork network = perturbed(DataType.FLOAT, new Case(ConvolutionMode.Same, 3, 1, true));
        double[] w = WeightStandardizedConvolution.effectiveWeights(network.getLayer(1));
        int fanIn = 27;
        for (int o = 0; o < 4; o++) {
            double sum = 0;
            double squares = 0;
            for (int i = o * fanIn; i < (o + 1) * fanIn; i++) {
                sum += w[i];
                squares += w[i] * w[i];
            }
            double gain = network.getLayer(1)
                    .getParam(WeightStandardizedConvolution.GAIN)
                    .getDouble(o);
            assertThat(sum).isCloseTo(0, within(1e-9));
            assertThat(Math.sqrt(squares)).isCloseTo(Math.abs(gain), within(1e-4));
        }
        assertThatThrownBy(() -> WeightStandardizedConvolution.effectiveWeights(network.getLayer(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("OutputLayer");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void jsonZipCloneAndSummary_keepTheLayer(Case c) throws IOException {
        MultiLayerNetwork network = perturbed(DataType.FLOAT, c);
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        assertThat(MultiLayerConfiguration.fromJson(configuration.toJson())).isEqualTo(configuration);
        assertThat(configuration.clone()).isEqualTo(configuration);
        INDArray x = TestNetworks.normal(DataType.FLOAT, 3, 2, 6, 5);
        assertThat(TestNetworks.savedAndLoaded(network).output(x)).isEqualTo(network.output(x));
        assertThat(network.clone().output(x)).isEqualTo(network.output(x));
        MultiLayerNetwork copy = network(DataType.FLOAT, c, true);
        for (int i = 0; i < 3; i++) {
            copy.getLayer(i).setParams(network.getLayer(i).params().dup());
        }
        assertThat(copy.output(x)).isEqualTo(network.output(x));
        assertThat(network.summary()).contains("WeightStandardizedConvolution");
        assertThat(network.getLayer(0).numParams()).isEqualTo((c.bias ? 6 : 3) + 6L * c.kernel * c.kernel);
        assertThat(configuration.getMemoryReport(IMAGE).toString()).contains("Convolution");
    }

    @Test
    void settings_areUsedAndChecked() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT,
                IMAGE,
                new WeightStandardizedConvolution.Builder(3, 3)
                        .nOut(3)
                        .gainInit(1.5)
                        .biasInit(0.25)
                        .build(),
                new OutputLayer.Builder()
                        .nOut(2)
                        .activation(new ActivationSoftmax())
                        .build());
        assertThat(network.getLayer(0)
                        .getParam(WeightStandardizedConvolution.GAIN)
                        .toDoubleVector())
                .containsOnly(1.5);
        assertThat(network.getLayer(0).getParam("b").toDoubleVector()).containsOnly(0.25);
        assertThatThrownBy(() -> new WeightStandardizedConvolution.Builder(3, 3).eps(0))
                .hasMessageContaining("eps=0.0");
    }
}
