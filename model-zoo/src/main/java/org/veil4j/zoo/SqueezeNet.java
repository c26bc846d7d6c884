package org.veil4j.zoo;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.layers.conv.OneDnnConvolution;

/**
 * SqueezeNet v1.1 without its classifier (Iandola et al. 2016, arXiv 1602.07360; version 1.1 of the authors' repository), as
 * a body whose output becomes features: 722,496 parameters, 0.35 billion multiplications an image of 224x224.
 *
 * <p>The layers are those of the Keras port (github.com/rcmalli/keras-squeezenet, MIT), whose weights {@link #load} reads, by
 * its names: conv1 3x3 stride 2 without padding; 3x3 max pooling stride 2 without padding after conv1, fire3 and fire5; eight
 * fire modules (squeeze 1x1, then expand 1x1 beside expand 3x3 with zero padding, concatenated in this order), ReLU after
 * every convolution. {@value #FEATURES_LAYER} averages each of the 512 maps of fire9. Convolutional throughout, so that any
 * input from {@value #MIN_SIZE} pixels on will do; trained at 224 (authors: 227).
 */
public final class SqueezeNet {
    /** Height and width of the input by default. */
    public static final int SIZE = 224;

    /** Least height and width of the input: smaller ones vanish before the last pooling. */
    public static final int MIN_SIZE = 31;

    /** Number of features. */
    public static final int FEATURES = 512;

    /** Number of parameters. */
    public static final long PARAMETERS = 722_496;

    /** Name of the last layer, the global average pooling. */
    public static final String FEATURES_LAYER = "features";

    private static final int CHANNELS = 3;
    private static final int CONV1 = 64;
    /** Squeeze and expand widths of fire2 to fire9. */
    private static final int[][] FIRES = {
        {16, 64}, {16, 64}, {32, 128}, {32, 128}, {48, 192}, {48, 192}, {64, 256}, {64, 256}
    };

    private SqueezeNet() {}

    /**
     * The configuration.
     *
     * @param seed of the random weights
     * @return a graph with one input of shape [images, 3, rows, columns], channels blue, green, red, and the one output
     *     {@value #FEATURES_LAYER} of shape [images, 512]
     */
    public static ComputationGraphConfiguration configuration(long seed) {
        GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.RELU)
                .activation(Activation.RELU)
                .trainingWorkspaceMode(WorkspaceMode.ENABLED)
                .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(SIZE, SIZE, CHANNELS));
        graph.addLayer("conv1", convolution(3, 2, CONV1, ConvolutionMode.Truncate), "input");
        String last = pool(graph, 1, "conv1");
        for (int f = 0; f < FIRES.length; f++) {
            int number = f + 2;
            last = fire(graph, number, FIRES[f][0], FIRES[f][1], last);
            if (number == 3 || number == 5) {
                last = pool(graph, number, last);
            }
        }
        return graph.addLayer(FEATURES_LAYER, new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last)
                .setOutputs(FEATURES_LAYER)
                .build();
    }

    /**
     * The network with trained weights.
     *
     * @param weights Keras 2 HDF5 file of the port named above (with or without classifier, TensorFlow order)
     * @return a new network
     * @throws IOException if the file is missing, damaged or of another network
     */
    public static ComputationGraph load(Path weights) throws IOException {
        ComputationGraph network = new ComputationGraph(configuration(0));
        network.init();
        try (KerasWeights file = KerasWeights.open(weights)) {
            for (Layer layer : network.getLayers()) {
                if (layer.conf().getLayer() instanceof ConvolutionLayer convolution) {
                    copy(file, convolution, layer);
                }
            }
        }
        return network;
    }

    /**
     * What the Keras port does to pixels 0 to 255, channels blue, green, red: it subtracts ImageNet's means.
     *
     * @return the normalisation
     */
    public static InputNormalisation normalisation() {
        return new InputNormalisation(new double[] {103.939, 116.779, 123.68}, new double[] {1, 1, 1});
    }

    private static void copy(KerasWeights file, ConvolutionLayer convolution, Layer layer) throws IOException {
        int size = convolution.getKernelSize()[0];
        int in = (int) convolution.getNIn();
        int out = (int) convolution.getNOut();
        KerasWeights.Convolution trained = file.convolution(convolution.getLayerName(), size, in, out);
        layer.setParam("W", Nd4j.create(trained.kernel(), new long[] {out, in, size, size}, 'c'));
        layer.setParam("b", Nd4j.create(trained.bias(), new long[] {1, out}, 'c'));
    }

    private static String pool(GraphBuilder graph, int number, String input) {
        String name = "pool" + number;
        graph.addLayer(
                name,
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX, new int[] {3, 3}, new int[] {2, 2})
                        .convolutionMode(ConvolutionMode.Truncate)
                        .build(),
                input);
        return name;
    }

    private static String fire(GraphBuilder graph, int number, int squeeze, int expand, String input) {
        String name = "fire" + number;
        String squeezed = name + "/squeeze1x1";
        graph.addLayer(squeezed, convolution(1, 1, squeeze, ConvolutionMode.Truncate), input)
                .addLayer(name + "/expand1x1", convolution(1, 1, expand, ConvolutionMode.Truncate), squeezed)
                .addLayer(name + "/expand3x3", convolution(3, 1, expand, ConvolutionMode.Same), squeezed)
                .addVertex(name + "/concat", new MergeVertex(), name + "/expand1x1", name + "/expand3x3");
        return name + "/concat";
    }

    private static ConvolutionLayer convolution(int size, int stride, int maps, ConvolutionMode mode) {
        return new OneDnnConvolution.Builder(size, size)
                .stride(stride, stride)
                .nOut(maps)
                .convolutionMode(mode)
                .build();
    }
}
