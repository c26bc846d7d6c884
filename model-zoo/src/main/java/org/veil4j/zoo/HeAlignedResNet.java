package org.veil4j.zoo;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.conv.OneDnnConvolution;
import org.veil4j.layers.norm.FoldableBatchNormalization;

/**
 * Quadratic activations behind batch normalisation, all of which folds for encryption. Projections read the trunk, the second
 * convolution of a block starts small, and a penalty keeps the inputs of the polynomials in range.
 */
final class HeAlignedResNet extends ResNet {
    private static final double SECOND_SCALE = 0.2;
    private static final double PENALTY_LIMIT = 5;
    private static final double PENALTY_STRENGTH = 1e-3;

    HeAlignedResNet(int stem, int firstWidth) {
        super(stem, firstWidth);
    }

    @Override
    WeightInit weightInit() {
        return WeightInit.LECUN_NORMAL;
    }

    private static PolynomialActivation polynomial() {
        return PolynomialActivation.gaussianRelu().withPenalty(PENALTY_LIMIT, PENALTY_STRENGTH);
    }

    @Override
    Layer convolution(String name, int inputs, int maps, int kernel, int stride) {
        OneDnnConvolution.Builder builder = new OneDnnConvolution.Builder(kernel, kernel);
        builder.stride(stride, stride)
                .nOut(maps)
                .convolutionMode(ConvolutionMode.Same)
                .hasBias(false)
                .activation(new ActivationIdentity());
        if (name.endsWith("_c2")) {
            builder.weightInit(new NormalDistribution(0, SECOND_SCALE / Math.sqrt(inputs * kernel * kernel)));
        }
        return builder.build();
    }

    @Override
    Layer activation(String name, int channels) {
        return new FoldableBatchNormalization.Builder().activation(polynomial()).build();
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
