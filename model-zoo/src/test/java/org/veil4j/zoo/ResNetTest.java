package org.veil4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.veil4j.layers.activation.PolynomialActivation;
import org.veil4j.layers.check.HeCompatibility;
import org.veil4j.layers.norm.ChannelNormalization;
import org.veil4j.layers.norm.GroupNormalization;

class ResNetTest {
    private static ZooConfiguration configuration(ZooPreset preset, Variant variant, InputShape input) {
        return preset.configuration(variant, input, TrainingRecipe.standard(10), 100);
    }

    @ParameterizedTest
    @CsvSource({
        "TINY_RESNET, DP_OPTIMISED, 1, 28,  28850",
        "TINY_RESNET, DP_OPTIMISED, 3, 28,  28994",
        "TINY_RESNET, DP_OPTIMISED, 3, 32,  28994",
        "TINY_RESNET, DP_OPTIMISED, 1, 32,  28850",
        "WIDE_RESNET, DP_OPTIMISED, 1, 28, 336170",
        "WIDE_RESNET, DP_OPTIMISED, 3, 28, 336458",
        "WIDE_RESNET, DP_OPTIMISED, 3, 32, 336458",
        "TINY_RESNET, HE_ALIGNED,   1, 28,  29010",
        "TINY_RESNET, RELU_CONTROL, 1, 28,  29010",
        "TINY_RESNET, HE_ALIGNED_DP, 1, 28, 29178",
        "TINY_RESNET, HE_ALIGNED_DP, 3, 32, 29322",
        "TINY_RESNET, HE_ALIGNED,   3, 32,  29154",
        "WIDE_RESNET, HE_ALIGNED,   1, 28, 336330",
        "WIDE_RESNET, HE_ALIGNED,   3, 32, 336618"
    })
    void configuration_everyInput_hasTheStatedParametersAndShapes(
            ZooPreset preset, Variant variant, int channels, int size, long parameters) {
        ZooConfiguration configuration = configuration(preset, variant, new InputShape(channels, size, size));
        assertThat(configuration.parameters()).isEqualTo(parameters);
        assertThat(preset.parameters(variant, channels)).isEqualTo(parameters);
        ComputationGraph network = configuration.network().graph();
        long width = preset == ZooPreset.TINY_RESNET ? 8 : 32;
        Map<String, INDArray> activations =
                network.feedForward(Nd4j.rand(DataType.FLOAT, 2, channels, size, size), false);
        assertThat(shape(activations, "b1_add")).containsExactly(2, width, size, size);
        assertThat(shape(activations, "b2_add")).containsExactly(2, 2 * width, size / 2, size / 2);
        assertThat(shape(activations, "b3_add")).containsExactly(2, 4 * width, size / 4, size / 4);
        assertThat(shape(activations, "pool")).containsExactly(2, 4 * width, 2, 2);
        assertThat(shape(activations, "out")).containsExactly(2, 10);
        assertThat(network.summary()).contains("b2_add", "stem");
    }

    private static long[] shape(Map<String, INDArray> activations, String name) {
        INDArray a = activations.get(name);
        assertThat(a).as(name).isNotNull();
        return a == null ? new long[0] : a.shape();
    }

    @Test
    void dpOptimised_everyNormalisation_hasAQuarterAsManyGroupsAsChannels() {
        for (ZooPreset preset : new ZooPreset[] {ZooPreset.TINY_RESNET, ZooPreset.WIDE_RESNET}) {
            int found = 0;
            for (Layer layer : configuration(preset, Variant.DP_OPTIMISED, InputShape.GREY_28)
                    .layers()) {
                if (layer instanceof GroupNormalization g) {
                    assertThat(4L * g.getGroups()).isEqualTo(((FeedForwardLayer) layer).getNIn());
                    found++;
                }
            }
            assertThat(found).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @CsvSource({"TINY_RESNET, HE_ALIGNED", "TINY_RESNET, HE_ALIGNED_DP", "WIDE_RESNET, HE_ALIGNED_DP"})
    void heAligned_everyPolynomial_standsBehindAFoldableNormAndHasTheRecipesPenalty(ZooPreset preset, Variant variant) {
        TrainingRecipe recipe = preset.recipe(3);
        ZooConfiguration configuration = preset.configuration(variant, InputShape.COLOUR_32, recipe, 10);
        List<PolynomialActivation> polynomials = new ArrayList<>();
        for (Layer layer : configuration.layers()) {
            if (layer instanceof ChannelNormalization norm) {
                polynomials.add((PolynomialActivation) norm.getActivationFn());
            } else if (layer instanceof BaseLayer other && !(layer instanceof OutputLayer)) {
                assertThat(other.getActivationFn()).as(layer.getLayerName()).isInstanceOf(ActivationIdentity.class);
            }
        }
        assertThat(polynomials).hasSize(9).allSatisfy(p -> {
            assertThat(p.degree()).isEqualTo(2);
            assertThat(p.getPenaltyLimit()).isEqualTo(recipe.rangeLimit());
            assertThat(p.getPenaltyStrength()).isEqualTo(recipe.rangePenalty());
        });
        assertThat(HeCompatibility.check(configuration.network().graph())).isEmpty();
    }

    @Test
    void heAlignedDp_noLayer_mixesExamples() {
        ComputationGraph network = configuration(ZooPreset.TINY_RESNET, Variant.HE_ALIGNED_DP, InputShape.GREY_28)
                .network()
                .graph();
        INDArray both = Nd4j.rand(DataType.FLOAT, 2, 1, 28, 28);
        INDArray other = both.dup();
        other.get(NDArrayIndex.point(1)).addi(3);
        INDArray first = network.outputSingle(true, both).getRow(0).dup();
        INDArray again = network.outputSingle(true, other).getRow(0).dup();
        assertThat(again.equalsWithEps(first, 1e-6)).isTrue();
    }

    @Test
    void reluControl_isTheHeAlignedNetworkWithReluAlone() {
        List<Layer> he = configuration(ZooPreset.TINY_RESNET, Variant.HE_ALIGNED, InputShape.GREY_28)
                .layers();
        List<Layer> control = configuration(ZooPreset.TINY_RESNET, Variant.RELU_CONTROL, InputShape.GREY_28)
                .layers();
        assertThat(control).hasSameSizeAs(he);
        int relus = 0;
        for (int i = 0; i < he.size(); i++) {
            assertThat(control.get(i).getClass()).isEqualTo(he.get(i).getClass());
            assertThat(control.get(i).getLayerName()).isEqualTo(he.get(i).getLayerName());
            relus += control.get(i) instanceof ChannelNormalization n && n.getActivationFn() instanceof ActivationReLU
                    ? 1
                    : 0;
        }
        assertThat(relus).isEqualTo(9);
    }

    @Test
    void json_roundTrips() {
        for (Variant variant : Variant.values()) {
            ComputationGraphConfiguration configuration = ((ZooConfiguration.Graph)
                            configuration(ZooPreset.TINY_RESNET, variant, InputShape.COLOUR_32))
                    .configuration();
            assertThat(ComputationGraphConfiguration.fromJson(configuration.toJson()))
                    .isEqualTo(configuration);
        }
    }

    @Test
    void configuration_otherShape_isRefused() {
        assertThatThrownBy(() -> configuration(ZooPreset.TINY_RESNET, Variant.DP_OPTIMISED, new InputShape(2, 28, 28)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2x28x28");
    }

    @Test
    void of_ids_areFound() {
        assertThat(ZooPreset.of("tiny-resnet")).isEqualTo(ZooPreset.TINY_RESNET);
        assertThat(ZooPreset.of("wide-resnet")).isEqualTo(ZooPreset.WIDE_RESNET);
    }
}
