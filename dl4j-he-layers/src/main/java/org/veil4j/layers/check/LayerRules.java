package org.veil4j.layers.check;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.activation.PolynomialLayer;
import org.veil4j.layers.activation.SquareActivation;
import org.veil4j.layers.conv.OneDnnConvolution;
import org.veil4j.layers.norm.FoldableBatchNormalization;
import org.veil4j.layers.norm.FrozenBatchNormalization;
import org.veil4j.layers.norm.GroupNormalization;
import org.veil4j.layers.norm.WeightStandardizedConvolution;

/** What can be encrypted, layer type by layer type. Exact classes where a stock subclass computes something else. */
final class LayerRules {
    private static final Set<Class<?>> CONVOLUTIONS = Set.of(
            ConvolutionLayer.class, Convolution2D.class, OneDnnConvolution.class, WeightStandardizedConvolution.class);
    private static final Set<Class<?>> POOLINGS = Set.of(SubsamplingLayer.class, Pooling2D.class);
    private static final Set<Class<?>> ACTIVATIONS =
            Set.of(ActivationIdentity.class, ActivationCube.class, SquareActivation.class, PolynomialActivation.class);
    private static final String CONVOLUTION = "ConvolutionLayer or OneDnnConvolution";

    private LayerRules() {}

    static Layer unwrap(Layer layer) {
        Layer inner = layer;
        while (true) {
            if (inner instanceof FrozenLayer f) {
                inner = f.getLayer();
            } else if (inner instanceof BaseWrapperLayer w) {
                inner = w.getUnderlying();
            } else {
                return inner;
            }
        }
    }

    /** Adds what is wrong with a layer to the list: nothing, one thing, or several. */
    static void check(String name, Layer wrapped, boolean output, List<UnsupportedLayer> found) {
        Layer layer = unwrap(wrapped);
        String type = layer.getClass().getSimpleName();
        if (layer instanceof ConvolutionLayer c) {
            if (!CONVOLUTIONS.contains(layer.getClass())) {
                found.add(new UnsupportedLayer(name, type, "only plain 2-D convolution is supported", CONVOLUTION));
                return;
            }
            format(name, type, c.getCnn2dDataFormat(), found);
            activation(name, type, c.getActivationFn(), found);
        } else if (layer instanceof SubsamplingLayer s) {
            pooling(name, type, s, found);
        } else if (layer instanceof GlobalPoolingLayer g) {
            if (g.getPoolingType() != PoolingType.AVG && g.getPoolingType() != PoolingType.SUM) {
                found.add(maximum(name, type + " " + g.getPoolingType(), "GlobalPoolingLayer with PoolingType.AVG"));
            }
        } else if (layer instanceof DenseLayer d) {
            layerNorm(name, type, d.hasLayerNorm(), found);
            activation(name, type, d.getActivationFn(), found);
        } else if (layer.getClass() == OutputLayer.class) {
            end(name, type, output, ((BaseOutputLayer) layer).getActivationFn(), found);
        } else if (layer instanceof LossLayer l) {
            end(name, type, output, l.getActivationFn(), found);
        } else if (layer instanceof BatchNormalization b) {
            format(name, type, b.getCnn2DFormat(), found);
        } else if (layer instanceof FoldableBatchNormalization || layer instanceof FrozenBatchNormalization) {
            activation(name, type, ((BaseLayer) layer).getActivationFn(), found);
        } else if (layer instanceof ActivationLayer a) {
            activation(name, type, a.getActivationFn(), found);
        } else if (!(layer instanceof PolynomialLayer) && !(layer instanceof DropoutLayer)) {
            found.add(other(name, type, layer));
        }
    }

    static UnsupportedLayer channelsLast(String name, String type) {
        return new UnsupportedLayer(
                name, type + " in NHWC", "channels must come first", "CNN2DFormat.NCHW for the whole network");
    }

    private static void format(String name, String type, CNN2DFormat format, List<UnsupportedLayer> found) {
        if (format == CNN2DFormat.NHWC) {
            found.add(channelsLast(name, type));
        }
    }

    private static void layerNorm(String name, String type, boolean on, List<UnsupportedLayer> found) {
        if (on) {
            found.add(new UnsupportedLayer(
                    name,
                    type + " with layer normalisation",
                    "it divides by a statistic of each input",
                    "BatchNormalization, whose stored statistics fold"));
        }
    }

    private static void pooling(String name, String type, SubsamplingLayer s, List<UnsupportedLayer> found) {
        if (!POOLINGS.contains(s.getClass())) {
            found.add(new UnsupportedLayer(name, type, "only 2-D pooling is supported", "SubsamplingLayer"));
            return;
        }
        PoolingType pooling = s.getPoolingType();
        if (pooling != PoolingType.AVG && pooling != PoolingType.SUM) {
            found.add(maximum(name, type + " " + pooling, "average pooling: AveragePooling.of(kernel, stride)"));
        } else if (Arrays.stream(s.getDilation()).anyMatch(d -> d != 1)) {
            found.add(new UnsupportedLayer(name, type, "dilated pooling is not supported", "dilation 1"));
        }
        format(name, type, s.getCnn2dDataFormat(), found);
    }

    private static UnsupportedLayer maximum(String name, String type, String replacement) {
        return new UnsupportedLayer(name, type, "a maximum or a root is not a polynomial of low degree", replacement);
    }

    private static void end(
            String name, String type, boolean output, IActivation activation, List<UnsupportedLayer> found) {
        if (!output) {
            found.add(new UnsupportedLayer(
                    name, type, "an output layer must be the last one", "DenseLayer or ActivationLayer inside"));
        }
        if (!(activation instanceof ActivationSoftmax)) {
            activation(name, type, activation, found);
        }
    }

    private static void activation(String name, String type, IActivation activation, List<UnsupportedLayer> found) {
        if (!ACTIVATIONS.contains(activation.getClass())) {
            found.add(new UnsupportedLayer(
                    name,
                    type + ", activation " + activation,
                    "only polynomials can be computed on ciphertexts",
                    replacement(activation)));
        }
    }

    private static String replacement(IActivation activation) {
        if (activation instanceof ActivationSoftmax) {
            return "a softmax only in the output layer, where it is dropped";
        }
        if (activation instanceof ActivationSigmoid || activation instanceof ActivationTanH) {
            return "PolynomialActivation fitted on the range that ActivationRanges reports, or SquareActivation, and train"
                    + " again; at the output, the identity, and the function after decryption";
        }
        return "SquareActivation, PolynomialActivation.gaussianRelu() or PolynomialLayer, and train again";
    }

    private static UnsupportedLayer other(String name, String type, Layer layer) {
        if (layer instanceof PReLULayer) {
            return new UnsupportedLayer(
                    name, type, "only polynomials can be computed on ciphertexts", "PolynomialLayer (trainable)");
        }
        if (layer instanceof GroupNormalization) {
            return new UnsupportedLayer(
                    name,
                    type,
                    "it divides by a statistic of each input",
                    "FoldableBatchNormalization, or, under differential privacy, WeightStandardizedConvolution before it or"
                            + " FrozenBatchNormalization");
        }
        if (layer instanceof LocalResponseNormalization) {
            return new UnsupportedLayer(
                    name, type, "it divides by a statistic of each input", "BatchNormalization, which folds");
        }
        if (layer instanceof ZeroPaddingLayer) {
            return new UnsupportedLayer(
                    name, type, "padding is a setting of convolutions here", "padding or ConvolutionMode.Same");
        }
        if (layer instanceof BaseRecurrentLayer) {
            return new UnsupportedLayer(
                    name, type, "recurrence is too deep for levelled encryption", "a feed-forward network");
        }
        return new UnsupportedLayer(
                name,
                type,
                "there is no encrypted form of this layer",
                "convolution, dense, average pooling and polynomial activations");
    }
}
