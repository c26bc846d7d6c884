package org.veil4j.zoo;

import java.util.Arrays;
import java.util.Locale;
import org.nd4j.linalg.learning.config.IUpdater;

/** The networks of the zoo. */
public enum ZooPreset {
    /** About 28,000 parameters; see {@link CryptoNet}. */
    CRYPTONET("cryptonet"),
    /** About 118,000 parameters; see {@link CryptoNetL}. */
    CRYPTONET_L("cryptonet-l"),
    /** About 29,000 parameters; see {@link TinyResNet}. */
    TINY_RESNET("tiny-resnet"),
    /** About 336,000 parameters; see {@link WideResNet}. */
    WIDE_RESNET("wide-resnet");

    private final String id;

    ZooPreset(String id) {
        this.id = id;
    }

    /**
     * The name on the command line and in file names.
     *
     * @return for example {@code cryptonet}
     */
    public String id() {
        return id;
    }

    /**
     * The recipe that the zoo's own weights of this network are trained with, whatever the variant.
     *
     * @param epochs passes over the training set, at least 2
     * @return the recipe, seed 1
     */
    public TrainingRecipe recipe(int epochs) {
        return this == TINY_RESNET || this == WIDE_RESNET
                ? TrainingRecipe.residual(epochs)
                : TrainingRecipe.standard(epochs);
    }

    /**
     * The configuration of the network, with the recipe's updater.
     *
     * @param variant what it is shaped for
     * @param input shape of an image: 1 or 3 channels, 28x28 or 32x32
     * @param recipe how it will be trained (updater, initialisation, weight decay, clipping)
     * @param iterationsPerEpoch mini-batches in an epoch, for the learning-rate schedule
     * @return a configuration with its input type set
     */
    public ZooConfiguration configuration(
            Variant variant, InputShape input, TrainingRecipe recipe, int iterationsPerEpoch) {
        return configuration(variant, input, recipe, recipe.updater(iterationsPerEpoch));
    }

    /**
     * The configuration of the network with an updater of your choice, for example a private one.
     *
     * @param variant what it is shaped for
     * @param input shape of an image: 1 or 3 channels, 28x28 or 32x32
     * @param recipe how it will be trained (initialisation, weight decay, clipping); its updater is not used
     * @param updater that trains it
     * @return a configuration with its input type set
     */
    public ZooConfiguration configuration(Variant variant, InputShape input, TrainingRecipe recipe, IUpdater updater) {
        return switch (this) {
            case CRYPTONET -> new ZooConfiguration.Layered(CryptoNet.configuration(variant, input, recipe, updater));
            case CRYPTONET_L -> new ZooConfiguration.Layered(CryptoNetL.configuration(variant, input, recipe, updater));
            case TINY_RESNET -> TinyResNet.configuration(variant, input, recipe, updater);
            case WIDE_RESNET -> WideResNet.configuration(variant, input, recipe, updater);
        };
    }

    /**
     * The variant of this network that can stand in for another one in private training.
     *
     * @param variant what is wanted
     * @return {@link Variant#HE_ALIGNED_DP} for an HE-aligned residual network, whose batch normalisation mixes examples;
     *     otherwise the same
     */
    public Variant privately(Variant variant) {
        boolean residual = this == TINY_RESNET || this == WIDE_RESNET;
        return residual && variant == Variant.HE_ALIGNED ? Variant.HE_ALIGNED_DP : variant;
    }

    /**
     * The number of trainable parameters; the same for 28x28 and 32x32.
     *
     * @param variant what it is shaped for
     * @param channels of the input, 1 or 3
     * @return the count
     */
    public long parameters(Variant variant, int channels) {
        return configuration(variant, new InputShape(channels, 28, 28), TrainingRecipe.plain(1), 1)
                .parameters();
    }

    /**
     * Finds a preset by its id.
     *
     * @param id one of the ids, in any case
     * @return the preset
     * @throws IllegalArgumentException for any other name
     */
    public static ZooPreset of(String id) {
        for (ZooPreset p : values()) {
            if (p.id.equals(id.toLowerCase(Locale.ROOT))) {
                return p;
            }
        }
        throw new IllegalArgumentException("preset=" + id + ": unknown; use one of "
                + Arrays.stream(values()).map(ZooPreset::id).toList());
    }

    @Override
    public String toString() {
        return id;
    }
}
