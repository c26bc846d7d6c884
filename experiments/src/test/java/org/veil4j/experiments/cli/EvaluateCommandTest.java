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

    /** The same of the packed layout, in addition. */
    private static final String[] PACKED_FIELDS = {
        "layout",
        "weights",
        "secondsPerImage",
        "secondsFirstImage",
        "dl4jSecondsPerImage",
        "slowdownOne",
        "rotations",
        "products",
        "keysBytes",
        "bytesEvaluationKeys",
        "plaintextForm",
        "ringDegree",
        "levels",
        "memoryBudgetBytes",
        "estimatedSecondsPerImage"
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

    @Test
    void evaluate_packedLayout_saysWhatAnImageTakes() throws IOException {
        Path network = TinyNetworks.save(TinyNetworks.residual(28, 4), folder.resolve("graph.zip"));
        Path json = folder.resolve("run.json");
        Cli run = evaluate(network, 5, json, "--layout", "packed", "--log-n", 11, "--images-per-ciphertext", 1);
        assertThat(run.out())
                .contains("packed, plain")
                .contains("slowdown of one image")
                .contains("an image as estimated");
        JsonNode record = Cli.json(json);
        assertThat(FIELDS)
                .allSatisfy(field -> assertThat(record.has(field)).as(field).isTrue());
        assertThat(PACKED_FIELDS)
                .allSatisfy(field ->
                        assertThat(record.get(field).isNull()).as(field).isFalse());
        assertThat(record.get("layout").asText()).isEqualTo("packed");
        assertThat(record.get("agreement").asDouble()).isEqualTo(1);
        assertThat(record.get("precisionBits").asDouble()).isGreaterThan(13);
        double one = record.get("secondsPerImage").asDouble();
        assertThat(one).isPositive();
        assertThat(record.get("slowdownOne").asDouble())
                .isEqualTo(one / record.get("dl4jSecondsPerImage").asDouble());
        assertThat(record.get("rotations").asLong()).isPositive();
        assertThat(record.get("products").asLong()).isPositive();
        assertThat(record.get("keysBytes").asLong())
                .isGreaterThan(record.get("bytesEvaluationKeys").asLong());
        assertThat(record.get("plaintextForm").asText()).isEqualTo("residues");
        assertThat(record.get("ringDegree").asInt()).isEqualTo(2048);
        assertThat(record.get("memoryBudgetBytes").asLong()).isZero();
    }

    @Test
    void evaluate_severalImagesACiphertext_sharesItsTimeAmongThem() throws IOException {
        Path network = TinyNetworks.save(TinyNetworks.dense(784, 2), folder.resolve("dense.zip"));
        Path json = folder.resolve("run.json");
        evaluate(network, 3, json, "--layout", "packed", "--log-n", 12, "--images-per-ciphertext", 2);
        JsonNode record = Cli.json(json);
        assertThat(record.get("agreement").asDouble()).isEqualTo(1);
        assertThat(record.get("imagesPerCiphertext").asInt()).isEqualTo(2);
        assertThat(record.get("secondsPerImage").asDouble())
                .isLessThan(record.get("secondsInfer").asDouble() / 2);
    }

    @Test
    void evaluate_layoutThatCannotBe_isBadInput() throws IOException {
        Path network = TinyNetworks.save(TinyNetworks.encryptable(28, 1), folder.resolve("tiny.zip"));
        Object[] start = {"evaluate", "--network", network, "--mean", 70, "--std", 90, "--count", 2};
        Cli unknown = run(start, "--layout", "diagonal");
        unknown.assertBadInput("--layout", "diagonal");
        Cli many = run(start, "--layout", "packed", "--images-per-ciphertext", 4096, "--log-n", 13);
        many.assertBadInput("images=4096", "fewer images a ciphertext");
        Cli three = run(start, "--layout", "packed", "--images-per-ciphertext", 3);
        three.assertBadInput("imagesPerCiphertext=3", "a power of two");
    }

    private static Cli run(Object[] start, Object... more) {
        List<Object> args = new ArrayList<>(List.of(start));
        args.addAll(List.of(more));
        args.add("--insecure-test-parameters");
        return Cli.run(args.toArray());
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
