package org.veil4j.dp.train;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BasePretrainNetwork;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
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
import org.nd4j.linalg.api.buffer.DataType;
import org.veil4j.dp.gradient.ExampleWise;

/** Which layer configurations can be trained privately. */
final class LayerRules {
    /** Without parameters, and each example's output and input gradient depend on that example alone. */
    private static final Set<Class<?>> EXAMPLE_WISE = Set.of(
            ActivationLayer.class,
            SubsamplingLayer.class,
            GlobalPoolingLayer.class,
            ZeroPaddingLayer.class,
            Cropping2D.class,
            LossLayer.class,
            Upsampling2D.class,
            SpaceToDepthLayer.class,
            LocalResponseNormalization.class);

    /** With parameters, and an exact private implementation in dp.gradient. */
    private static final Set<Class<?>> PRIVATE_TWINS =
            Set.of(ConvolutionLayer.class, Convolution2D.class, DenseLayer.class, OutputLayer.class);

    /** Layers that are often met: what is wrong with them, and what to use. */
    private static final Map<Class<?>, Known> KNOWN_PROBLEMS = Map.of(
            SpaceToBatchLayer.class,
            new Known("moves parts of an example to other examples", "use SpaceToDepthLayer"),
            DropoutLayer.class,
            new Known("dropout is random, and its gradient would be another one", "leave it out; noise regularises"),
            CenterLossOutputLayer.class,
            new Known("class centres are averages over the batch", "use OutputLayer"),
            EmbeddingLayer.class,
            new Known("has no per-example gradient rule", "use a DenseLayer on one-hot features"),
            EmbeddingSequenceLayer.class,
            new Known("has no per-example gradient rule, as no sequence layer has", "use a DenseLayer on counts"));

    private record Known(String what, String remedy) {}

    private final List<DpCompatibility.Problem> problems;
    private final boolean probe;

    LayerRules(List<DpCompatibility.Problem> problems, boolean probe) {
        this.problems = problems;
        this.probe = probe;
    }

    /** Checks one layer; true when it has parameters to be trained. */
    boolean check(String where, NeuralNetConfiguration conf, DataType type) {
        Layer layer = conf.getLayer();
        if (layer instanceof FrozenLayer) {
            // In test mode and cut off from backpropagation: statistics are constants there, and nothing is trained.
            return false;
        }
        if (layer instanceof FrozenLayerWithBackprop frozen) {
            frozenWithBackprop(where, frozen.getUnderlying());
            return false;
        }
        int before = problems.size();
        if (layer.getIDropout() != null) {
            add(where, "dropout is random, and its gradient would be another one", "leave it out; noise regularises");
        }
        if (layer instanceof BaseLayer base) {
            baseLayer(where, base);
        }
        if (layer instanceof LossLayer loss) {
            FunctionRules.loss(problems, where, loss.getLossFn());
        }
        boolean trainable = layer.initializer().numParams(conf) > 0;
        kind(where, conf, layer, trainable, type, before);
        return trainable;
    }

    private void frozenWithBackprop(String where, Layer inner) {
        if (!EXAMPLE_WISE.contains(inner.getClass())
                && !PRIVATE_TWINS.contains(inner.getClass())
                && !(inner instanceof ExampleWise)) {
            add(
                    where,
                    "FrozenLayerWithBackprop of " + inner.getClass().getSimpleName()
                            + " is not known to send each example's gradient back unmixed",
                    "use FrozenLayer, below which nothing is trained");
        }
    }

    private void baseLayer(String where, BaseLayer layer) {
        if (layer.getWeightNoise() != null) {
            add(where, "weight noise is random, and its gradient would be another one", "leave it out");
        }
        if (layer instanceof DenseLayer dense && dense.hasLayerNorm()) {
            add(
                    where,
                    "layer normalisation inside dense layers has no rule",
                    "use a GroupNormalization layer of 1 group");
        }
        if (layer instanceof ConvolutionLayer convolution && convolution.getCnn2dDataFormat() == CNN2DFormat.NHWC) {
            add(where, "NHWC has no per-example gradient rule", "use CNN2DFormat.NCHW");
        }
        if (layer.getActivationFn() != null) {
            FunctionRules.activation(problems, where, layer.getActivationFn());
        }
        if (layer instanceof BaseOutputLayer output) {
            FunctionRules.loss(problems, where, output.getLossFn());
        }
    }

    private void kind(
            String where, NeuralNetConfiguration conf, Layer layer, boolean trainable, DataType type, int before) {
        Class<?> kind = layer.getClass();
        String name = kind.getSimpleName();
        Known known = KNOWN_PROBLEMS.get(kind);
        if (known != null) {
            add(where, name + ": " + known.what(), known.remedy());
        } else if (layer instanceof BatchNormalization) {
            add(
                    where,
                    "BatchNormalization mixes the examples of a batch, so that no example's influence is bounded",
                    "use GroupNormalization, weight standardisation (WeightStandardizedConvolution), or statistics"
                            + " frozen from public data (FrozenBatchNormalization)");
        } else if (layer instanceof BaseRecurrentLayer || isSequence(layer)) {
            add(where, name + " works on sequences, for which there is no rule", "use convolutions or dense layers");
        } else if (layer instanceof BasePretrainNetwork) {
            add(where, name + " is trained layer by layer without a private gradient", "use a DenseLayer");
        } else if (trainable) {
            trainable(where, conf, kind, type, before);
        } else if (!EXAMPLE_WISE.contains(kind) && !(layer instanceof ExampleWise)) {
            add(
                    where,
                    kind.getName() + " is not known to treat each example by itself",
                    "replace it, or let its configuration implement ExampleWise if it does");
        }
    }

    private static boolean isSequence(Layer layer) {
        return layer instanceof RnnOutputLayer
                || layer.getClass().getName().startsWith("org.deeplearning4j.nn.conf.layers.recurrent.")
                || layer.getClass().getName().startsWith("org.deeplearning4j.nn.conf.layers.util.Mask");
    }

    private void trainable(String where, NeuralNetConfiguration conf, Class<?> kind, DataType type, int before) {
        if (PRIVATE_TWINS.contains(kind) || !probe || problems.size() > before) {
            return;
        }
        String reason = LayerProbe.refusal(conf, type);
        if (reason != null) {
            add(
                    where,
                    kind.getName() + " has parameters without an exact per-example gradient" + reason,
                    "use ConvolutionLayer, DenseLayer, OutputLayer or a layer of ours, or let the class that it"
                            + " instantiates implement PerExampleGradient");
        }
    }

    private void add(String where, String what, String remedy) {
        problems.add(new DpCompatibility.Problem(where, what, remedy));
    }
}
