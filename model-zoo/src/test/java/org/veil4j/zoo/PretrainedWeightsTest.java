package org.veil4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.layers.check.HeCompatibility;
import org.veil4j.layers.fit.ActivationRange;

class PretrainedWeightsTest {
    @TempDir
    private Path folder;

    private static final List<String> BUNDLED = List.of(
            "cryptonet/he-aligned/fashion-mnist",
            "cryptonet/he-aligned/cifar-10",
            "cryptonet-l/he-aligned/fashion-mnist",
            "cryptonet-l/he-aligned/cifar-10",
            "tiny-resnet/he-aligned/fashion-mnist",
            "tiny-resnet/he-aligned/cifar-10",
            "wide-resnet/he-aligned/fashion-mnist",
            "wide-resnet/he-aligned/cifar-10");

    private static final ModelCard CARD = new ModelCard(
                    "cryptonet",
                    "he-aligned",
                    "fashion-mnist",
                    InputShape.GREY_28,
                    List.of("a", "b\"quoted\""),
                    new InputNormalisation(new double[] {72.9}, new double[] {90.1}),
                    TrainingRecipe.plain(1).describe(),
                    "veil4j train",
                    0.5,
                    0.25,
                    10_000)
            .withActivationRanges(List.of(new ActivationRange("conv1", "square", 12L, -1.5, 2.25, 0.7, 0.5, 2.1, 2.2)));

    private static MultiLayerNetwork network() {
        MultiLayerNetwork network = new MultiLayerNetwork(
                CryptoNet.configuration(Variant.HE_ALIGNED, InputShape.GREY_28, TrainingRecipe.standard(2), 10));
        network.init();
        return network;
    }

    @Test
    void available_bundledWeights_loadAndMatchTheirCards() throws IOException {
        assertThat(PretrainedWeights.available()).containsExactlyInAnyOrderElementsOf(BUNDLED);
        for (String name : BUNDLED) {
            String[] parts = name.split("/", -1);
            ZooPreset preset = ZooPreset.of(parts[0]);
            PretrainedWeights weights = PretrainedWeights.load(preset, Variant.HE_ALIGNED, parts[2]);
            assertThat(weights.card().preset()).isEqualTo(preset.id());
            assertThat(weights.card().variant()).isEqualTo(Variant.HE_ALIGNED.id());
            assertThat(weights.card().dataset()).isEqualTo(parts[2]);
            ZooNetwork fresh = preset.configuration(
                            Variant.HE_ALIGNED, weights.card().input(), TrainingRecipe.plain(1), 1)
                    .network();
            assertThat(weights.network().graph().numParams())
                    .as(name)
                    .isEqualTo(fresh.graph().numParams());
            assertThat(HeCompatibility.check(weights.network().graph())).isEmpty();
            assertThat(weights.card().classNames()).hasSize(10);
            assertThat(weights.card().command()).startsWith("veil4j train --preset " + preset.id() + " ");
        }
    }

    @Test
    void available_bundledWeights_staySmall() throws IOException {
        long bytes = 0;
        for (String name : PretrainedWeights.available()) {
            String resource = "/org/veil4j/zoo/weights/" + name.replace('/', '-') + ".zip";
            try (InputStream in = PretrainedWeights.class.getResourceAsStream(resource)) {
                bytes += Objects.requireNonNull(in).readAllBytes().length;
            }
        }
        assertThat(bytes).isLessThan(15_000_000);
    }

    @Test
    void load_noSuchWeights_listsWhatThereIs() {
        assertThatThrownBy(() -> PretrainedWeights.load(ZooPreset.CRYPTONET_L, Variant.DP_OPTIMISED, "mnist"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cryptonet/he-aligned/fashion-mnist");
    }

    @Test
    void saveAndLoad_roundTrip_keepsNetworkAndCard() throws IOException {
        Path file = folder.resolve("sub/model.zip");
        MultiLayerNetwork network = network();
        PretrainedWeights.save(file, ZooNetwork.of(network), CARD);
        PretrainedWeights back = PretrainedWeights.load(file);
        assertThat(back.card()).isEqualTo(CARD);
        INDArray x = Nd4j.rand(DataType.FLOAT, 3, 1, 28, 28);
        assertThat(back.network().output(x)).isEqualTo(network.output(x));
        assertThat(ModelSerializer.restoreMultiLayerNetwork(file.toFile()).params())
                .isEqualTo(network.params());
        assertThat(Files.size(file)).isLessThan(200_000);
        try (var files = Files.list(folder.resolve("sub"))) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void saveAndLoad_graph_roundTrips() throws IOException {
        Path file = folder.resolve("graph.zip");
        ZooNetwork network = ZooPreset.TINY_RESNET
                .configuration(Variant.HE_ALIGNED, InputShape.GREY_28, TrainingRecipe.standard(2), 10)
                .network();
        PretrainedWeights.save(file, network, CARD);
        PretrainedWeights back = PretrainedWeights.load(file);
        assertThat(back.network().model()).isInstanceOf(ComputationGraph.class);
        INDArray x = Nd4j.rand(DataType.FLOAT, 3, 1, 28, 28);
        assertThat(back.network().output(x)).isEqualTo(network.output(x));
    }

    @Test
    void save_unwritableTarget_isRefusedBeforeAndWhileWriting() throws IOException {
        Path file = folder.resolve("taken");
        Files.createDirectories(file.resolve("full"));
        assertThatThrownBy(() -> PretrainedWeights.requireWritable(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("out=" + file)
                .hasMessageContaining("folder");
        assertThatThrownBy(() -> PretrainedWeights.save(file, ZooNetwork.of(network()), CARD))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("out=" + file);
        Path plain = Files.writeString(folder.resolve("plain"), "x");
        assertThatThrownBy(() -> PretrainedWeights.requireWritable(plain.resolve("model.zip")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be written");
        PretrainedWeights.requireWritable(folder.resolve("new/model.zip"));
        try (var files = Files.list(folder.resolve("new"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void load_damagedFiles_fileIsNamed() throws IOException {
        Path file = folder.resolve("model.zip");
        assertThatThrownBy(() -> PretrainedWeights.load(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no such file");
        PretrainedWeights.save(file, ZooNetwork.of(network()), CARD);
        byte[] good = Files.readAllBytes(file);
        for (int length : new int[] {0, 10, 1000, good.length / 2}) {
            Files.write(file, Arrays.copyOf(good, length));
            assertThatThrownBy(() -> PretrainedWeights.load(file))
                    .as("first %d bytes", length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("model.zip");
        }
    }

    @Test
    void load_zipWithoutCard_saysWhatIsMissing() throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        ModelSerializer.writeModel(network(), plain, false);
        Path file = folder.resolve("plain.zip");
        Files.write(file, plain.toByteArray());
        assertThatThrownBy(() -> PretrainedWeights.load(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(ModelCard.ENTRY)
                .hasMessageContaining("normalisation");
    }

    @Test
    void fromJson_badCards_nameTheField() throws IOException {
        String good = CARD.toJson();
        assertThat(ModelCard.fromJson(good)).isEqualTo(CARD);
        assertThatThrownBy(() -> ModelCard.fromJson(good.replace("\"preset\"", "\"pre\"")))
                .hasMessageContaining("\"preset\" is missing");
        assertThatThrownBy(() -> ModelCard.fromJson(good.replaceFirst("\"version\" : 1", "\"version\" : 9")))
                .hasMessageContaining("version=9");
        assertThatThrownBy(() -> ModelCard.fromJson(good.replace("90.1", "-1")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("std[0]");
        assertThatThrownBy(() -> ModelCard.fromJson("{")).isInstanceOf(IOException.class);
    }
}
