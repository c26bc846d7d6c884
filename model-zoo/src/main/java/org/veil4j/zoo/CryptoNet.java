package org.veil4j.zoo;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * CryptoNet: convolution 5x5 stride 2 to 5 maps, activation, pooling 2x2, convolution 5x5 to 50 maps, pooling to 2x2,
 * dense 100 with activation, dense 10 with softmax. 27,540 parameters for one input channel, 27,790 for three.
 */
public final class CryptoNet {
    static final int FIRST_MAPS = 5;
    static final int SECOND_MAPS = 50;

    private CryptoNet() {}

    /**
     * The configuration.
     *
     * @param variant ReLU and max pooling, or square activation and average pooling
     * @param input 1 or 3 channels, 28x28 or 32x32
     * @param recipe how it will be trained
     * @param iterationsPerEpoch mini-batches in an epoch, at least 1
     * @return a configuration with its input type set
     * @throws IllegalArgumentException for another input shape
     */
    public static MultiLayerConfiguration configuration(
            Variant variant, InputShape input, TrainingRecipe recipe, int iterationsPerEpoch) {
        return configuration(variant, input, recipe, recipe.updater(iterationsPerEpoch));
    }

    /**
     * The configuration with an updater of your choice.
     *
     * @param variant ReLU and max pooling, or square activation and average pooling
     * @param input 1 or 3 channels, 28x28 or 32x32
     * @param recipe how it will be trained; its updater is not used
     * @param updater that trains it
     * @return a configuration with its input type set
     * @throws IllegalArgumentException for another input shape
     */
    public static MultiLayerConfiguration configuration(
            Variant variant, InputShape input, TrainingRecipe recipe, IUpdater updater) {
        return CryptoNets.configuration(variant, input, recipe, updater, FIRST_MAPS, SECOND_MAPS);
    }
}
