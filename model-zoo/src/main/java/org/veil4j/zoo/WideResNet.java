package org.veil4j.zoo;

import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Wide ResNet: a residual network of three blocks, twice as wide as 16, 32, 64 maps, behind a stem of 16 maps; about
 * 336,000 parameters. DP-optimised: ReLU and group normalisation. HE-aligned: quadratic activations and a normalisation
 * that folds.
 */
public final class WideResNet {
    private static final int STEM = 16;
    private static final int FIRST_WIDTH = 32;

    private WideResNet() {}

    /**
     * The configuration.
     *
     * @param variant what it is shaped for
     * @param input 1 or 3 channels, 28x28 or 32x32
     * @param recipe how it will be trained; its updater is not used
     * @param updater that trains it
     * @return a graph with its input type set
     * @throws IllegalArgumentException for another input shape
     */
    public static ZooConfiguration.Graph configuration(
            Variant variant, InputShape input, TrainingRecipe recipe, IUpdater updater) {
        ResNet network = ResNet.of(variant, STEM, FIRST_WIDTH, recipe);
        return new ZooConfiguration.Graph(network.configuration(input, recipe, updater));
    }
}
