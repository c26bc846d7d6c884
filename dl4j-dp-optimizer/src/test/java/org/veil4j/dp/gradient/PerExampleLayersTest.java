package org.veil4j.dp.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** The swap of stock layers for private ones, and single layers in many settings against the stock network. */
class PerExampleLayersTest {
    private static final int EXAMPLES = 9;

    /** One convolution in the middle of a network, so that its input gradient is seen too. */
    record Setting(
            int kernelH,
            int kernelW,
            int stride,
            int padding,
            int dilation,
            ConvolutionMode mode,
            Activation activation) {}

    static List<Setting> settings() {
        return List.of(
                new Setting(3, 3, 1, 0, 1, ConvolutionMode.Same, Activation.IDENTITY),
                new Setting(5, 3, 1, 0, 1, ConvolutionMode.Same, Activation.RELU),
                new Setting(2, 2, 1, 0, 1, ConvolutionMode.Same, Activation.TANH),
                new Setting(3, 3, 2, 0, 1, ConvolutionMode.Same, Activation.IDENTITY),
                new Setting(1, 1, 2, 0, 1, ConvolutionMode.Same, Activation.IDENTITY),
                new Setting(1, 1, 1, 0, 1, ConvolutionMode.Truncate, Activation.SIGMOID),
                new Setting(3, 2, 1, 1, 1, ConvolutionMode.Truncate, Activation.TANH),
                new Setting(3, 3, 2, 1, 1, ConvolutionMode.Truncate, Activation.LEAKYRELU),
                new Setting(1, 1, 3, 0, 1, ConvolutionMode.Truncate, Activation.IDENTITY),
                new Setting(2, 2, 1, 2, 1, ConvolutionMode.Truncate, Activation.IDENTITY),
                new Setting(3, 3, 1, 0, 2, ConvolutionMode.Same, Activation.IDENTITY),
                new Setting(2, 3, 2, 1, 2, ConvolutionMode.Truncate, Activation.TANH),
                new Setting(3, 3, 2, 0, 1, ConvolutionMode.Strict, Activation.SOFTSIGN));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void clippedSum_convolutionInTheMiddle_equalsLoopOfSingleExamples(Setting s) {
        compare(convolution(s, DataType.FLOAT), DataType.FLOAT, 1e-5);
        compare(convolution(s, DataType.DOUBLE), DataType.DOUBLE, 1e-10);
    }

    private static void compare(MultiLayerConfiguration conf, DataType type, double tolerance) {
        Oracle oracle = Oracle.of(conf);
        oracle.capture(true);
        INDArray x = Oracle.uniform(21, type, EXAMPLES, 2, 9, 7);
        INDArray y = Oracle.labels(type, EXAMPLES, 3);
        oracle.privateBatch(x, y);
        double[] squared = oracle.squaredNorms(EXAMPLES);
        double clip = Arrays.stream(squared).map(Math::sqrt).sorted().toArray()[EXAMPLES / 2];
        double[] expected =
                new double[Math.toIntExact(oracle.privateParameters().length())];
        for (int i = 0; i < EXAMPLES; i++) {
            double[] g = oracle.stockGradient(x, y, i);
            double norm = Math.sqrt(Oracle.squared(g));
            assertThat(Math.sqrt(squared[i]) / norm)
                    .as("norm of example %d", i)
                    .isCloseTo(1, org.assertj.core.data.Offset.offset(tolerance));
            for (int k = 0; k < g.length; k++) {
                expected[k] += Math.min(1, clip / norm) * g[k];
            }
        }
        double[] factors = Arrays.stream(squared)
                .map(q -> Math.min(1, clip / Math.sqrt(q)))
                .toArray();
        assertThat(Oracle.relativeError(oracle.weightedSum(factors), expected)).isLessThan(tolerance);
    }

    @Test
    void inputGradientUnused_firstLayer_changesNothingElse() {
        Setting s = settings().get(3);
        Oracle oracle = Oracle.of(convolution(s, DataType.FLOAT));
        oracle.capture(true);
        INDArray x = Oracle.uniform(4, DataType.FLOAT, EXAMPLES, 2, 9, 7);
        INDArray y = Oracle.labels(DataType.FLOAT, EXAMPLES, 3);
        double[] ones = new double[EXAMPLES];
        Arrays.fill(ones, 1);
        oracle.privateBatch(x, y);
        double[] expected = oracle.weightedSum(ones);
        ((PerExampleGradient) oracle.layers()[0]).inputGradientUnused(true);
        oracle.privateBatch(x, y);
        assertThat(oracle.weightedSum(ones)).containsExactly(expected);
        oracle.capture(false);
        assertThat(oracle.privateBatch(x, y)).as("not capturing").containsExactly(oracle.stockBatch(x, y));
    }

    @Test
    void output_lossWeights_areThoseOfTheLoss() {
        INDArray weights = Nd4j.createFromArray(0.2f, 3f, 1f);
        MultiLayerConfiguration conf = base(DataType.FLOAT)
                .list()
                .layer(new DenseLayer.Builder()
                        .nOut(6)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(new LossMCXENT(weights))
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutionalFlat(9, 7, 2))
                .build();
        Oracle oracle = Oracle.of(conf);
        oracle.capture(true);
        INDArray x = Oracle.uniform(2, DataType.FLOAT, EXAMPLES, 126);
        INDArray y = Oracle.labels(DataType.FLOAT, EXAMPLES, 3);
        oracle.privateBatch(x, y);
        double[] ones = new double[EXAMPLES];
        Arrays.fill(ones, 1);
        assertThat(Oracle.relativeError(oracle.weightedSum(ones), oracle.stockBatch(x, y)))
                .isLessThan(1e-6);
    }

    @Test
    void privateTwin_stockLayer_takesEverythingOver() {
        MultiLayerNetwork network = new MultiLayerNetwork(convolution(settings().get(0), DataType.FLOAT));
        network.init();
        network.setListeners(new CollectScoresIterationListener());
        network.setInput(Oracle.uniform(1, DataType.FLOAT, EXAMPLES, 2, 9, 7));
        network.setLabels(Oracle.labels(DataType.FLOAT, EXAMPLES, 3));
        network.computeGradientAndScore();
        for (Layer stock : network.getLayers()) {
            Layer twin = Objects.requireNonNull(PerExampleLayers.privateTwin(stock));
            assertThat(twin).isInstanceOf(PerExampleGradient.class).isInstanceOf(stock.getClass());
            assertThat(twin.params()).isSameAs(stock.params());
            assertThat(twin.paramTable()).isSameAs(stock.paramTable());
            assertThat(twin.getGradientsViewArray())
                    .isSameAs(stock.getGradientsViewArray())
                    .isNotNull();
            assertThat(twin.conf()).isSameAs(stock.conf());
            assertThat(twin.getIndex()).isEqualTo(stock.getIndex());
            assertThat(twin.getListeners()).isEqualTo(stock.getListeners()).hasSize(1);
            assertThat(PerExampleLayers.privateTwin(twin)).as("twin of a twin").isSameAs(twin);
        }
    }

    @Test
    void privateTwin_layerWithoutARule_isNull() {
        MultiLayerNetwork network = new MultiLayerNetwork(base(DataType.FLOAT)
                .list()
                .layer(new DenseLayer.Builder().nIn(4).nOut(3).build())
                .layer(new BatchNormalization.Builder().nIn(3).nOut(3).build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                        .nIn(3)
                        .nOut(2)
                        .build())
                .build());
        network.init();
        assertThat(PerExampleLayers.privateTwin(network.getLayer(1))).isNull();
    }

    @Test
    void capture_whatIsNotExact_isRefusedByName() {
        assertThatThrownBy(() -> first(new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(3)
                                .name("d")
                                .dropOut(0.5)
                                .build())
                        .capturePerExample(true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("of layer d");
        assertThatThrownBy(() -> first(new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(3)
                                .name("n")
                                .hasLayerNorm(true)
                                .build())
                        .capturePerExample(true))
                .hasMessageStartingWith("hasLayerNorm=true of layer n");
        assertThatThrownBy(() -> first(new ConvolutionLayer.Builder(2, 2)
                                .nIn(4)
                                .nOut(3)
                                .name("c")
                                .dataFormat(CNN2DFormat.NHWC)
                                .build())
                        .capturePerExample(true))
                .hasMessageStartingWith("dataFormat=NHWC of layer c");
        assertThatThrownBy(() ->
                        first(new DenseLayer.Builder().nIn(4).nOut(3).build()).addSquaredNorms(new double[1]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("captured=nothing");

        Oracle oracle = Oracle.of(convolution(settings().get(0), DataType.FLOAT));
        oracle.capture(true);
        oracle.layers()[0].setMaskArray(Nd4j.ones(EXAMPLES, 1));
        INDArray x = Oracle.uniform(1, DataType.FLOAT, EXAMPLES, 2, 9, 7);
        assertThatThrownBy(() -> oracle.privateBatch(x, Oracle.labels(DataType.FLOAT, EXAMPLES, 3)))
                .hasMessageContaining("masks are not supported");
    }

    private static PerExampleGradient first(org.deeplearning4j.nn.conf.layers.Layer conf) {
        MultiLayerNetwork network = new MultiLayerNetwork(base(DataType.FLOAT)
                .list()
                .layer(conf)
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                        .nIn(3)
                        .nOut(2)
                        .build())
                .build());
        network.init();
        return (PerExampleGradient) Objects.requireNonNull(PerExampleLayers.privateTwin(network.getLayer(0)));
    }

    private static NeuralNetConfiguration.Builder base(DataType type) {
        return new NeuralNetConfiguration.Builder().seed(9).dataType(type).updater(new NoOp());
    }

    private static MultiLayerConfiguration convolution(Setting s, DataType type) {
        return base(type)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.TANH)
                        .build())
                .layer(new ConvolutionLayer.Builder(s.kernelH(), s.kernelW())
                        .nOut(5)
                        .stride(s.stride(), s.stride())
                        .padding(s.padding(), s.padding())
                        .dilation(s.dilation(), s.dilation())
                        .convolutionMode(s.mode())
                        .activation(s.activation())
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(9, 7, 2))
                .build();
    }
}
