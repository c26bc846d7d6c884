package org.veil4j.layers.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.layers.TestNetworks;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.activation.PolynomialLayer;
import org.veil4j.layers.activation.SquareActivation;
import org.veil4j.layers.conv.AveragePooling;
import org.veil4j.layers.conv.OneDnnConvolution;
import org.veil4j.layers.norm.FoldableBatchNormalization;
import org.veil4j.layers.norm.FrozenBatchNormalization;
import org.veil4j.layers.norm.GroupNormalization;
import org.veil4j.layers.norm.WeightStandardizedConvolution;

class HeCompatibilityTest {
    private static final InputType IMAGE = InputType.convolutional(12, 12, 2);

    private static OutputLayer output(Activation activation) {
        return new OutputLayer.Builder()
                .name("out")
                .nOut(3)
                .activation(activation)
                .build();
    }

    @Test
    void check_everythingSupported_findsNothing() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT,
                IMAGE,
                new OneDnnConvolution.Builder(3, 3)
                        .nOut(4)
                        .activation(new SquareActivation())
                        .build(),
                AveragePooling.of(2, 2),
                new BatchNormalization(),
                new ActivationLayer(new PolynomialActivation(0.1, 0.5, 0.2)),
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .dropOut(0.5)
                        .activation(Activation.CUBE)
                        .build(),
                new PolynomialLayer.Builder(0, 1, 1).build(),
                new DropoutLayer(0.5),
                new FrozenLayer(new DenseLayer.Builder()
                        .nOut(5)
                        .activation(Activation.IDENTITY)
                        .build()),
                output(Activation.SOFTMAX));
        assertThat(HeCompatibility.check(network)).isEmpty();
        assertThatCode(() -> HeCompatibility.require(network)).doesNotThrowAnyException();
    }

    @Test
    void require_manyUnsupportedLayers_namesAllAtOnceWithReplacements() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT,
                IMAGE,
                new ConvolutionLayer.Builder(3, 3)
                        .name("first")
                        .nOut(4)
                        .activation(Activation.RELU)
                        .build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX, new int[] {2, 2})
                        .name("pool")
                        .build(),
                new LocalResponseNormalization.Builder().name("lrn").build(),
                new Deconvolution2D.Builder(3, 3)
                        .name("up")
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build(),
                new ActivationLayer.Builder()
                        .name("tanh")
                        .activation(Activation.TANH)
                        .build(),
                new GlobalPoolingLayer.Builder(PoolingType.MAX).name("global").build(),
                new DenseLayer.Builder()
                        .name("dense")
                        .nOut(5)
                        .hasLayerNorm(true)
                        .activation(Activation.SOFTMAX)
                        .build(),
                new OutputLayer.Builder(LossFunctions.LossFunction.XENT)
                        .name("out")
                        .nOut(3)
                        .activation(Activation.SIGMOID)
                        .build());
        assertThatThrownBy(() -> HeCompatibility.require(network))
                .isInstanceOfSatisfying(
                        UnsupportedLayerException.class,
                        e -> assertThat(e.layers())
                                .extracting(UnsupportedLayer::name)
                                .containsExactly(
                                        "first", "pool", "lrn", "up", "tanh", "global", "dense", "dense", "out"))
                .hasMessageContaining("9 layers")
                .hasMessageContaining("SquareActivation")
                .hasMessageContaining("AveragePooling")
                .hasMessageContaining("BatchNormalization");
        assertThat(HeCompatibility.check(network))
                .allSatisfy(l -> assertThat(l.replacement()).isNotBlank());
    }

    @Test
    void check_normalisations_foldOrAreNamed() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT,
                IMAGE,
                new WeightStandardizedConvolution.Builder(3, 3)
                        .nOut(4)
                        .activation(PolynomialActivation.gaussianRelu().withPenalty(5, 1e-3))
                        .build(),
                new FoldableBatchNormalization.Builder()
                        .activation(new SquareActivation())
                        .build(),
                new FrozenBatchNormalization.Builder().build(),
                output(Activation.SOFTMAX));
        assertThat(HeCompatibility.check(network)).isEmpty();
        MultiLayerNetwork bad = TestNetworks.network(
                DataType.FLOAT,
                IMAGE,
                new GroupNormalization.Builder(2).name("group").build(),
                new FoldableBatchNormalization.Builder()
                        .name("relu")
                        .activation(Activation.RELU)
                        .build(),
                output(Activation.SOFTMAX));
        assertThat(HeCompatibility.check(bad)).hasSize(2).satisfies(found -> {
            assertThat(found.get(0).toString()).contains("group", "GroupNormalization", "FrozenBatchNormalization");
            assertThat(found.get(1).toString()).contains("relu", "polynomials");
        });
    }

    @Test
    void check_channelsLast_isFound() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT,
                InputType.convolutional(12, 12, 2, CNN2DFormat.NHWC),
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(new SquareActivation())
                        .build(),
                output(Activation.SOFTMAX));
        assertThat(HeCompatibility.check(network))
                .isNotEmpty()
                .allSatisfy(l -> assertThat(l.type()).contains("NHWC"));
    }

    @Test
    void check_flatInput_isAccepted() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT,
                InputType.convolutionalFlat(12, 12, 1),
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(new SquareActivation())
                        .build(),
                output(Activation.SOFTMAX));
        assertThat(HeCompatibility.check(network)).isEmpty();
    }

    private static ComputationGraphConfiguration.GraphBuilder graph() {
        return new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(IMAGE)
                .addLayer("a", convolution(), "in")
                .addLayer("b", convolution(), "a");
    }

    private static ConvolutionLayer convolution() {
        return new ConvolutionLayer.Builder(1, 1)
                .nOut(4)
                .activation(new ActivationIdentity())
                .build();
    }

    private static List<UnsupportedLayer> check(ComputationGraphConfiguration.GraphBuilder builder) {
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        return HeCompatibility.check(graph);
    }

    private static OutputLayer end() {
        return new OutputLayer.Builder()
                .nOut(3)
                .activation(new ActivationSoftmax())
                .build();
    }

    @Test
    void check_graphWithResidualAddition_findsNothing() {
        assertThat(check(graph().addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b")
                        .addLayer("out", end(), "sum")
                        .setOutputs("out")))
                .isEmpty();
    }

    @Test
    void check_graphWithOtherVertices_namesThem() {
        assertThat(check(graph().addVertex("max", new ElementWiseVertex(ElementWiseVertex.Op.Max), "a", "b")
                        .addVertex("merge", new MergeVertex(), "max", "b")
                        .addLayer("out", end(), "merge")
                        .addLayer("second", end(), "merge")
                        .setOutputs("out", "second")))
                .extracting(UnsupportedLayer::name)
                .containsExactlyInAnyOrder("network", "max", "merge");
    }
}
