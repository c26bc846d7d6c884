package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.he.mlr.clear.FeatureCsv;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.PretrainedWeights;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;

class FeaturesCommandTest {
    @TempDir
    Path folder;

    /** Fashion-MNIST's test set comes with the program. */
    private Cli features(Object... more) {
        List<Object> args = new ArrayList<>(List.of("features", "--dataset", "fashion-mnist", "--split", "test"));
        args.addAll(Arrays.asList(more));
        return Cli.run(args.toArray());
    }

    @Test
    void features_savedNetwork_equalsItsActivations() throws IOException {
        MultiLayerNetwork network = TinyNetworks.encryptable(28, 3);
        Path zip = TinyNetworks.save(network, folder.resolve("tiny.zip"));
        Path csv = folder.resolve("out.csv");
        Path json = folder.resolve("run.json");
        Cli run = features("--network", zip, "--mean", 70, "--std", 90, "--images", 37, "--out", csv, "--json", json);
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("37 rows of 8 features").contains("layer1 of tiny.zip");
        Dataset images = DataRepository.open(null).test("fashion-mnist").first(37);
        INDArray expected = network.feedForward(
                        images.features(0, 37, new InputNormalisation(new double[] {70}, new double[] {90})), false)
                .get(2);
        LabelledFeatures table = FeatureCsv.read(csv, 10);
        for (int i = 0; i < 37; i++) {
            assertThat(table.label(i)).isEqualTo(images.labels()[i]);
            double[] row = expected.slice(i).dup('c').data().asDouble();
            assertThat(table.row(i)).containsExactly(row, within(1e-5));
        }
        JsonNode record = Cli.json(json);
        assertThat(record.get("verb").asText()).isEqualTo("features");
        assertThat(record.get("layer").asText()).isEqualTo("layer1");
        assertThat(record.get("images").asInt()).isEqualTo(37);
        assertThat(record.get("features").asInt()).isEqualTo(8);
        assertThat(record.get("inputShape").asText()).isEqualTo("1x28x28");
        assertThat(record.get("bytesOut").asLong()).isEqualTo(Files.size(csv));
        assertThat(record.get("weightsSha256").asText()).hasSize(64);
        assertThat(record.get("imagesPerSecond").asDouble()).isPositive();
        assertThat(record.has("constantFeatures")).isTrue();
    }

    @Test
    void features_zooNetworkWithCard_needsNoMoreThanItsFile() throws IOException {
        PretrainedWeights trained = PretrainedWeights.load(ZooPreset.CRYPTONET, Variant.HE_ALIGNED, "fashion-mnist");
        Path zip = folder.resolve("cryptonet.zip");
        PretrainedWeights.save(zip, trained.network(), trained.card());
        Path csv = folder.resolve("out.csv");
        Cli run = features("--network", zip, "--images", 20, "--out", csv);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("20 rows of 100 features (layer dense1 of cryptonet.zip)");
        // The head on top of these features is the network.
        INDArray classes = trained.network()
                .graph()
                .outputSingle(DataRepository.open(null).test("fashion-mnist").features(0, 20, trained.normalisation()));
        Map<String, INDArray> parameters = trained.network().graph().paramTable();
        INDArray weights = Objects.requireNonNull(parameters.get("5_W"));
        INDArray bias = Objects.requireNonNull(parameters.get("5_b"));
        INDArray logits = Nd4j.create(rows(FeatureCsv.read(csv, 10)))
                .castTo(DataType.FLOAT)
                .mmul(weights)
                .addiRowVector(bias);
        assertThat(logits.argMax(1).toIntVector())
                .containsExactly(classes.argMax(1).toIntVector());
    }

    @Test
    void features_otherShape_scalesTheImages() throws IOException {
        Path zip = TinyNetworks.save(TinyNetworks.encryptable(56, 3), folder.resolve("large.zip"));
        Path csv = folder.resolve("out.csv");
        Cli run = features(
                "--network",
                zip,
                "--layer",
                "layer0",
                "--shape",
                "1x56x56",
                "--mean",
                0,
                "--std",
                1,
                "--images",
                2,
                "--out",
                csv);
        assertThat(run.err()).isEmpty();
        double[] pooled = FeatureCsv.read(csv, 10).row(1);
        assertThat(pooled).hasSize(16);
        // Enlarging by bilinear interpolation keeps the mean up to what is held at the border.
        byte[] image = DataRepository.open(null).test("fashion-mnist").images()[1];
        double mean = 0;
        for (byte pixel : image) {
            mean += (pixel & 255) / 784.0;
        }
        assertThat(Arrays.stream(pooled).average().orElseThrow()).isCloseTo(mean, within(2.0));
    }

    @Test
    void features_badInput_isTwoWithOneLineAndLeavesNothing() throws IOException {
        Path zip = TinyNetworks.save(TinyNetworks.encryptable(28, 3), folder.resolve("tiny.zip"));
        Path csv = folder.resolve("out.csv");
        Path text = Files.writeString(folder.resolve("weights.h5"), "no weights");
        Path weights = folder.resolve("none.h5");
        Object[][] cases = {
            {"split=all", "--network", zip, "--split", "all"},
            {"images=0", "--network", zip, "--mean", 0, "--std", 1, "--images", 0},
            {"images=10001", "--network", zip, "--mean", 0, "--std", 1, "--images", 10_001},
            {"batch=0", "--network", zip, "--mean", 0, "--std", 1, "--batch", 0},
            {"layer=nose", "--network", zip, "--mean", 0, "--std", 1, "--layer", "nose"},
            {"how its input was normalised", "--network", zip},
            {"--weights", "--network", zip, "--mean", 0, "--std", 1, "--weights", text},
            {"--shape", "--network", zip, "--mean", 0, "--std", 1, "--shape", "1x8x8", "--images", 1},
            {"dataset=imagenet", "--network", zip, "--dataset", "imagenet"},
            {"none.h5", "--network", "squeezenet", "--weights", weights},
            {"not a readable HDF5 file", "--network", "squeezenet", "--weights", text},
            {"squeezenet has its own normalisation", "--network", "squeezenet", "--weights", text, "--bgr"},
            {"at least 31", "--network", "squeezenet", "--weights", text, "--shape", "3x30x224"},
            {"squeezenett", "--network", "squeezenett"},
        };
        for (Object[] c : cases) {
            List<Object> args = new ArrayList<>(Arrays.asList(c).subList(1, c.length));
            if (args.contains("--dataset") || args.contains("--split")) {
                args.addAll(0, List.of("features"));
            } else {
                args.addAll(0, List.of("features", "--dataset", "fashion-mnist", "--split", "test"));
            }
            args.addAll(List.of("--out", csv));
            Cli run = Cli.run(args.toArray());
            assertThat(run.status()).as(run.err()).isEqualTo(2);
            assertThat(run.err().strip().lines()).hasSize(1);
            assertThat(run.err()).contains(String.valueOf(c[0]));
        }
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(zip, text);
        }
    }

    @Test
    @Tag("slow")
    void features_squeezenet_separatesDigits() throws IOException {
        String data = System.getenv("VEIL4J_DATA");
        Assumptions.assumeTrue(
                data != null && Files.exists(Path.of(data, "squeezenet", "squeezenet_v1.1_notop.h5")),
                "needs the weights: squeezenet in the folder VEIL4J_DATA");
        Path csv = folder.resolve("out.csv");
        Cli run = Cli.run("features", "--network", "squeezenet", "--dataset", "mnist", "--images", 300, "--out", csv);
        assertThat(run.err()).isEmpty();
        LabelledFeatures table = FeatureCsv.read(csv, 10);
        assertThat(table.size()).isEqualTo(300);
        assertThat(table.features()).isEqualTo(512);
        // NumPy in double precision on the same pixels, scaled bilinearly: the sum of the features of image 7, a three.
        assertThat(table.label(7)).isEqualTo(3);
        assertThat(Arrays.stream(table.row(7)).sum()).isCloseTo(1001.114952, within(1e-3));
        // The nearest of the first 200 has the same label far more often than one time in ten.
        int right = 0;
        for (int i = 200; i < 300; i++) {
            right += table.label(nearest(table, i, 200)) == table.label(i) ? 1 : 0;
        }
        assertThat(right).isGreaterThan(60);
    }

    private static double[][] rows(LabelledFeatures table) {
        double[][] rows = new double[table.size()][];
        for (int r = 0; r < rows.length; r++) {
            rows[r] = table.row(r);
        }
        return rows;
    }

    private static int nearest(LabelledFeatures table, int row, int among) {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < among; i++) {
            double distance = 0;
            for (int f = 0; f < table.features(); f++) {
                double d = table.row(i)[f] - table.row(row)[f];
                distance += d * d;
            }
            if (distance < least) {
                least = distance;
                best = i;
            }
        }
        return best;
    }
}
