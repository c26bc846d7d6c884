package org.veil4j.zoo;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.conv.OneDnnConvolution;
import org.veil4j.layers.norm.FoldableBatchNormalization;

/**
 * Quadratic activations behind batch normalisation, all of which folds for encryption. What lets it learn and keeps every
 * polynomial's input small: a normalisation before every polynomial, those of the head included; projections that read the
 * trunk, so that it is never squared; a second convolution of each block that starts small; and a penalty on large inputs.
 * The control has ReLU instead, and the second convolutions start at their usual size.
 */
final class BatchNormalizedResNet extends ResNet {
    private static final double SECOND_SCALE = 0.2;

    private final @Nullable PolynomialActivation polynomial;

    /**
     * Creates the builder.
     *
     * @param polynomial null for the control
     */
    BatchNormalizedResNet(int stem, int firstWidth, @Nullable PolynomialActivation polynomial) {
        super(stem, firstWidth);
        this.polynomial = polynomial;
    }

    @Override
    WeightInit weightInit() {
        return polynomial == null ? WeightInit.RELU : WeightInit.LECUN_NORMAL;
    }

    @Override
    Layer convolution(String name, int inputs, int maps, int kernel, int stride) {
        OneDnnConvolution.Builder builder = new OneDnnConvolution.Builder(kernel, kernel);
        builder.stride(stride, stride)
                .nOut(maps)
                .convolutionMode(ConvolutionMode.Same)
                .hasBias(false)
                .activation(new ActivationIdentity());
        if (polynomial != null && name.endsWith("_c2")) {
            builder.weightInit(new NormalDistribution(0, SECOND_SCALE / Math.sqrt(inputs * kernel * kernel)));
        }
        return builder.build();
    }

    @Override
    Layer activation(String name, int channels) {
        return new FoldableBatchNormalization.Builder()
                .activation(polynomial == null ? new ActivationReLU() : polynomial)
                .build();
    }

    @Override
    String hidden(GraphBuilder graph, String name, String from, int width) {
        graph.addLayer(
                        name,
                        new DenseLayer.Builder()
                                .nOut(width)
                                .activation(new ActivationIdentity())
                                .build(),
                        from)
                .addLayer("a" + name, activation("a" + name, width), name);
        return "a" + name;
    }

    @Override
    boolean projectsTrunk() {
        return true;
    }
}
