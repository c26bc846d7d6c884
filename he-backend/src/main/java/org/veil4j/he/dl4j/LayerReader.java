package org.veil4j.he.dl4j;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.NetworkGraph.Window;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.activation.PolynomialLayer;
import org.veil4j.layers.activation.SquareActivation;
import org.veil4j.layers.check.HeCompatibility;
import org.veil4j.layers.norm.FoldableBatchNormalization;
import org.veil4j.layers.norm.FoldedNormalization;
import org.veil4j.layers.norm.FrozenBatchNormalization;
import org.veil4j.layers.norm.WeightStandardizedConvolution;

/** Turns DL4J layers into nodes, one call a layer. A layer and its activation function become two nodes. */
final class LayerReader {
    private final NetworkGraph.Builder graph;
    private final Map<String, String> lastNode = new HashMap<>();

    LayerReader(NetworkGraph.Builder graph) {
        this.graph = graph;
    }

    /** The node that holds a vertex's final value. */
    String lastOf(String vertex) {
        return lastNode.getOrDefault(vertex, vertex);
    }

    /** Makes a vertex stand for a node that is already there. */
    void alias(String vertex, String node) {
        lastNode.put(vertex, node);
    }

    /** Adds a layer's nodes. */
    void read(String name, Layer layer, String from, boolean isOutput) {
        org.deeplearning4j.nn.conf.layers.Layer conf =
                HeCompatibility.unwrap(layer.conf().getLayer());
        lastNode.put(name, from);
        if (conf instanceof DropoutLayer) {
            return;
        }
        TensorShape in = graph.shape(from);
        if (conf instanceof ConvolutionLayer c) {
            add(name, convolution(name, c, layer, from, in));
        } else if (conf instanceof DenseLayer || conf instanceof OutputLayer) {
            add(name, dense(name, layer, from, in));
        } else if (conf instanceof SubsamplingLayer s) {
            add(name, pooling(name, s, from, in));
        } else if (conf instanceof GlobalPoolingLayer g) {
            Window window = new Window(in.height(), in.width(), 1, 1, 0, 0, 1, 1);
            double divisor = g.getPoolingType() == PoolingType.SUM ? 1 : window.size();
            add(name, new NetworkGraph.Pooling(name, from, new TensorShape(in.channels(), 1, 1), window, divisor));
        } else if (conf instanceof BatchNormalization b) {
            add(name, normalisation(name, b, layer, from, in));
        } else if (conf instanceof FoldableBatchNormalization || conf instanceof FrozenBatchNormalization) {
            FoldedNormalization folded = FoldedNormalization.of(layer);
            add(name, new NetworkGraph.ChannelAffine(name, from, in, folded.scale(), folded.shift()));
        } else if (conf instanceof PolynomialLayer) {
            add(
                    name,
                    new NetworkGraph.Polynomial(name, from, in, columns(layer.getParam(PolynomialLayer.COEFFICIENTS))));
        } else if (!(conf instanceof ActivationLayer) && !(conf instanceof LossLayer)) {
            throw new IllegalArgumentException(
                    "layer " + name + ": " + conf.getClass().getSimpleName() + " cannot be imported");
        }
        if (conf instanceof ActivationLayer a) {
            activation(name, a.getActivationFn(), isOutput);
        }
        // DL4J's batch normalisation carries an activation function too, which it never applies.
        if (conf instanceof BaseLayer b && !(conf instanceof BatchNormalization)) {
            activation(name, b.getActivationFn(), isOutput);
        }
    }

    private void add(String vertex, NetworkGraph.Node node) {
        graph.add(node);
        lastNode.put(vertex, node.name());
    }

    private void activation(String name, IActivation function, boolean isOutput) {
        double[] coefficients;
        if (function == null || function instanceof ActivationIdentity) {
            return;
        } else if (function instanceof SquareActivation) {
            coefficients = new double[] {0, 0, 1};
        } else if (function instanceof ActivationCube) {
            coefficients = new double[] {0, 0, 0, 1};
        } else if (function instanceof PolynomialActivation p) {
            coefficients = p.getCoefficients();
        } else if (function instanceof ActivationSoftmax && isOutput) {
            graph.note("layer " + name + ": the softmax at the end is dropped; results are logits, the largest of which"
                    + " belongs to the most probable class");
            return;
        } else {
            throw new IllegalArgumentException("layer " + name + ": activation " + function + " cannot be imported");
        }
        String from = lastOf(name);
        String node = from.equals(name) ? name + "-activation" : name;
        add(name, new NetworkGraph.Polynomial(node, from, graph.shape(from), new double[][] {coefficients}));
    }

    private static NetworkGraph.Convolution convolution(
            String name, ConvolutionLayer c, Layer layer, String from, TensorShape in) {
        INDArray w = layer.getParam("W");
        int out = (int) w.size(0);
        Window window = window(
                c.getKernelSize(), c.getStride(), c.getPadding(), c.getDilation(), c.getConvolutionMode(), in, name);
        double[] bias = c.hasBias() ? doubles(layer.getParam("b")) : new double[out];
        TensorShape shape = outShape(out, in, window, c.getPadding(), c.getConvolutionMode());
        double[] weights = c instanceof WeightStandardizedConvolution
                ? WeightStandardizedConvolution.effectiveWeights(layer)
                : doubles(w);
        return new NetworkGraph.Convolution(name, from, shape, window, weights, bias);
    }

    private static NetworkGraph.Dense dense(String name, Layer layer, String from, TensorShape in) {
        INDArray w = layer.getParam("W"); // inputs x outputs
        int outputs = (int) w.size(1);
        if (w.size(0) != in.size()) {
            throw new IllegalArgumentException(
                    "layer " + name + ": reads " + w.size(0) + " numbers but gets " + in + "; check the input shape");
        }
        INDArray b = layer.getParam("b");
        double[] bias = b == null ? new double[outputs] : doubles(b);
        return new NetworkGraph.Dense(name, from, TensorShape.vector(outputs), doubles(w.transpose()), bias);
    }

    private static NetworkGraph.Pooling pooling(String name, SubsamplingLayer s, String from, TensorShape in) {
        Window window = window(
                s.getKernelSize(), s.getStride(), s.getPadding(), s.getDilation(), s.getConvolutionMode(), in, name);
        TensorShape shape = outShape(in.channels(), in, window, s.getPadding(), s.getConvolutionMode());
        double divisor =
                s.getPoolingType() == PoolingType.SUM ? 1 : s.isAvgPoolIncludePadInDivisor() ? window.size() : 0;
        return new NetworkGraph.Pooling(name, from, shape, window, divisor);
    }

    private static NetworkGraph.ChannelAffine normalisation(
            String name, BatchNormalization b, Layer layer, String from, TensorShape in) {
        Map<String, INDArray> table = layer.paramTable();
        double[] mean = doubles(layer.getParam("mean"));
        double[] scale = new double[mean.length];
        double[] shift = new double[mean.length];
        double[] variance = new double[mean.length];
        if (table.containsKey("log10stdev")) {
            double[] log = doubles(layer.getParam("log10stdev"));
            for (int c = 0; c < log.length; c++) {
                variance[c] = Math.pow(10, 2 * log[c]);
            }
        } else {
            variance = doubles(layer.getParam("var"));
        }
        double[] gamma = b.isLockGammaBeta() ? filled(mean.length, b.getGamma()) : doubles(layer.getParam("gamma"));
        double[] beta = b.isLockGammaBeta() ? filled(mean.length, b.getBeta()) : doubles(layer.getParam("beta"));
        for (int c = 0; c < mean.length; c++) {
            scale[c] = gamma[c] / Math.sqrt(variance[c] + b.getEps());
            shift[c] = beta[c] - mean[c] * scale[c];
        }
        return new NetworkGraph.ChannelAffine(name, from, in, scale, shift);
    }

    private static double[] filled(int length, double value) {
        double[] array = new double[length];
        Arrays.fill(array, value);
        return array;
    }

    private static Window window(
            int[] kernel,
            int[] stride,
            int[] padding,
            int[] dilation,
            ConvolutionMode mode,
            TensorShape in,
            String name) {
        int top = padding[0];
        int left = padding[1];
        if (mode == ConvolutionMode.Same) {
            top = samePadding(in.height(), kernel[0], stride[0], dilation[0]);
            left = samePadding(in.width(), kernel[1], stride[1], dilation[1]);
        } else if (mode == ConvolutionMode.Causal) {
            throw new IllegalArgumentException("layer " + name + ": causal convolution cannot be imported; use Same");
        }
        return new Window(kernel[0], kernel[1], stride[0], stride[1], top, left, dilation[0], dilation[1]);
    }

    private static int effective(int kernel, int dilation) {
        return (kernel - 1) * dilation + 1;
    }

    /** DL4J's rule: of an odd total the smaller half goes before. */
    private static int samePadding(int size, int kernel, int stride, int dilation) {
        int out = (size + stride - 1) / stride;
        return Math.max(0, (out - 1) * stride + effective(kernel, dilation) - size) / 2;
    }

    private static TensorShape outShape(int channels, TensorShape in, Window w, int[] padding, ConvolutionMode mode) {
        if (mode == ConvolutionMode.Same) {
            return new TensorShape(
                    channels,
                    (in.height() + w.strideY() - 1) / w.strideY(),
                    (in.width() + w.strideX() - 1) / w.strideX());
        }
        int height = in.height() + 2 * padding[0] - effective(w.kernelHeight(), w.dilationY());
        int width = in.width() + 2 * padding[1] - effective(w.kernelWidth(), w.dilationX());
        return new TensorShape(channels, Math.floorDiv(height, w.strideY()) + 1, Math.floorDiv(width, w.strideX()) + 1);
    }

    /** All elements in C order. */
    private static double[] doubles(INDArray a) {
        return a.dup('c').reshape('c', new long[] {a.length()}).toDoubleVector();
    }

    private static double[][] columns(INDArray a) {
        int rows = (int) a.size(0);
        int columns = (int) a.size(1);
        double[][] result = new double[columns][rows];
        for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
                result[c][r] = a.getDouble(r, c);
            }
        }
        return result;
    }
}
