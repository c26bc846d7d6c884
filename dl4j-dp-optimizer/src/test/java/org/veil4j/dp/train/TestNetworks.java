package org.veil4j.dp.train;

import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.mechanism.DpPlanBuilder;

/** Small networks and data for tests. */
final class TestNetworks {
    static final int FEATURES = 8;
    static final int CLASSES = 3;

    private TestNetworks() {}

    static NeuralNetConfiguration.Builder base(IUpdater updater, DataType type) {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(type)
                .updater(updater)
                .activation(Activation.TANH);
    }

    static MultiLayerConfiguration dense(IUpdater updater, DataType type) {
        return base(updater, type)
                .list()
                .layer(new DenseLayer.Builder().nIn(FEATURES).nOut(6).build())
                .layer(output().nIn(6).build())
                .build();
    }

    static OutputLayer.Builder output() {
        return new OutputLayer.Builder(LossFunction.MCXENT).nOut(CLASSES).activation(Activation.SOFTMAX);
    }

    /** A residual block of convolutions, pooling, and two dense layers on 2 x 8 x 8 images. */
    static ComputationGraphConfiguration residual(IUpdater updater, DataType type) {
        return base(updater, type)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(8, 8, 2))
                .addLayer("stem", linear(convolution(1)), "in")
                .addLayer("inner", linear(convolution(1)), "stem")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "stem", "inner")
                .addLayer(
                        "pool",
                        new SubsamplingLayer.Builder(
                                        SubsamplingLayer.PoolingType.AVG, new int[] {2, 2}, new int[] {2, 2})
                                .build(),
                        "sum")
                .addLayer("strided", convolution(2), "pool")
                .addLayer("dense", new DenseLayer.Builder().nOut(7).build(), "strided")
                .addLayer("out", output().build(), "dense")
                .setOutputs("out")
                .build();
    }

    /** Without an activation, DL4J hands the very array of a gradient on. */
    private static ConvolutionLayer linear(ConvolutionLayer layer) {
        layer.setActivationFn(new ActivationIdentity());
        return layer;
    }

    private static ConvolutionLayer convolution(int stride) {
        return new ConvolutionLayer.Builder(3, 3).nOut(4).stride(stride, stride).build();
    }

    static DpPlanBuilder plan(int examples, int expectedBatch) {
        return DpPlan.builder()
                .examples(examples)
                .expectedBatch(expectedBatch)
                .epochs(4)
                .clipNorm(0.5)
                .delta(1e-3)
                .noiseMultiplier(1)
                .seededForTesting(11);
    }

    static DpMultiLayerNetwork denseNetwork(DpPlan plan) {
        return initialised(new DpMultiLayerNetwork(dense(new DpSgd(1, 0, plan), DataType.FLOAT)));
    }

    static DpComputationGraph residualNetwork(DpPlan plan) {
        DpComputationGraph network = new DpComputationGraph(residual(new DpSgd(1, 0, plan), DataType.FLOAT));
        network.init();
        return network;
    }

    static DpMultiLayerNetwork initialised(DpMultiLayerNetwork network) {
        network.init();
        return network;
    }

    /** Flat examples with random features and labels. */
    static DataSet flat(int examples, long seed) {
        return data(examples, seed, FEATURES);
    }

    /** Random images of 2 x 8 x 8 with random labels. */
    static DataSet images(int examples, long seed) {
        return data(examples, seed, 2, 8, 8);
    }

    private static DataSet data(int examples, long seed, long... shape) {
        Random random = new Random(seed);
        long[] whole = new long[shape.length + 1];
        whole[0] = examples;
        System.arraycopy(shape, 0, whole, 1, shape.length);
        INDArray features = Nd4j.create(DataType.DOUBLE, whole, 'c');
        INDArray flat = features.reshape(features.length());
        for (long i = 0; i < flat.length(); i++) {
            flat.putScalar(i, random.nextGaussian());
        }
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, examples, CLASSES);
        for (int i = 0; i < examples; i++) {
            labels.putScalar(i, random.nextInt(CLASSES), 1);
        }
        return new DataSet(features, labels);
    }

    static DataSet cast(DataSet data, DataType type) {
        return new DataSet(data.getFeatures().castTo(type), data.getLabels().castTo(type));
    }

    /** A stock network of the same configuration with a plain updater. */
    static MultiLayerNetwork stockDense(IUpdater updater, DataType type) {
        MultiLayerNetwork network = new MultiLayerNetwork(dense(updater, type));
        network.init();
        return network;
    }

    /** A stock network of the same configuration with a plain updater. */
    static ComputationGraph stockResidual(IUpdater updater, DataType type) {
        ComputationGraph network = new ComputationGraph(residual(updater, type));
        network.init();
        return network;
    }
}
