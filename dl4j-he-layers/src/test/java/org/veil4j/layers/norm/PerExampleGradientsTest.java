package org.veil4j.layers.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.veil4j.dp.gradient.PerExampleGradient;
import org.veil4j.layers.TestNetworks;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.activation.PolynomialLayer;
import org.veil4j.layers.conv.OneDnnConvolution;

/** Per-example gradients of this module's layers against a loop over batches of one. */
class PerExampleGradientsTest {
    private static final int EXAMPLES = 9;
    private static final InputType IMAGE = InputType.convolutional(6, 5, 2);
    private static final PolynomialActivation PENALISED =
            PolynomialActivation.gaussianRelu().withPenalty(0.5, 0.1);

    record Case(String name, Layer image, Layer vector) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (IActivation f : new IActivation[] {new ActivationReLU(), PENALISED, new ActivationTanH()}) {
            cases.add(new Case("group normalisation, " + f, group(2, f), group(2, f)));
            cases.add(new Case("frozen batch normalisation, " + f, frozen(4, f), frozen(8, f)));
        }
        for (boolean perChannel : new boolean[] {false, true}) {
            cases.add(new Case("polynomial, per channel " + perChannel, poly(perChannel), poly(perChannel)));
        }
        for (int stride : new int[] {1, 2}) {
            for (boolean bias : new boolean[] {false, true}) {
                String name = "weight standardisation, stride " + stride + ", bias " + bias;
                WeightStandardizedConvolution.Builder b = new WeightStandardizedConvolution.Builder(3, 3);
                b.stride(stride, stride).hasBias(bias).convolutionMode(ConvolutionMode.Same);
                cases.add(new Case(name, b.nOut(3).activation(PENALISED).build(), dense(8)));
            }
        }
        return cases;
    }

    private static Layer group(int groups, IActivation f) {
        return new GroupNormalization.Builder(groups).activation(f).build();
    }

    private static Layer frozen(int channels, IActivation f) {
        double[] mean = new double[channels];
        double[] variance = new double[channels];
        Arrays.fill(mean, 0.1);
        Arrays.fill(variance, 0.7);
        return new FrozenBatchNormalization.Builder()
                .statistics(mean, variance)
                .activation(f)
                .build();
    }

    private static Layer poly(boolean perChannel) {
        return new PolynomialLayer.Builder(0.2, 0.5, 0.2, 0.03)
                .perChannel(perChannel)
                .penalty(0.5, 0.1)
                .build();
    }

    private static Layer dense(int out) {
        return new DenseLayer.Builder()
                .nOut(out)
                .activation(new ActivationIdentity())
                .build();
    }

    private static MultiLayerNetwork network(DataType type, Case c) {
        MultiLayerNetwork network = TestNetworks.network(
                type,
                IMAGE,
                new OneDnnConvolution.Builder(3, 3)
                        .convolutionMode(ConvolutionMode.Same)
                        .nOut(4)
                        .activation(new ActivationIdentity())
                        .build(),
                c.image.clone(),
                dense(8),
                c.vector.clone(),
                new OutputLayer.Builder()
                        .nOut(4)
                        .activation(new ActivationSoftmax())
                        .build());
        INDArray p = network.params();
        p.addi(TestNetworks.normal(type, p.shape()).muli(0.1));
        return network;
    }

    private static void backward(MultiLayerNetwork network, INDArray x, INDArray y) {
        network.setInput(x);
        network.setLabels(y);
        network.computeGradientAndScore();
    }

    /** Gradients of single examples of one layer, each from a batch of its own. */
    private static double[][] loop(MultiLayerNetwork network, int layer, INDArray x, INDArray y) {
        double[][] gradients = new double[(int) x.size(0)][];
        for (int n = 0; n < gradients.length; n++) {
            backward(
                    network,
                    x.get(NDArrayIndex.interval(n, n + 1)).dup(),
                    y.get(NDArrayIndex.interval(n, n + 1)).dup());
            gradients[n] = network.getLayer(layer)
                    .getGradientsViewArray()
                    .dup('c')
                    .castTo(DataType.DOUBLE)
                    .reshape(-1)
                    .toDoubleVector();
        }
        return gradients;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void clippedSum_halfOfTheExamplesClipped_equalsTheLoop(Case c) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            MultiLayerNetwork network = network(type, c);
            INDArray x = TestNetworks.normal(type, EXAMPLES, 2, 6, 5);
            INDArray y = TestNetworks.oneHot(type, EXAMPLES, 4);
            double tolerance = type == DataType.FLOAT ? 1e-5 : 1e-10;
            int checked = 0;
            for (int layer : new int[] {1, 3}) {
                if (!(network.getLayer(layer) instanceof PerExampleGradient kernel)) {
                    continue;
                }
                double[][] want = loop(network, layer, x, y);
                double[] squared = new double[EXAMPLES];
                kernel.capturePerExample(true);
                backward(network, x, y);
                kernel.addSquaredNorms(squared);
                double[] norms = new double[EXAMPLES];
                for (int n = 0; n < EXAMPLES; n++) {
                    norms[n] = Math.sqrt(Arrays.stream(want[n]).map(v -> v * v).sum());
                    assertThat(Math.sqrt(squared[n]))
                            .as("norm, %s, %s, layer %d, seed %d", c, type, layer, TestNetworks.SEED)
                            .isCloseTo(norms[n], within(tolerance * norms[n]));
                }
                double[] sorted = norms.clone();
                Arrays.sort(sorted);
                double clip = sorted[EXAMPLES / 2];
                double[] factors = new double[EXAMPLES];
                int size = (int) network.getLayer(layer).numParams();
                double[] sum = new double[size];
                for (int n = 0; n < EXAMPLES; n++) {
                    factors[n] = Math.min(1, clip / norms[n]);
                    for (int i = 0; i < size; i++) {
                        sum[i] += factors[n] * want[n][i];
                    }
                }
                double[] have = new double[size + 5];
                Arrays.fill(have, 7);
                kernel.addWeightedSum(factors, have, 2);
                double error = 0;
                double length = 0;
                for (int i = 0; i < size; i++) {
                    error += (have[i + 2] - 7 - sum[i]) * (have[i + 2] - 7 - sum[i]);
                    length += sum[i] * sum[i];
                }
                assertThat(Math.sqrt(error / length))
                        .as("clipped sum, %s, %s, layer %d, seed %d", c, type, layer, TestNetworks.SEED)
                        .isLessThan(tolerance);
                assertThat(have[0]).isEqualTo(7);
                assertThat(have[size + 2]).isEqualTo(7);
                kernel.capturePerExample(false);
                assertThatThrownBy(() -> kernel.addSquaredNorms(new double[EXAMPLES]))
                        .isInstanceOf(IllegalStateException.class);
                checked++;
            }
            assertThat(checked).isGreaterThan(0);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void capture_inputGradientAndOtherLayers_stayTheSame(Case c) {
        MultiLayerNetwork network = network(DataType.FLOAT, c);
        INDArray x = TestNetworks.normal(DataType.FLOAT, EXAMPLES, 2, 6, 5);
        INDArray y = TestNetworks.oneHot(DataType.FLOAT, EXAMPLES, 4);
        backward(network, x, y);
        INDArray before = network.getLayer(0).getGradientsViewArray().dup();
        ((PerExampleGradient) network.getLayer(1)).capturePerExample(true);
        backward(network, x, y);
        assertThat(TestNetworks.relativeDifference(network.getLayer(0).getGradientsViewArray(), before))
                .isLessThan(1e-5);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void addWeightedSum_factorZero_ignoresNotANumber(Case c) {
        MultiLayerNetwork network = network(DataType.FLOAT, c);
        INDArray x = TestNetworks.normal(DataType.FLOAT, EXAMPLES, 2, 6, 5);
        x.putScalar(new int[] {4, 1, 2, 2}, Float.NaN);
        PerExampleGradient kernel = (PerExampleGradient) network.getLayer(1);
        kernel.capturePerExample(true);
        backward(network, x, TestNetworks.oneHot(DataType.FLOAT, EXAMPLES, 4));
        double[] squared = new double[EXAMPLES];
        kernel.addSquaredNorms(squared);
        double[] factors = new double[EXAMPLES];
        for (int n = 0; n < EXAMPLES; n++) {
            assertThat(Double.isFinite(squared[n])).as("example %d", n).isEqualTo(n != 4);
            factors[n] = n == 4 ? 0 : 1;
        }
        double[] sum = new double[(int) network.getLayer(1).numParams()];
        kernel.addWeightedSum(factors, sum, 0);
        assertThat(Arrays.stream(sum).allMatch(Double::isFinite)).isTrue();
        assertThat(Arrays.stream(sum).anyMatch(v -> v != 0)).isTrue();
    }

    @Test
    void wrongLengths_areRefused() {
        Case c = cases().get(0);
        MultiLayerNetwork network = network(DataType.FLOAT, c);
        PerExampleGradient kernel = (PerExampleGradient) network.getLayer(1);
        kernel.capturePerExample(true);
        backward(
                network,
                TestNetworks.normal(DataType.FLOAT, EXAMPLES, 2, 6, 5),
                TestNetworks.oneHot(DataType.FLOAT, EXAMPLES, 4));
        assertThatThrownBy(() -> kernel.addSquaredNorms(new double[EXAMPLES + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must have 9");
        assertThatThrownBy(() -> kernel.addWeightedSum(new double[EXAMPLES], new double[8], 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8 places");
    }

    @Test
    void batchNormalisation_offersNoPerExampleGradient() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT,
                IMAGE,
                new FoldableBatchNormalization.Builder().build(),
                new OutputLayer.Builder()
                        .nOut(4)
                        .activation(new ActivationSoftmax())
                        .build());
        assertThat(network.getLayer(0)).isNotInstanceOf(PerExampleGradient.class);
    }
}
