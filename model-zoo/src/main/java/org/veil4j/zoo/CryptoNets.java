package org.veil4j.zoo;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.layers.activation.SquareActivation;
import org.veil4j.layers.conv.OneDnnConvolution;

/** What CryptoNet and CryptoNet-L share: the same layers, more or fewer maps. */
final class CryptoNets {
    private static final int HIDDEN = 100;

    private CryptoNets() {}

    static MultiLayerConfiguration configuration(
            Variant variant, InputShape input, TrainingRecipe recipe, IUpdater updater, int firstMaps, int secondMaps) {
        Images.check(input);
        boolean he = variant.heAligned();
        boolean average = variant != Variant.DP_OPTIMISED;
        NeuralNetConfiguration.Builder builder = new NeuralNetConfiguration.Builder()
                .seed(recipe.seed())
                .weightInit(he ? WeightInit.LECUN_NORMAL : WeightInit.RELU)
                .updater(updater)
                .trainingWorkspaceMode(WorkspaceMode.ENABLED)
                .inferenceWorkspaceMode(WorkspaceMode.ENABLED);
        if (recipe.weightDecay() > 0) {
            builder.weightDecay(recipe.weightDecay());
        }
        if (recipe.clipNorm() > 0) {
            builder.gradientNormalization(GradientNormalization.ClipL2PerLayer)
                    .gradientNormalizationThreshold(recipe.clipNorm());
        }
        return builder.list()
                .layer(convolution("conv1", firstMaps, 2, activation(he)))
                .layer(pooling("pool1", average, 2, 2))
                .layer(convolution("conv2", secondMaps, 1, new ActivationIdentity()))
                .layer(pooling("pool2", average, 4, Images.lastStride(input)))
                .layer(new DenseLayer.Builder()
                        .name("dense1")
                        .nOut(HIDDEN)
                        .activation(activation(he))
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .name("output")
                        .nOut(Images.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(input.height(), input.width(), input.channels()))
                .build();
    }

    private static IActivation activation(boolean he) {
        return he ? new SquareActivation() : new ActivationReLU();
    }

    private static ConvolutionLayer convolution(String name, int maps, int stride, IActivation activation) {
        return new OneDnnConvolution.Builder(5, 5)
                .stride(stride, stride)
                .name(name)
                .nOut(maps)
                .convolutionMode(ConvolutionMode.Same)
                .activation(activation)
                .build();
    }

    private static SubsamplingLayer pooling(String name, boolean average, int kernel, int stride) {
        return new SubsamplingLayer.Builder(
                        average ? SubsamplingLayer.PoolingType.AVG : SubsamplingLayer.PoolingType.MAX,
                        new int[] {kernel, kernel},
                        new int[] {stride, stride})
                .name(name)
                .convolutionMode(ConvolutionMode.Truncate)
                .build();
    }
}
