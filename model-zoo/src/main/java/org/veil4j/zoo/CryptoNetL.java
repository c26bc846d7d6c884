package org.veil4j.zoo;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * CryptoNet-L: convolution 5x5 stride 2 to 15 maps, activation, pooling 2x2, convolution 5x5 to 150 maps, pooling to 2x2,
 * dense 100 with activation, dense 10 with softmax. 117,900 parameters for one input channel, 118,650 for three.
 */
public final class CryptoNetL {
    static final int FIRST_MAPS = 15;
    static final int SECOND_MAPS = 150;

    private CryptoNetL() {}

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
