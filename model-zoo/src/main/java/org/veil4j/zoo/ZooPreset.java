package org.veil4j.zoo;

import java.util.Arrays;
import java.util.Locale;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;

/** The networks of the zoo. */
public enum ZooPreset {
    /** About 28,000 parameters; see {@link CryptoNet}. */
    CRYPTONET("cryptonet"),
    /** About 118,000 parameters; see {@link CryptoNetL}. */
    CRYPTONET_L("cryptonet-l");

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
     * The configuration of the network.
     *
     * @param variant what it is shaped for
     * @param input shape of an image: 1 or 3 channels, 28x28 or 32x32
     * @param recipe how it will be trained (updater, initialisation, weight decay, clipping)
     * @param iterationsPerEpoch mini-batches in an epoch, for the learning-rate schedule
     * @return a configuration with its input type set
     */
    public MultiLayerConfiguration configuration(
            Variant variant, InputShape input, TrainingRecipe recipe, int iterationsPerEpoch) {
        return switch (this) {
            case CRYPTONET -> CryptoNet.configuration(variant, input, recipe, iterationsPerEpoch);
            case CRYPTONET_L -> CryptoNetL.configuration(variant, input, recipe, iterationsPerEpoch);
        };
    }

    /**
     * The number of trainable parameters; the same for both variants and for 28x28 and 32x32.
     *
     * @param channels of the input, 1 or 3
     * @return the count
     */
    public long parameters(int channels) {
        return switch (this) {
            case CRYPTONET -> CryptoNets.parameters(CryptoNet.FIRST_MAPS, CryptoNet.SECOND_MAPS, channels);
            case CRYPTONET_L -> CryptoNets.parameters(CryptoNetL.FIRST_MAPS, CryptoNetL.SECOND_MAPS, channels);
        };
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
