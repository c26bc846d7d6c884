package org.veil4j.he.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.he.nn.ReferenceNetwork;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.activation.PolynomialLayer;
import org.veil4j.layers.activation.SquareActivation;
import org.veil4j.layers.check.UnsupportedLayerException;
import org.veil4j.layers.norm.FoldableBatchNormalization;
import org.veil4j.layers.norm.FrozenBatchNormalization;
import org.veil4j.layers.norm.GroupNormalization;
import org.veil4j.layers.norm.PublicStatistics;
import org.veil4j.layers.norm.WeightStandardizedConvolution;

/** Imported graphs against DL4J's own output in double precision. */
class Dl4jImporterTest {
    private static final TensorShape IMAGE = new TensorShape(2, 11, 10);

    @ParameterizedTest
    @CsvSource({"Same,1,1", "Same,2,1", "Same,3,1", "Same,1,2", "Truncate,1,1", "Truncate,2,1", "Truncate,2,2"})
    void importNetwork_convolutionModes_equalDl4j(ConvolutionMode mode, int stride, int dilation) {
        MultiLayerConfiguration conf = builder(12)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 4)
                        .nOut(3)
                        .stride(stride, 1)
                        .dilation(dilation, 1)
                        .padding(mode == ConvolutionMode.Same ? new int[] {0, 0} : new int[] {1, 2})
                        .convolutionMode(mode)
                        .activation(new SquareActivation())
                        .build())
                .layer(new SubsamplingLayer.Builder(
                                SubsamplingLayer.PoolingType.AVG, new int[] {3, 2}, new int[] {2, 2})
                        .convolutionMode(mode)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(5)
                        .activation(PolynomialActivation.gaussianRelu())
                        .build())
                .layer(output(3))
                .setInputType(InputType.convolutional(IMAGE.height(), IMAGE.width(), IMAGE.channels()))
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(conf);
        network.init();
        NetworkGraph graph = Dl4jImporter.importNetwork(network, IMAGE);
        assertThat(graph.notes()).hasSize(1).first().asString().contains("softmax");
        INDArray input = input(12);
        List<INDArray> activations = network.feedForward(input);
        INDArray logits = activations.get(3).mmul(network.getLayer(3).getParam("W"));
        assertSame(graph, input, logits.addRowVector(network.getLayer(3).getParam("b")));
    }

    @Test
    void importNetwork_residualGraphWithNormalisationAndPooling_equalsDl4j() {
        ComputationGraphConfiguration conf = builder(7)
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(IMAGE.height(), IMAGE.width(), IMAGE.channels()))
                .addLayer("stem", same(4, 3, 1), "image")
                .addLayer("norm", new BatchNormalization.Builder().build(), "stem")
                .addLayer(
                        "poly",
                        new PolynomialLayer.Builder(0.1, 0.5, 0.2)
                                .perChannel(true)
                                .build(),
                        "norm")
                .addLayer("drop", new DropoutLayer.Builder(0.5).build(), "poly")
                .addLayer("left", same(6, 3, 2), "drop")
                .addLayer("right", same(6, 1, 2), "norm")
                .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right")
                .addLayer(
                        "cube",
                        new ActivationLayer.Builder()
                                .activation(new ActivationCube())
                                .build(),
                        "add")
                .addLayer(
                        "mean",
                        new SubsamplingLayer.Builder(
                                        SubsamplingLayer.PoolingType.AVG, new int[] {2, 2}, new int[] {2, 2})
                                .build(),
                        "cube")
                .addLayer("global", new GlobalPoolingLayer.Builder(PoolingType.SUM).build(), "mean")
                .addLayer("out", output(3), "global")
                .setOutputs("out")
                .build();
        ComputationGraph network = new ComputationGraph(conf);
        network.init();
        for (int i = 0; i < 3; i++) {
            network.fit(new DataSet(input(100 + i), Nd4j.eye(3).castTo(DataType.DOUBLE)));
        }
        INDArray input = input(8);
        NetworkGraph graph = Dl4jImporter.importNetwork(network, IMAGE);
        INDArray hidden =
                Objects.requireNonNull(network.feedForward(input, false).get("global"));
        INDArray logits = hidden.mmul(network.getLayer("out").getParam("W"));
        assertSame(graph, input, logits.addRowVector(network.getLayer("out").getParam("b")));
    }

    /** Standardised weights, foldable and frozen normalisation with fused polynomials, inside and behind a residual block. */
    @Test
    void importNetwork_foldableNormalisations_equalDl4j() {
        PolynomialActivation polynomial = PolynomialActivation.gaussianRelu().withPenalty(5, 1e-3);
        ComputationGraphConfiguration conf = builder(17)
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(IMAGE.height(), IMAGE.width(), IMAGE.channels()))
                .addLayer("stem", same(4, 3, 1), "image")
                .addLayer(
                        "batch",
                        new FoldableBatchNormalization.Builder()
                                .decay(0.5)
                                .activation(polynomial)
                                .build(),
                        "stem")
                .addLayer("standard", standardised(6, 3, 2, true, polynomial), "batch")
                .addLayer("left", standardised(6, 3, 1, false, new ActivationIdentity()), "standard")
                .addLayer("right", same(6, 1, 2), "stem")
                .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right")
                .addLayer(
                        "frozen",
                        new FrozenBatchNormalization.Builder()
                                .activation(new SquareActivation())
                                .build(),
                        "add")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nOut(5)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "frozen")
                .addLayer(
                        "head",
                        new FoldableBatchNormalization.Builder()
                                .activation(polynomial)
                                .build(),
                        "hidden")
                .addLayer("out", output(3), "head")
                .setOutputs("out")
                .build();
        ComputationGraph network = new ComputationGraph(conf);
        network.init();
        PublicStatistics.measure(network, List.of(input(50), input(51)));
        for (int i = 0; i < 3; i++) {
            network.fit(new DataSet(input(100 + i), Nd4j.eye(3).castTo(DataType.DOUBLE)));
        }
        NetworkGraph graph = Dl4jImporter.importNetwork(network, IMAGE);
        INDArray input = input(8);
        assertSame(graph, input, logits(network, input));
        ComputationGraph frozen = new TransferLearning.GraphBuilder(network)
                .setFeatureExtractor("left")
                .build();
        // transfer learning copies parameters through floats
        assertSame(Dl4jImporter.importNetwork(frozen, IMAGE), input, logits(network, input), 1e-6);
    }

    private static INDArray logits(ComputationGraph network, INDArray input) {
        INDArray head = Objects.requireNonNull(network.feedForward(input, false).get("head"));
        return head.mmul(network.getLayer("out").getParam("W"))
                .addRowVector(network.getLayer("out").getParam("b"));
    }

    private static ConvolutionLayer standardised(
            int out, int kernel, int stride, boolean bias, IActivation activation) {
        WeightStandardizedConvolution.Builder builder = new WeightStandardizedConvolution.Builder(kernel, kernel);
        builder.nOut(out).stride(stride, stride).hasBias(bias).gainInit(1.3).biasInit(0.2);
        builder.convolutionMode(ConvolutionMode.Same).activation(activation);
        return builder.build();
    }

    @Test
    void importNetwork_groupNormalisation_isRefusedWithItsReplacements() {
        MultiLayerNetwork network = new MultiLayerNetwork(builder(1)
                .list()
                .layer(same(4, 3, 1))
                .layer(new GroupNormalization.Builder(2).name("gn").build())
                .layer(output(3))
                .setInputType(InputType.convolutional(IMAGE.height(), IMAGE.width(), IMAGE.channels()))
                .build());
        network.init();
        assertThatThrownBy(() -> Dl4jImporter.importNetwork(network, IMAGE))
                .isInstanceOf(UnsupportedLayerException.class)
                .hasMessageContaining("gn")
                .hasMessageContaining("FoldableBatchNormalization")
                .hasMessageContaining("WeightStandardizedConvolution");
    }

    @Test
    void importNetwork_severalUnsupportedLayers_namesThemAll() {
        MultiLayerConfiguration conf = builder(1)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(3)
                        .activation(Activation.RELU)
                        .build())
                .layer(new SubsamplingLayer.Builder(
                                SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(5)
                        .activation(Activation.TANH)
                        .build())
                .layer(output(3))
                .setInputType(InputType.convolutional(IMAGE.height(), IMAGE.width(), IMAGE.channels()))
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(conf);
        network.init();
        assertThatThrownBy(() -> Dl4jImporter.importNetwork(network, IMAGE))
                .isInstanceOf(UnsupportedLayerException.class)
                .hasMessageContaining("relu")
                .hasMessageContaining("MAX")
                .hasMessageContaining("tanh");
    }

    @Test
    void importNetwork_wrongInputShape_isRefused() {
        MultiLayerNetwork network = dense();
        assertThatThrownBy(() -> Dl4jImporter.importNetwork(network, new TensorShape(1, 4, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input shape");
    }

    @Test
    void importNetwork_weightIsNaN_isRefused() {
        MultiLayerNetwork network = dense();
        network.getLayer(0).getParam("W").putScalar(3, Double.NaN);
        assertThatThrownBy(() -> Dl4jImporter.importNetwork(network, TensorShape.vector(6)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NaN");
    }

    private static MultiLayerNetwork dense() {
        MultiLayerNetwork network = new MultiLayerNetwork(builder(1)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(6)
                        .nOut(4)
                        .activation(new SquareActivation())
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(4)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return network;
    }

    private static NeuralNetConfiguration.Builder builder(long seed) {
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.01))
                .convolutionMode(ConvolutionMode.Truncate);
    }

    private static ConvolutionLayer same(int out, int kernel, int stride) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nOut(out)
                .stride(stride, stride)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static OutputLayer output(int classes) {
        return new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(classes)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static INDArray input(int seed) {
        Nd4j.getRandom().setSeed(seed);
        return Nd4j.randn(DataType.DOUBLE, 3, IMAGE.channels(), IMAGE.height(), IMAGE.width());
    }

    private static void assertSame(NetworkGraph graph, INDArray input, INDArray want) {
        assertSame(graph, input, want, 1e-9);
    }

    private static void assertSame(NetworkGraph graph, INDArray input, INDArray want, double tolerance) {
        for (int i = 0; i < input.size(0); i++) {
            double[] image = input.slice(i).dup('c').data().asDouble();
            double[] have = ReferenceNetwork.run(graph, image);
            for (int o = 0; o < have.length; o++) {
                double w = want.getDouble(i, o);
                assertThat(have[o])
                        .as("image %d, output %d", i, o)
                        .isCloseTo(w, within(tolerance * Math.max(1, Math.abs(w))));
            }
        }
    }

    @Test
    void importNetwork_notInitialised_saysSo() {
        MultiLayerConfiguration conf = new NeuralNetConfiguration.Builder()
                .list()
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(4)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
        assertThatThrownBy(() -> Dl4jImporter.importNetwork(new MultiLayerNetwork(conf), TensorShape.vector(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("init()");
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "out",
                        new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(2)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "in")
                .setOutputs("out")
                .build());
        assertThatThrownBy(() -> Dl4jImporter.importNetwork(graph, TensorShape.vector(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("init()");
    }
}
