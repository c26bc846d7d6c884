package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.dp.train.DpMultiLayerNetwork;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;

/** What is refused, and what a private training on tiny data leaves behind. */
class TrainCommandTest {
    @TempDir
    Path folder;

    @Test
    void train_privacyOptionsWithoutDp_areRefused() {
        assertRefused("--dp is missing", "--epsilon", "8");
        assertRefused("--dp is missing", "--compare-plain");
        assertRefused("--dp is missing", "--optimizer", "sgd");
    }

    @Test
    void train_contradictions_areRefused() {
        assertRefused("--flip and --no-flip", "--flip", "--no-flip");
        assertRefused("training.clipNorm=1.0", "--dp", "--clip", "1");
    }

    @Test
    void train_valuesOutOfRange_areRefusedByName() {
        assertRefused("clipNorm=0.0", "--dp", "--clip-norm", "0");
        assertRefused("--optimizer", "--dp", "--optimizer", "newton");
        assertRefused("averaging=1.0", "--dp", "--averaging", "1");
        assertRefused("preset=resnet", "--preset", "resnet");
        assertRefused("variant=square", "--variant", "square");
        assertRefused("rangePenalty=-1.0", "--range-penalty", "-1");
    }

    @Test
    void train_budgetOutOfRange_isRefusedByName() {
        TinyIdx.write(folder);
        String[] data = {"--data", folder.toString(), "--dataset", "mnist", "--dp", "--batch", "50"};
        for (String[] row : new String[][] {
            {"targetEpsilon=0.0", "--epsilon", "0"},
            {"targetEpsilon=-3.0", "--epsilon", "-3"},
            {"epsilon=1.0E-7", "--epsilon", "1e-7"},
            {"delta=1.0", "--delta", "1"},
            {"delta=0.0", "--delta", "0"},
            {"noiseMultiplier=-1.0", "--noise-multiplier", "-1"},
            {"--epsilon and --noise-multiplier", "--epsilon", "8", "--noise-multiplier", "1"},
        }) {
            List<String> options = new ArrayList<>(List.of(data));
            options.addAll(List.of(row).subList(1, row.length));
            assertRefused(row[0], options.toArray(String[]::new));
        }
        assertThat(folder.resolve("x.zip")).doesNotExist();
    }

    /** Allowed, as plain training is; it says that epsilon is infinite. */
    @Test
    void train_withoutNoise_saysThatNothingIsPrivate() throws IOException {
        JsonNode json = train("--dp", "--noise-multiplier", "0");
        assertThat(json.at("/dp/sigma").asDouble()).isZero();
        assertThat(json.at("/dp/epsilonRdp").asText()).isEqualTo("Infinity");
        assertThat(json.at("/dp/epsilonPrv").asText()).isEqualTo("Infinity");
    }

    @Test
    void train_privately_recordsEveryFigure() throws IOException {
        JsonNode json = train("--dp", "--epsilon", "8", "--delta", "1e-4", "--compare-plain");
        assertThat(json.path("preset").asText()).isEqualTo("cryptonet");
        assertThat(json.path("variant").asText()).isEqualTo("dp-optimised");
        assertThat(json.path("dataset").asText()).isEqualTo("mnist");
        JsonNode dp = json.path("dp");
        assertThat(dp.path("epsilonRdp").asDouble()).isBetween(7.9, 8.0);
        assertThat(dp.path("epsilonPrv").asDouble()).isBetween(4.0, 8.0);
        assertThat(dp.path("delta").asDouble()).isEqualTo(1e-4);
        assertThat(dp.path("sigma").asDouble()).isPositive();
        assertThat(dp.path("clipNorm").asDouble()).isEqualTo(0.7);
        assertThat(dp.path("samplingRate").asDouble()).isEqualTo(50.0 / TinyIdx.TRAIN);
        assertThat(dp.path("steps").asInt()).isEqualTo(3);
        assertThat(dp.path("expectedBatch").asInt()).isEqualTo(50);
        assertThat(json.path("parameters").asLong()).isEqualTo(ZooPreset.CRYPTONET.parameters(Variant.DP_OPTIMISED, 1));
        JsonNode epochs = json.path("epochs");
        assertThat(epochs).hasSize(1);
        assertThat(epochs.get(0).path("loss").asDouble()).isPositive();
        assertThat(json.path("epochsNote").asText()).contains("not private");
        assertThat(json.path("accuracyTest").asDouble()).isBetween(0.0, 1.0);
        assertThat(json.path("testImages").asInt()).isEqualTo(TinyIdx.TEST);
        assertThat(json.path("accuracyTrain").isNumber()).isTrue();
        assertThat(json.path("accuracyTrain").asDouble()).isBetween(0.0, 1.0);
        assertThat(json.path("accuracyTrainNote").asText()).contains("not private");
        assertThat(json.path("secondsPerEpoch").asDouble())
                .isEqualTo(epochs.get(0).path("seconds").asDouble())
                .isPositive();
        assertThat(json.path("plainSecondsPerEpoch").asDouble()).isPositive();
        assertThat(json.path("batchOfOneSecondsPerEpoch").asDouble()).isPositive();
        assertThat(json.path("peakRssBytes").asLong()).isGreaterThan(1L << 20);
        assertThat(json.path("activationRanges").isArray()).isTrue();
        assertThat(json.path("command").asText()).contains("--dp --epsilon 8.0 --delta 1.0E-4");
        DpMultiLayerNetwork restored =
                DpMultiLayerNetwork.restore(folder.resolve("x.zip").toFile());
        assertThat(restored.steps()).isEqualTo(3);
        assertThat(restored.guarantee().epsilonRdp())
                .isEqualTo(dp.path("epsilonRdp").asDouble());
    }

    /** One epoch on tiny data; returns the record. */
    private JsonNode train(String... options) throws IOException {
        TinyIdx.write(folder);
        Path record = folder.resolve("run.json");
        List<String> arguments = new ArrayList<>(List.of(
                "train",
                "--out",
                folder.resolve("x.zip").toString(),
                "--json",
                record.toString(),
                "--data",
                folder.toString(),
                "--dataset",
                "mnist",
                "--variant",
                "dp-optimised",
                "--epochs",
                "1",
                "--batch",
                "50",
                "--clip-norm",
                "0.7"));
        arguments.addAll(List.of(options));
        Cli done = Cli.run(arguments.toArray());
        assertThat(done.status()).as(done.err()).isZero();
        assertThat(done.out()).contains("(not private)");
        return Cli.json(record);
    }

    private void assertRefused(String expected, String... options) {
        List<String> arguments = new ArrayList<>(
                List.of("train", "--out", folder.resolve("x.zip").toString()));
        arguments.addAll(List.of(options));
        Cli done = Cli.run(arguments.toArray());
        assertThat(done.status()).as(done.err()).isEqualTo(2);
        assertThat(done.err().strip().lines()).hasSize(1);
        assertThat(done.err()).contains(expected);
    }
}
