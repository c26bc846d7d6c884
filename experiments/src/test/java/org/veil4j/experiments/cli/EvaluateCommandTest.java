package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
    /** What the issue asks for, by these names. */
    private static final String[] FIELDS = {
        "preset",
        "dataset",
        "images",
        "layout",
        "weights",
        "accuracyPlain",
        "accuracyEncrypted",
        "agreement",
        "maxLogitError",
        "precisionBits",
        "secondsKeygen",
        "secondsEncrypt",
        "secondsInfer",
        "secondsDecrypt",
        "imagesPerSecond",
        "plainImagesPerSecond",
        "slowdown",
        "peakRssBytes",
        "estimatedPeakBytes",
        "logN",
        "logQP",
        "securityBits",
        "bytesEvaluationKeys",
        "bytesUp",
        "bytesDown",
        "estimatedPrecisionBits",
        "headroomBits"
    };

    @TempDir
    Path folder;

    @Test
    void evaluate_savedNetworkOverTwoBatches_agreesWithDeeplearning4j() throws IOException {
        Path network = TinyNetworks.save(TinyNetworks.encryptable(28, 1), folder.resolve("tiny.zip"));
        Path json = folder.resolve("run.json");
        Cli run = evaluate(network, 600, json, "--dataset", "fashion-mnist");
        assertThat(run.out())
                .contains("same class predicted")
                .contains("NONE (test parameters)")
                .contains("softmax");
        JsonNode record = Cli.json(json);
        assertThat(FIELDS)
                .allSatisfy(field -> assertThat(record.has(field)).as(field).isTrue());
        assertThat(record.get("preset").asText()).isEqualTo("tiny.zip");
        assertThat(record.get("images").asInt()).isEqualTo(600);
        assertThat(record.get("weights").asText()).isEqualTo("plain");
        assertThat(record.get("agreement").asDouble()).isEqualTo(1);
        assertThat(record.get("accuracyEncrypted").asDouble())
                .isEqualTo(record.get("accuracyPlain").asDouble());
        assertThat(record.get("precisionBits").asDouble()).isGreaterThan(15);
        assertThat(record.get("slowdown").asDouble())
                .isEqualTo(record.get("plainImagesPerSecond").asDouble()
                        / record.get("imagesPerSecond").asDouble());
        assertEstimate(record);
        assertThat(record.get("logN").asInt()).isEqualTo(10);
        assertThat(record.get("securityBits").asInt()).isZero();
    }

    @Test
    void evaluate_encryptedWeights_agreesWithDeeplearning4j() throws IOException {
        Path network = TinyNetworks.save(TinyNetworks.encryptable(28, 1), folder.resolve("tiny.zip"));
        Path json = folder.resolve("run.json");
        Cli run = evaluate(network, 3, json, "--layout", "packed", "--weights", "encrypted", "--log-n", 11);
        assertThat(run.out()).contains("packed, encrypted");
        JsonNode record = Cli.json(json);
        assertThat(record.get("weights").asText()).isEqualTo("encrypted");
        assertThat(record.get("agreement").asDouble()).isEqualTo(1);
        assertThat(record.get("precisionBits").asDouble()).isGreaterThan(14);
        assertThat(record.has("secondsEncryptModel")).isTrue();
        assertEstimate(record);
    }

    @Test
    void evaluate_savedComputationGraph_agreesWithDeeplearning4j() throws IOException {
        Path network = TinyNetworks.save(TinyNetworks.residual(28, 4), folder.resolve("graph.zip"));
        Path json = folder.resolve("run.json");
        evaluate(network, 40, json);
        JsonNode record = Cli.json(json);
        assertThat(record.get("agreement").asDouble()).isEqualTo(1);
        assertThat(record.get("precisionBits").asDouble()).isGreaterThan(15);
        assertEstimate(record);
        Cli inspected = Cli.run("inspect", network);
        assertThat(inspected.err()).isEmpty();
        assertThat(inspected.out()).contains("ComputationGraph").containsPattern("can be encrypted +yes");
    }

    @Test
    void evaluate_networkOfDenseLayers_readsImagesAsRows() throws IOException {
        Path network = TinyNetworks.save(TinyNetworks.dense(784, 2), folder.resolve("dense.zip"));
        Path json = folder.resolve("run.json");
        evaluate(network, 150, json);
        JsonNode record = Cli.json(json);
        assertThat(record.get("agreement").asDouble()).isEqualTo(1);
        assertThat(record.get("precisionBits").asDouble()).isGreaterThan(15);
    }

    private static Cli evaluate(Path network, int count, Path json, Object... more) {
        List<Object> args = new ArrayList<>(List.of("evaluate", "--network", network, "--mean", 70, "--std", 90));
        args.addAll(List.of("--count", count, "--insecure-test-parameters", "--json", json));
        args.addAll(List.of(more));
        if (!args.contains("--log-n")) {
            args.addAll(List.of("--log-n", 10));
        }
        return Cli.done(args.toArray());
    }

    @Test
    void evaluate_dataSetOfAnotherShape_isBadInput() throws IOException {
        Path network = TinyNetworks.save(TinyNetworks.encryptable(8, 1), folder.resolve("tiny.zip"));
        Cli run = Cli.run("evaluate", "--network", network, "--shape", "1x8x8", "--mean", 0, "--std", 1);
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("1x28x28").contains("1x8x8");
    }

    @Test
    void demo_memoryBelowThePlan_isRefusedBeforeAnythingIsComputed() {
        Cli run = Cli.run("demo", "--memory", "600m");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.err()).contains("memory=600 MiB");
    }

    @Test
    void demo_moreImagesThanThereAre_isBadInput() {
        Cli run = Cli.run("demo", "--count", 10_001);
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("count=10001");
    }

    @Test
    @Tag("slow")
    void demo_secureParameters_agreesOnEveryImage() throws IOException {
        Path json = folder.resolve("demo.json");
        Cli run = Cli.run("demo", "--json", json);
        assertThat(run.err()).isEmpty();
        JsonNode record = Cli.json(json);
        assertThat(record.get("images").asInt()).isEqualTo(8192);
        assertThat(record.get("agreement").asDouble()).isEqualTo(1);
        assertThat(record.get("precisionBits").asDouble()).isGreaterThanOrEqualTo(18);
        assertEstimate(record);
        assertThat(record.get("securityBits").asInt()).isEqualTo(128);
    }

    /** Of use, and never above what was measured. */
    private static void assertEstimate(JsonNode record) {
        double measured = record.get("precisionBits").asDouble();
        assertThat(record.get("estimatedPrecisionBits").asDouble()).isBetween(measured - 6, measured);
        assertThat(record.get("headroomBits").asDouble()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void demo_theNetworkItselfInASmallRing_estimatesNoMorePrecisionThanItHas() throws IOException {
        Path json = folder.resolve("demo.json");
        Cli run = Cli.run("demo", "--count", 300, "--log-n", 11, "--insecure-test-parameters", "--json", json);
        assertThat(run.err()).isEmpty();
        JsonNode record = Cli.json(json);
        assertThat(record.get("agreement").asDouble()).isEqualTo(1);
        assertEstimate(record);
    }
}
