package org.veil4j.zoo;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.norm.FrozenBatchNormalization;
import org.veil4j.layers.norm.WeightStandardizedConvolution;

/**
 * Quadratic activations without any statistic of the data, valid under differential privacy: convolutions with standardised
 * weights and a gain for each channel, and a trainable affine map for each channel before every polynomial. All of it folds for encryption.
 * Shortcuts, small residual branches and the penalty are those of {@link BatchNormalizedResNet}.
 */
final class WeightStandardizedResNet extends ResNet {
    private static final double SECOND_GAIN = 0.2;

    private final PolynomialActivation polynomial;

    WeightStandardizedResNet(int stem, int firstWidth, PolynomialActivation polynomial) {
        super(stem, firstWidth);
        this.polynomial = polynomial;
    }

    @Override
    WeightInit weightInit() {
        return WeightInit.LECUN_NORMAL;
    }

    @Override
    Layer convolution(String name, int inputs, int maps, int kernel, int stride) {
        WeightStandardizedConvolution.Builder builder = new WeightStandardizedConvolution.Builder(kernel, kernel);
        builder.gainInit(name.endsWith("_c2") ? SECOND_GAIN : 1)
                .stride(stride, stride)
                .nOut(maps)
                .convolutionMode(ConvolutionMode.Same)
                .hasBias(false)
                .activation(new ActivationIdentity());
        return builder.build();
    }

    /** Without statistics the frozen normalisation is the affine map alone. */
    @Override
    Layer activation(String name, int channels) {
        return new FrozenBatchNormalization.Builder().activation(polynomial).build();
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
