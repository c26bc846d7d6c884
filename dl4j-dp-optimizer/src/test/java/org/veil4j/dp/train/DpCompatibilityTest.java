package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossFMeasure;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.veil4j.dp.gradient.ExampleWise;
import org.veil4j.dp.mechanism.DpPlan;

class DpCompatibilityTest {
    private static final DpPlan PLAN = TestNetworks.plan(40, 10).build();

    /** An activation that nobody knows. */
    public static class Unknown extends ActivationReLU {}

    /** One that keeps the promise. */
    public static class Known extends ActivationReLU implements ExampleWise {}

    /** A loss that nobody knows. */
    public static class UnknownLoss extends LossMSE {}

    private static NeuralNetConfiguration.Builder base() {
        return TestNetworks.base(new DpSgd(0.1, 0, PLAN), DataType.FLOAT);
    }

    /** Images of 2 x 8 x 8, the layer, an output layer. */
    private static MultiLayerConfiguration with(Layer layer) {
        return base().list()
                .layer(layer)
                .layer(TestNetworks.output().build())
                .setInputType(InputType.convolutional(8, 8, 2))
                .build();
    }

    private static void refused(MultiLayerConfiguration configuration, String... parts) {
        List<DpCompatibility.Problem> problems = DpCompatibility.problems(configuration);
        assertThat(problems).as(String.join(", ", parts)).hasSize(1);
        assertThat(problems.get(0).toString()).contains(parts);
        assertThatExceptionOfType(UnsupportedUnderDpException.class)
                .isThrownBy(() -> new DpMultiLayerNetwork(configuration))
                .withMessageContainingAll(parts);
    }

    private static void refusedLayer(Layer layer, String... parts) {
        refused(with(layer), parts);
    }

    @Test
    void problems_supportedNetworks_areNone() {
        assertThat(DpCompatibility.problems(TestNetworks.dense(new DpAdam(1e-3, PLAN), DataType.FLOAT)))
                .isEmpty();
        assertThat(DpCompatibility.problems(TestNetworks.residual(new DpAdam(1e-3, PLAN), DataType.DOUBLE)))
                .isEmpty();
        MultiLayerConfiguration all = base().convolutionMode(ConvolutionMode.Truncate)
                .l1(1e-4)
                .l2(1e-4)
                .constrainWeights(new MaxNormConstraint(2, 1))
                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                .gradientNormalizationThreshold(1)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(new Known())
                        .build())
                .layer(new ZeroPaddingLayer.Builder(1, 1).build())
                .layer(new LocalResponseNormalization.Builder().build())
                .layer(new Cropping2D.Builder(1, 1).build())
                .layer(new Upsampling2D.Builder(2).build())
                .layer(new ActivationLayer(new ActivationReLU()))
                .layer(new SpaceToDepthLayer.Builder<>(2).build())
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).build())
                .layer(new GlobalPoolingLayer())
                .layer(new DenseLayer.Builder().nOut(5).build())
                .layer(TestNetworks.output().build())
                .setInputType(InputType.convolutional(8, 8, 2))
                .build();
        assertThat(DpCompatibility.problems(all)).isEmpty();
        DpMultiLayerNetwork network = TestNetworks.initialised(new DpMultiLayerNetwork(all));
        network.fit(PoissonSampler.of(TestNetworks.images(40, 1), PLAN));
        assertThat(network.params().isNaN().any()).isFalse();
    }

    @Test
    void layers_thatMixOrRandomise_areRefusedByNameWithReplacement() {
        refusedLayer(new BatchNormalization(), "BatchNormalization", "GroupNormalization", "frozen from public data");
        refusedLayer(new DropoutLayer(0.5), "DropoutLayer", "leave it out");
        refusedLayer(new DenseLayer.Builder().nOut(4).dropOut(0.5).build(), "dropout", "leave it out");
        refusedLayer(
                new DenseLayer.Builder()
                        .nOut(4)
                        .weightNoise(new DropConnect(0.5))
                        .build(),
                "weight noise");
        refusedLayer(
                new DenseLayer.Builder().nOut(4).hasLayerNorm(true).build(),
                "layer normalisation",
                "GroupNormalization");
        refusedLayer(
                new DenseLayer.Builder()
                        .nOut(4)
                        .activation(new ActivationRReLU())
                        .build(),
                "ActivationRReLU",
                "ActivationLReLU");
        refusedLayer(new DenseLayer.Builder().nOut(4).activation(new Unknown()).build(), "Unknown", "ExampleWise");
        refusedLayer(new ActivationLayer(new Unknown()), "Unknown", "ExampleWise");
        refusedLayer(new AutoEncoder.Builder().nOut(4).build(), "AutoEncoder", "DenseLayer");
        refusedLayer(new Deconvolution2D.Builder(3, 3).nOut(4).build(), "Deconvolution2D", "PerExampleGradient");
        refusedLayer(
                new FrozenLayerWithBackprop(
                        new BatchNormalization.Builder().nIn(2).nOut(2).build()),
                "FrozenLayerWithBackprop of BatchNormalization",
                "FrozenLayer");
        refusedLayer(new FrozenLayer(new ActivationLayer(new Unknown())), "Unknown", "ExampleWise");
        refusedLayer(
                new FrozenLayer(new SpaceToBatchLayer.Builder<>(new int[] {2, 2}).build()),
                "SpaceToBatchLayer",
                "SpaceToDepthLayer");
    }

    @Test
    void outputs_notASumOverExamples_areRefused() {
        refused(
                base().list()
                        .layer(new OutputLayer.Builder(new LossFMeasure())
                                .nIn(4)
                                .nOut(2)
                                .build())
                        .build(),
                "LossFMeasure",
                "LossBinaryXENT");
        refused(
                base().list()
                        .layer(new OutputLayer.Builder(new UnknownLoss())
                                .nIn(4)
                                .nOut(2)
                                .build())
                        .build(),
                "UnknownLoss",
                "ExampleWise");
        refused(
                base().list()
                        .layer(new CenterLossOutputLayer.Builder(LossFunction.MSE)
                                .nIn(4)
                                .nOut(2)
                                .build())
                        .build(),
                "CenterLossOutputLayer",
                "OutputLayer");
    }

    @Test
    void sequences_areRefusedByName() {
        MultiLayerConfiguration recurrent = base().list()
                .layer(new LSTM.Builder().nIn(3).nOut(4).build())
                .layer(new RnnOutputLayer.Builder(LossFunction.MSE)
                        .nIn(4)
                        .nOut(2)
                        .build())
                .backpropType(BackpropType.TruncatedBPTT)
                .build();
        assertThat(DpCompatibility.problems(recurrent).toString())
                .contains("TruncatedBPTT")
                .contains("LSTM works on sequences")
                .contains("RnnOutputLayer works on sequences");
    }

    @Test
    void formats_withoutRule_areRefused() {
        refused(
                base().list()
                        .layer(new ConvolutionLayer.Builder(3, 3)
                                .nOut(4)
                                .dataFormat(CNN2DFormat.NHWC)
                                .build())
                        .layer(TestNetworks.output().build())
                        .setInputType(InputType.convolutional(8, 8, 2, CNN2DFormat.NHWC))
                        .build(),
                "NHWC",
                "NCHW");
        refused(TestNetworks.dense(new DpAdam(1e-3, PLAN), DataType.FLOAT16), "dataType: ", "FLOAT or DOUBLE");
    }

    @Test
    void optimizers_otherThanGradientDescent_areRefused() {
        for (var algorithm : List.of(
                OptimizationAlgorithm.LBFGS,
                OptimizationAlgorithm.CONJUGATE_GRADIENT,
                OptimizationAlgorithm.LINE_GRADIENT_DESCENT)) {
            refused(
                    base().optimizationAlgo(algorithm)
                            .list()
                            .layer(TestNetworks.output().nIn(4).build())
                            .build(),
                    algorithm.toString(),
                    "STOCHASTIC_GRADIENT_DESCENT");
        }
    }

    private static void refusedVertex(GraphVertex vertex, String... parts) {
        ComputationGraphConfiguration graph = base().graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(4))
                .addVertex("vertex", vertex, "in")
                .addLayer("out", TestNetworks.output().nIn(4).build(), "vertex")
                .setOutputs("out")
                .build();
        List<DpCompatibility.Problem> problems = DpCompatibility.problems(graph);
        assertThat(problems).as(String.join(", ", parts)).hasSize(1);
        assertThat(problems.get(0).where()).isEqualTo("'vertex'");
        assertThat(problems.get(0).toString()).contains(parts);
        assertThatExceptionOfType(UnsupportedUnderDpException.class).isThrownBy(() -> new DpComputationGraph(graph));
    }

    @Test
    void vertices_thatMoveExamples_areRefused() {
        refusedVertex(new StackVertex(), "StackVertex", "MergeVertex");
        refusedVertex(new UnstackVertex(0, 2), "UnstackVertex");
        refusedVertex(new ReshapeVertex(-1, 4), "ReshapeVertex");
        refusedVertex(new L2NormalizeVertex(new int[] {0}, 1e-8), "L2NormalizeVertex over dimension 0");
        refusedVertex(new UnknownVertex(), "UnknownVertex", "ExampleWise");
        MergeVertex merge = new MergeVertex();
        merge.setMergeAxis(0);
        List<DpCompatibility.Problem> problems = new ArrayList<>();
        VertexRules.vertex(problems, "'merge'", merge);
        assertThat(problems.toString()).contains("axis 0 stacks examples");
    }

    /** A vertex that nobody knows. */
    public static class UnknownVertex extends ScaleVertex {
        /** Identity. */
        public UnknownVertex() {
            super(1);
        }
    }

    @Test
    void updaters_plainMissingOrOfTwoPlans_areRefused() {
        refused(TestNetworks.dense(new Adam(1e-3), DataType.FLOAT), "no parameter has a private one", "DpAdam");
        refused(
                base().list()
                        .layer(new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(4)
                                .biasUpdater(new Adam(1e-3))
                                .build())
                        .layer(TestNetworks.output().nIn(4).build())
                        .build(),
                "not private: 'layer0' b: Adam",
                "new DpUpdater(updater, plan)");
        DpPlan other = TestNetworks.plan(40, 20).build();
        List<DpCompatibility.Problem> problems = DpCompatibility.problems(base().list()
                .layer(new DenseLayer.Builder()
                        .nIn(4)
                        .nOut(4)
                        .updater(new DpAdam(1e-3, other))
                        .build())
                .layer(TestNetworks.output().nIn(4).build())
                .build());
        assertThat(problems.toString()).contains("its updater's plan differs from that of 'layer0'");
    }

    @Test
    void problems_several_areListedTogether() {
        MultiLayerConfiguration bad = TestNetworks.base(new Adam(1e-3), DataType.FLOAT)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .name("first")
                        .dropOut(0.5)
                        .build())
                .layer(new BatchNormalization())
                .layer(new Deconvolution2D.Builder(3, 3).nOut(4).build())
                .layer(TestNetworks.output().build())
                .setInputType(InputType.convolutional(8, 8, 2))
                .build();
        assertThatExceptionOfType(UnsupportedUnderDpException.class)
                .isThrownBy(() -> DpCompatibility.check(bad))
                .satisfies(e -> assertThat(e.problems()).hasSize(4))
                .withMessageContaining("'first': dropout")
                .withMessageContaining("BatchNormalization")
                .withMessageContaining("Deconvolution2D")
                .withMessageContaining("updater: ");
    }

    @Test
    void frozenLayers_batchNormalizationIncluded_areAllowedAndStay() {
        MultiLayerConfiguration configuration = base().list()
                .layer(new FrozenLayer(
                        new ConvolutionLayer.Builder(3, 3).nIn(2).nOut(4).build()))
                .layer(new FrozenLayer(
                        new BatchNormalization.Builder().nIn(4).nOut(4).build()))
                .layer(new DenseLayer.Builder().nOut(6).build())
                .layer(TestNetworks.output().build())
                .setInputType(InputType.convolutional(8, 8, 2))
                .build();
        assertThat(DpCompatibility.problems(configuration)).isEmpty();
        DpMultiLayerNetwork network = TestNetworks.initialised(new DpMultiLayerNetwork(configuration));
        INDArray before = network.params().dup();
        DataSet data = TestNetworks.cast(TestNetworks.images(40, 1), DataType.FLOAT);
        network.fit(PoissonSampler.of(data, PLAN));
        long frozen = network.getLayer(0).numParams() + network.getLayer(1).numParams();
        INDArray moved = before.sub(network.params());
        for (long i = 0; i < moved.length(); i++) {
            assertThat(moved.getDouble(i) != 0)
                    .as("parameter %d of %d frozen", i, frozen)
                    .isEqualTo(i >= frozen);
        }
        // Weights under a frozen layer get no gradient in DL4J.
        MultiLayerConfiguration below = base().list()
                .layer(new DenseLayer.Builder().nIn(4).nOut(4).build())
                .layer(new FrozenLayer(new DenseLayer.Builder().nIn(4).nOut(4).build()))
                .layer(TestNetworks.output().nIn(4).build())
                .build();
        refused(below, "'layer0'", "below a frozen layer", "freeze it too");
    }

    @Test
    void frozenGraphLayer_isNotMoved() {
        ComputationGraphConfiguration configuration = base().graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(TestNetworks.FEATURES))
                .addLayer(
                        "body",
                        new FrozenLayer(new DenseLayer.Builder().nIn(8).nOut(5).build()),
                        "in")
                .addLayer(
                        "middle",
                        new FrozenLayerWithBackprop(
                                new DenseLayer.Builder().nIn(5).nOut(5).build()),
                        "body")
                .addLayer("out", TestNetworks.output().nIn(5).build(), "middle")
                .setOutputs("out")
                .build();
        DpComputationGraph network = new DpComputationGraph(configuration);
        network.init();
        INDArray before = network.params().dup();
        network.fit(PoissonSampler.of(TestNetworks.cast(TestNetworks.flat(40, 1), DataType.FLOAT), PLAN));
        INDArray moved = before.sub(network.params());
        for (long i = 0; i < moved.length(); i++) {
            assertThat(moved.getDouble(i) != 0).as("parameter %d", i).isEqualTo(i >= 45 + 30);
        }
    }
}
