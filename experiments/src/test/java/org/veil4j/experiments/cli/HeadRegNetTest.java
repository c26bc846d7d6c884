package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command on the paper's features at 128 bits of security, in a process of its own, whose memory is measured. */
@Tag("slow")
class HeadRegNetTest {
    private static final int TEST_ROWS = 384;

    @TempDir
    Path folder;

    private Path features = Path.of("");

    @BeforeEach
    void features() {
        String data = System.getenv("VEIL4J_DATA");
        Assumptions.assumeTrue(data != null, "set VEIL4J_DATA to the folder with the paper's features");
        features = Path.of(data, "regnet-features", "REGNET_X_400MF_MNIST_TRAININGfirst512.csv");
        Assumptions.assumeTrue(Files.exists(features), "needs the paper's features in the folder VEIL4J_DATA");
    }

    private Cli process(String heap, Object... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseParallelGC",
                "-XX:MaxNewSize=384m",
                "-cp",
                System.getProperty("java.class.path"),
                "org.veil4j.experiments.cli.Veil4jCommand"));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        int status = process.waitFor();
        return new Cli(
                status, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"2, 0.74", "30, 0.80"})
    void trainHead_ourSettings_reachTheAccuracyInTheMemoryThatIsEstimated(int iterations, double accuracy)
            throws IOException, InterruptedException {
        Path json = folder.resolve("run.json");
        Cli run = process(
                "3g",
                "train-head",
                "--local",
                "--features",
                features,
                "--train",
                128,
                "--test",
                TEST_ROWS,
                "--iterations",
                iterations,
                "--json",
                json);
        assertThat(run.status()).as(run.err()).isZero();
        JsonNode record = Cli.json(json);
        double encrypted = record.get("accuracyEncrypted").get(iterations - 1).asDouble();
        double clear = record.get("accuracyClear").get(iterations - 1).asDouble();
        assertThat(encrypted).isGreaterThanOrEqualTo(accuracy);
        assertThat(Math.abs(encrypted - clear) * TEST_ROWS)
                .as("test rows that differ from the clear run")
                .isLessThanOrEqualTo(1.001);
        assertThat(record.get("maxWeightError").asDouble()).isBetween(1e-12, 1e-3);
        assertThat(record.get("measuredRows").asInt()).isEqualTo(TEST_ROWS);
        assertThat(record.get("securityBits").asInt()).isGreaterThanOrEqualTo(128);
        if (iterations == 2) {
            assertThat(record.get("ciphertextsUploaded").asInt()).isBetween(1, 6);
        }
        long estimate = record.get("estimatedPeakBytes").asLong();
        assertThat(estimate).isLessThan(6L << 30);
        JsonNode peak = record.get("peakRssBytes"); // null where the operating system does not tell
        if (!peak.isNull()) {
            assertThat(peak.asLong()).isLessThan(6L << 30);
            assertThat((double) peak.asLong()).isBetween(estimate / 2.5, 1.25 * estimate);
        }
    }

    @Test
    void trainHead_heapThatIsTooSmall_isRefusedBeforeKeysAreMade() throws IOException, InterruptedException {
        Path json = folder.resolve("run.json");
        Cli run = process(
                "400m",
                "train-head",
                "--local",
                "--features",
                features,
                "--train",
                128,
                "--iterations",
                30,
                "--json",
                json);
        assertThat(run.status()).as(run.err()).isEqualTo(1);
        assertThat(run.err()).contains("heap=").contains("VEIL4J_HEAP=");
        assertThat(json).doesNotExist();
    }
}
