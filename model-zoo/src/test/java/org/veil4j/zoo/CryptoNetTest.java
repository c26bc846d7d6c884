package org.veil4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.layers.check.HeCompatibility;

class CryptoNetTest {
    private static MultiLayerNetwork network(ZooPreset preset, Variant variant, InputShape input) {
        MultiLayerNetwork network =
                (MultiLayerNetwork) preset.configuration(variant, input, TrainingRecipe.standard(10), 100)
                        .network()
                        .model();
        return network;
    }

    @ParameterizedTest
    @CsvSource({
        "CRYPTONET,   1, 28,  27540, 200",
        "CRYPTONET,   3, 32,  27790, 200",
        "CRYPTONET_L, 1, 28, 117900, 600",
        "CRYPTONET_L, 3, 32, 118650, 600"
    })
    void configuration_bothVariants_haveTheStatedParametersAndShapes(
            ZooPreset preset, int channels, int size, long parameters, long flattened) {
        InputShape input = new InputShape(channels, size, size);
        for (Variant variant : Variant.values()) {
            MultiLayerNetwork network = network(preset, variant, input);
            assertThat(network.numParams()).isEqualTo(parameters);
            assertThat(preset.parameters(variant, channels)).isEqualTo(parameters);
            var activations = network.feedForward(Nd4j.rand(DataType.FLOAT, 2, channels, size, size));
            assertThat(activations.get(1).shape()).containsExactly(2, flattened == 200 ? 5 : 15, size / 2, size / 2);
            assertThat(activations.get(4).shape()).containsExactly(2, flattened / 4, 2, 2);
            assertThat(activations.get(5).shape()).containsExactly(2, 100);
            assertThat(activations.get(6).shape()).containsExactly(2, 10);
        }
    }

    @Test
    void configuration_heAligned_canBeEncryptedAndDpOptimisedCannot() {
        for (ZooPreset preset : new ZooPreset[] {ZooPreset.CRYPTONET, ZooPreset.CRYPTONET_L}) {
            assertThat(HeCompatibility.check(network(preset, Variant.HE_ALIGNED, InputShape.GREY_28)))
                    .isEmpty();
            assertThat(HeCompatibility.check(network(preset, Variant.DP_OPTIMISED, InputShape.GREY_28)))
                    .hasSize(4); // two ReLUs, two max poolings
        }
    }

    @Test
    void configuration_json_roundTripsWithItsSchedule() {
        MultiLayerConfiguration configuration =
                CryptoNet.configuration(Variant.HE_ALIGNED, InputShape.COLOUR_32, TrainingRecipe.standard(10), 390);
        assertThat(MultiLayerConfiguration.fromJson(configuration.toJson())).isEqualTo(configuration);
    }

    @Test
    void configuration_otherShape_isRefused() {
        assertThatThrownBy(() -> CryptoNet.configuration(
                        Variant.HE_ALIGNED, new InputShape(2, 28, 28), TrainingRecipe.plain(1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2x28x28");
        assertThatThrownBy(() -> CryptoNetL.configuration(
                        Variant.HE_ALIGNED, new InputShape(1, 28, 32), TrainingRecipe.plain(1), 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new InputShape(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void of_ids_areFoundAndUnknownOnesListTheChoice() {
        assertThat(ZooPreset.of("CryptoNet-L")).isEqualTo(ZooPreset.CRYPTONET_L);
        assertThat(Variant.of("he-aligned")).isEqualTo(Variant.HE_ALIGNED);
        assertThatThrownBy(() -> ZooPreset.of("alexnet")).hasMessageContaining("cryptonet");
        assertThatThrownBy(() -> Variant.of("fast")).hasMessageContaining("he-aligned");
    }
}
