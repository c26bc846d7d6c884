package org.veil4j.zoo;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.veil4j.layers.conv.OneDnnConvolution;
import org.veil4j.layers.norm.GroupNormalization;

/** ReLU, and group normalisation with a quarter as many groups as channels; valid under differential privacy. */
final class DpOptimisedResNet extends ResNet {
    DpOptimisedResNet(int stem, int firstWidth) {
        super(stem, firstWidth);
    }

    @Override
    WeightInit weightInit() {
        return WeightInit.RELU;
    }

    @Override
    Layer convolution(String name, int inputs, int maps, int kernel, int stride) {
        return new OneDnnConvolution.Builder(kernel, kernel)
                .stride(stride, stride)
                .nOut(maps)
                .convolutionMode(ConvolutionMode.Same)
                .hasBias(false)
                .activation(new ActivationIdentity())
                .build();
    }

    @Override
    Layer activation(String name, int channels) {
        return new GroupNormalization.Builder(Math.max(1, channels / 4))
                .activation(new ActivationReLU())
                .build();
    }

    @Override
    String hidden(GraphBuilder graph, String name, String from, int width) {
        graph.addLayer(
                name,
                new DenseLayer.Builder()
                        .nOut(width)
                        .activation(new ActivationReLU())
                        .build(),
                from);
        return name;
    }

    @Override
    boolean projectsTrunk() {
        return false;
    }
}
