package org.veil4j.layers.conv;

import java.util.Arrays;
import java.util.Locale;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.layers.TestNetworks;
import org.veil4j.layers.activation.SquareActivation;

/**
 * Measures how much faster {@link OneDnnConvolution} makes training and inference than the stock layer. Not a test: run
 * the main method with the test class path and {@code OMP_WAIT_POLICY=PASSIVE} in the environment. The two networks take
 * turns in one process, and medians are compared, so that other load on the machine hits both.
 */
public final class ConvolutionBenchmark {
    private static final int BATCH = 128;

    private ConvolutionBenchmark() {}

    public static void main(String[] args) {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 15;
        System.out.printf("batch %d, %d rounds, oneDNN available: %s%n", BATCH, rounds, OneDnn.isAvailable());
        measure("CryptoNet, 1x28x28", rounds, network(false, 1, 28, 5, 50), network(true, 1, 28, 5, 50));
        measure("CryptoNet-L, 3x32x32", rounds, network(false, 3, 32, 15, 150), network(true, 3, 32, 15, 150));
        measure("four 3x3 of 32 maps, 3x32x32", rounds, stack(false), stack(true));
    }

    private static void measure(String name, int rounds, MultiLayerNetwork stock, MultiLayerNetwork fast) {
        long channels = ((ConvolutionLayer)
                        stock.getLayerWiseConfigurations().getConf(0).getLayer())
                .getNIn();
        long size = channels == 1 ? 28 : 32;
        INDArray x = TestNetworks.normal(DataType.FLOAT, BATCH, channels, size, size);
        INDArray y = TestNetworks.oneHot(DataType.FLOAT, BATCH, 10);
        double[][] ms = new double[4][rounds];
        for (int r = -3; r < rounds; r++) {
            double[] t = {fit(stock, x, y), fit(fast, x, y), output(stock, x), output(fast, x)};
            for (int k = 0; r >= 0 && k < 4; k++) {
                ms[k][r] = t[k];
            }
        }
        double[] m = Arrays.stream(ms).mapToDouble(ConvolutionBenchmark::median).toArray();
        System.out.printf(
                Locale.ROOT,
                "%-30s fit %7.1f -> %6.1f ms (%.1fx)   output %7.1f -> %6.1f ms (%.1fx)%n",
                name,
                m[0],
                m[1],
                m[0] / m[1],
                m[2],
                m[3],
                m[2] / m[3]);
    }

    private static double fit(MultiLayerNetwork network, INDArray x, INDArray y) {
        long start = System.nanoTime();
        network.fit(x, y);
        return (System.nanoTime() - start) * 1e-6;
    }

    private static double output(MultiLayerNetwork network, INDArray x) {
        long start = System.nanoTime();
        network.output(x);
        return (System.nanoTime() - start) * 1e-6;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static ConvolutionLayer convolution(boolean fast, int kernel, int stride, int maps) {
        int[] k = {kernel, kernel};
        return (fast ? new OneDnnConvolution.Builder(k) : new ConvolutionLayer.Builder(k))
                .stride(stride, stride)
                .nOut(maps)
                .convolutionMode(ConvolutionMode.Same)
                .activation(new ActivationIdentity())
                .build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder()
                .nOut(10)
                .activation(new ActivationSoftmax())
                .build();
    }

    private static MultiLayerNetwork network(boolean fast, int channels, int size, int first, int second) {
        return TestNetworks.network(
                DataType.FLOAT,
                InputType.convolutional(size, size, channels),
                convolution(fast, 5, 2, first),
                AveragePooling.of(2, 2),
                convolution(fast, 5, 1, second),
                AveragePooling.of(4, size == 28 ? 3 : 4),
                new DenseLayer.Builder()
                        .nOut(100)
                        .activation(new SquareActivation())
                        .build(),
                output());
    }

    private static MultiLayerNetwork stack(boolean fast) {
        Layer[] layers = new Layer[6];
        for (int i = 0; i < 4; i++) {
            layers[i] = convolution(fast, 3, 1, 32);
        }
        layers[4] = AveragePooling.of(8, 8);
        layers[5] = output();
        return TestNetworks.network(DataType.FLOAT, InputType.convolutional(32, 32, 3), layers);
    }
}
