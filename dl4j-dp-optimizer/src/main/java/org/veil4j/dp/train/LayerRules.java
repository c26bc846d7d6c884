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

    private static final Known MOVES_EXAMPLES =
            new Known("moves parts of an example to other examples", "use SpaceToDepthLayer");

    /** Layers that are often met: what is wrong with them, and what to use. */
    private static final Map<Class<?>, Known> KNOWN_PROBLEMS = Map.of(
            SpaceToBatchLayer.class,
            MOVES_EXAMPLES,
            DropoutLayer.class,
            new Known("dropout is random, and its gradient would be another one", "leave it out; noise regularises"),
            CenterLossOutputLayer.class,
            new Known("class centres are averages over the batch", "use OutputLayer"),
            EmbeddingLayer.class,
            new Known("has no per-example gradient rule", "use a DenseLayer on one-hot features"),
            EmbeddingSequenceLayer.class,
            new Known("has no per-example gradient rule, as no sequence layer has", "use a DenseLayer on counts"));

    private static final String BATCH_STATISTICS =
            " mixes the examples of a batch, so that no example's influence is bounded";
    private static final String NORMALISATIONS = "use GroupNormalization, weight standardisation"
            + " (WeightStandardizedConvolution), or statistics frozen from public data (FrozenBatchNormalization)";

    private record Known(String what, String remedy) {}

    private final List<DpCompatibility.Problem> problems;
    private final boolean probe;

    LayerRules(List<DpCompatibility.Problem> problems, boolean probe) {
        this.problems = problems;
        this.probe = probe;
    }

    /** Checks one layer; true when it is of a kind that is allowed and has parameters to be trained. */
    boolean check(String where, NeuralNetConfiguration conf, DataType type) {
        Layer layer = conf.getLayer();
        if (layer instanceof FrozenLayer frozen) {
            frozen(where, frozen.getLayer());
            return false;
        }
        if (layer instanceof FrozenLayerWithBackprop frozen) {
            frozenWithBackprop(where, frozen.getUnderlying());
            return false;
        }
        int before = problems.size();
        if (layer.getIDropout() != null && !KNOWN_PROBLEMS.containsKey(layer.getClass())) {
            add(where, "dropout is random, and its gradient would be another one", "leave it out; noise regularises");
        }
        if (layer instanceof BaseLayer base) {
            baseLayer(where, base);
        }
        if (layer instanceof ActivationLayer activation) {
            FunctionRules.activation(problems, where, activation.getActivationFn());
        }
        if (layer instanceof LossLayer loss) {
            FunctionRules.loss(problems, where, loss.getLossFn());
        }
        boolean parameters = layer.initializer().numParams(conf) > 0;
        return kind(where, conf, parameters, type, before) && parameters;
    }

    /** In test mode and cut off from backpropagation: statistics are constants there, and nothing is trained. */
    private void frozen(String where, Layer inner) {
        if (inner instanceof BaseLayer base && base.getActivationFn() != null) {
            FunctionRules.inTestMode(problems, where, base.getActivationFn());
        }
        if (inner instanceof ActivationLayer activation) {
            FunctionRules.inTestMode(problems, where, activation.getActivationFn());
        }
        if (inner instanceof SpaceToBatchLayer) {
            add(where, "SpaceToBatchLayer: " + MOVES_EXAMPLES.what(), MOVES_EXAMPLES.remedy());
        }
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

    /** Whether the layer is of an allowed kind, whatever its settings. */
    private boolean kind(String where, NeuralNetConfiguration conf, boolean parameters, DataType type, int before) {
        Layer layer = conf.getLayer();
        Class<?> kind = layer.getClass();
        String name = kind.getSimpleName();
        Known known = KNOWN_PROBLEMS.get(kind);
        if (known != null) {
            return refuse(where, name + ": " + known.what(), known.remedy());
        }
        if (kind == BatchNormalization.class) {
            return refuse(where, name + BATCH_STATISTICS, NORMALISATIONS);
        }
        if (layer instanceof BaseRecurrentLayer || isSequence(layer)) {
            return refuse(
                    where,
                    name + " works on sequences, for which there is no rule",
                    "use convolutions or dense layers");
        }
        if (layer instanceof BasePretrainNetwork) {
            return refuse(where, name + " is trained layer by layer without a private gradient", "use a DenseLayer");
        }
        if (parameters) {
            return trainable(where, conf, kind, type, before);
        }
        return EXAMPLE_WISE.contains(kind)
                || layer instanceof ExampleWise
                || refuse(
                        where,
                        kind.getName() + " is not known to treat each example by itself",
                        "replace it, or let its configuration implement ExampleWise if it does");
    }

    private static boolean isSequence(Layer layer) {
        return layer instanceof RnnOutputLayer
                || layer.getClass().getName().startsWith("org.deeplearning4j.nn.conf.layers.recurrent.")
                || layer.getClass().getName().startsWith("org.deeplearning4j.nn.conf.layers.util.Mask");
    }

    private boolean trainable(String where, NeuralNetConfiguration conf, Class<?> kind, DataType type, int before) {
        if (PRIVATE_TWINS.contains(kind) || !probe || problems.size() > before) {
            return true;
        }
        String reason = LayerProbe.refusal(conf, type);
        if (reason == null) {
            return true;
        }
        return kind.getSimpleName().contains("BatchNormalization")
                ? refuse(where, kind.getSimpleName() + BATCH_STATISTICS, NORMALISATIONS)
                : refuse(
                        where,
                        kind.getName() + " has parameters without an exact per-example gradient" + reason,
                        "use ConvolutionLayer, DenseLayer, OutputLayer or a layer of ours, or let the class that it"
                                + " instantiates implement PerExampleGradient");
    }

    private boolean refuse(String where, String what, String remedy) {
        add(where, what, remedy);
        return false;
    }

    private void add(String where, String what, String remedy) {
        problems.add(new DpCompatibility.Problem(where, what, remedy));
    }
}
