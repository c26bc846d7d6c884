package org.veil4j.zoo;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.conv.AveragePooling;

/**
 * The skeleton that Tiny and Wide ResNet share in all variants: a 3x3 stem; three pre-activation residual blocks with strides 1, 2, 2,
 * each norm, activation, 3x3 convolution, twice, around a shortcut that is projected by a 1x1 convolution where width or
 * stride changes; norm, activation; average pooling to 2x2; dense 64, activation, dense 16, activation, dense 10 with
 * softmax. What a variant decides is abstract here.
 *
 * <p>Names of vertices: {@code stem}, {@code b1_a1, b1_c1, b1_a2, b1_c2, b1_sc, b1_add}, the same for b2 and b3, {@code fin},
 * {@code pool}, {@code d1, ad1, d2, ad2}, {@code out}.
 */
abstract class ResNet {
    private static final int[] STRIDES = {1, 2, 2};
    private static final int[] HIDDEN = {64, 16};

    private final int stem;
    private final int[] widths;

    /**
     * Fixes the size.
     *
     * @param stem maps of the stem
     * @param firstWidth maps of the first block; doubled for each further one
     */
    ResNet(int stem, int firstWidth) {
        this.stem = stem;
        this.widths = new int[] {firstWidth, 2 * firstWidth, 4 * firstWidth};
    }

    /**
     * The network of a variant.
     *
     * @param stem maps of the stem
     * @param firstWidth maps of the first block
     * @param recipe names the penalty on inputs of polynomials
     */
    static ResNet of(Variant variant, int stem, int firstWidth, TrainingRecipe recipe) {
        return switch (variant) {
            case DP_OPTIMISED -> new DpOptimisedResNet(stem, firstWidth);
            case HE_ALIGNED -> new BatchNormalizedResNet(stem, firstWidth, polynomial(recipe));
            case HE_ALIGNED_DP -> new WeightStandardizedResNet(stem, firstWidth, polynomial(recipe));
            case RELU_CONTROL -> new BatchNormalizedResNet(stem, firstWidth, null);
        };
    }

    private static PolynomialActivation polynomial(TrainingRecipe recipe) {
        return PolynomialActivation.gaussianRelu().withPenalty(recipe.rangeLimit(), recipe.rangePenalty());
    }

    /** How weights are drawn where a layer does not say. */
    abstract WeightInit weightInit();

    /** A convolution, 'same', without bias where a normalisation follows. */
    abstract Layer convolution(String name, int inputs, int maps, int kernel, int stride);

    /** Normalisation and activation of a number of channels, in one layer. */
    abstract Layer activation(String name, int channels);

    /** Adds a dense layer with its activation and returns the name of the last vertex. */
    abstract String hidden(GraphBuilder graph, String name, String from, int width);

    /** Whether a projected shortcut reads the sum that comes into its block, instead of its normalised activation. */
    abstract boolean projectsTrunk();

    /** The configuration. */
    final ComputationGraphConfiguration configuration(InputShape input, TrainingRecipe recipe, IUpdater updater) {
        Images.check(input);
        NeuralNetConfiguration.Builder base = new NeuralNetConfiguration.Builder()
                .seed(recipe.seed())
                .weightInit(weightInit())
                .updater(updater)
                .trainingWorkspaceMode(WorkspaceMode.ENABLED)
                .inferenceWorkspaceMode(WorkspaceMode.ENABLED);
        if (recipe.weightDecay() > 0) {
            base.weightDecay(recipe.weightDecay());
        }
        if (recipe.clipNorm() > 0) {
            base.gradientNormalization(GradientNormalization.ClipL2PerLayer)
                    .gradientNormalizationThreshold(recipe.clipNorm());
        }
        GraphBuilder graph = base.graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(input.height(), input.width(), input.channels()))
                .addLayer("stem", convolution("stem", input.channels(), stem, 3, 1), "in");
        String trunk = "stem";
        int channels = stem;
        for (int b = 0; b < widths.length; b++) {
            trunk = block(graph, "b" + (b + 1) + "_", trunk, channels, widths[b], STRIDES[b]);
            channels = widths[b];
        }
        graph.addLayer("fin", activation("fin", channels), trunk)
                .addLayer("pool", AveragePooling.of(4, Images.lastStride(input)), "fin");
        String last = "pool";
        for (int i = 0; i < HIDDEN.length; i++) {
            last = hidden(graph, "d" + (i + 1), last, HIDDEN[i]);
        }
        OutputLayer output = new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(Images.CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
        return graph.addLayer("out", output, last).setOutputs("out").build();
    }

    private String block(GraphBuilder graph, String name, String trunk, int channels, int width, int stride) {
        graph.addLayer(name + "a1", activation(name + "a1", channels), trunk)
                .addLayer(name + "c1", convolution(name + "c1", channels, width, 3, stride), name + "a1")
                .addLayer(name + "a2", activation(name + "a2", width), name + "c1")
                .addLayer(name + "c2", convolution(name + "c2", width, width, 3, 1), name + "a2");
        String shortcut = trunk;
        if (stride != 1 || channels != width) {
            shortcut = name + "sc";
            String from = projectsTrunk() ? trunk : name + "a1";
            graph.addLayer(shortcut, convolution(shortcut, channels, width, 1, stride), from);
        }
        graph.addVertex(name + "add", new ElementWiseVertex(ElementWiseVertex.Op.Add), name + "c2", shortcut);
        return name + "add";
    }
}
