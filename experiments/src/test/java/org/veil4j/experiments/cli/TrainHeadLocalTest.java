package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Experiments with both roles in one process, in a small ring that protects nothing. */
class TrainHeadLocalTest {
    private static final int SEED = 92;

    @TempDir
    Path folder;

    private Cli local(Path csv, Object... more) {
        List<Object> args = new ArrayList<>(List.of("train-head", "--local", "--features", csv, "--log-n", 10));
        args.add("--insecure-test-parameters");
        if (!Arrays.asList(more).contains("--encoding") || Arrays.asList(more).contains("both")) {
            args.addAll(List.of("--step-base", 1, "--step-decay", 1)); // few features: large steps overshoot
        }
        args.addAll(Arrays.asList(more));
        return Cli.run(args.toArray());
    }

    @Test
    void local_json_hasEveryFigure() throws IOException {
        Path csv = HeadFiles.clusters(folder.resolve("features.csv"), 100, 6, 3, SEED);
        Path json = folder.resolve("run.json");
        Cli run = local(csv, "--train", 60, "--test", 30, "--iterations", 3, "--json", json);
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        JsonNode record = Cli.json(json);
        assertThat(record.get("encoding").asText()).isEqualTo("diagonal");
        assertThat(record.get("preparation").asText()).isEqualTo("standardise-row-normalise");
        assertThat(record.get("rows").asInt()).isEqualTo(60);
        assertThat(record.get("measuredRows").asInt()).isEqualTo(30);
        assertThat(record.get("features").asInt()).isEqualTo(6);
        assertThat(record.get("classes").asInt()).isEqualTo(3);
        assertThat(record.get("iterations").asInt()).isEqualTo(3);
        for (String list :
                new String[] {"accuracyClear", "accuracyEncrypted", "secondsPerIteration", "lossEncrypted"}) {
            assertThat(record.get(list)).as(list).hasSize(3);
        }
        for (int t = 0; t < 3; t++) {
            assertThat(record.get("accuracyEncrypted").get(t).asDouble())
                    .as("seed %d, iteration %d", SEED, t + 1)
                    .isEqualTo(record.get("accuracyClear").get(t).asDouble());
        }
        assertThat(record.get("maxWeightError").asDouble()).isBetween(1e-12, 1e-3);
        assertThat(record.get("maxAbsScore").asDouble()).isPositive();
        double phases = record.get("secondsEncrypt").asDouble()
                + record.get("secondsTrain").asDouble()
                + record.get("secondsDecrypt").asDouble();
        assertThat(record.get("secondsTotal").asDouble()).isEqualTo(phases);
        assertThat(record.get("ciphertextsUploaded").asInt()).isPositive();
        assertThat(record.get("bytesUploaded").asLong()).isGreaterThan(1000);
        assertThat(record.get("refreshes").asInt()).isZero();
        assertThat(record.get("logN").asInt()).isEqualTo(10);
        assertThat(record.get("logQP").asDouble()).isGreaterThan(100);
        assertThat(record.get("securityBits").asInt()).isZero();
        assertThat(record.get("levelsPerIteration").asInt()).isEqualTo(4);
        assertThat(record.get("rotationsPerIteration").asInt()).isPositive();
        assertThat(record.get("estimatedPeakBytes").asLong()).isPositive();
        assertThat(record.has("peakRssBytes")).isTrue();
        assertThat(run.out())
                .contains("accuracy encrypted (30 test rows)")
                .contains("NONE (test parameters)")
                .contains("By iteration");
    }

    @Test
    void local_finalOnly_decryptsNothingInBetween() throws IOException {
        Path csv = HeadFiles.clusters(folder.resolve("features.csv"), 50, 5, 3, SEED);
        Path json = folder.resolve("run.json");
        local(csv, "--train", 40, "--iterations", 3, "--refresh-every", 1, "--final-only", "--json", json);
        JsonNode record = Cli.json(json);
        assertThat(record.get("accuracyEncrypted").get(0).isNull()).isTrue();
        assertThat(record.get("accuracyEncrypted").get(2).isNumber()).isTrue();
        assertThat(record.get("refreshes").asInt()).isEqualTo(2);
        assertThat(record.get("bytesRefreshes").asLong()).isPositive();
    }

    @Test
    void local_bothEncodings_sideBySideWithCharts() throws IOException {
        Path train = HeadFiles.clusters(folder.resolve("train.csv"), 40, 5, 3, SEED);
        Path test = HeadFiles.clusters(folder.resolve("test.csv"), 200, 5, 3, SEED);
        Path json = folder.resolve("run.json");
        Path report = Files.createDirectory(folder.resolve("report"));
        Cli run = local(
                train,
                "--test-features",
                test,
                "--test",
                150,
                "--iterations",
                2,
                "--encoding",
                "both",
                "--json",
                json,
                "--report",
                report);
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .containsPattern("encoding +diagonal +volley-revolver")
                .containsPattern("levels of an iteration +4 +8")
                .containsPattern("rotations of an iteration +[0-9]+ +[0-9]+")
                .contains("150 test rows");
        JsonNode runs = Cli.json(json).get("runs");
        assertThat(runs).hasSize(2);
        assertThat(runs.get(1).get("encoding").asText()).isEqualTo("volley-revolver");
        assertThat(runs.get(1).has("cpu")).isFalse();
        assertThat(runs.get(1).get("rotationsPerIteration").asInt())
                .isGreaterThan(runs.get(0).get("rotationsPerIteration").asInt());
        assertThat(runs.get(1).get("accuracyEncrypted")).isEqualTo(runs.get(0).get("accuracyEncrypted"));

        String page = Files.readString(report.resolve("report.html"));
        assertThat(page).contains("By iteration").contains("verb: train-head").doesNotContain("<script");
        for (String name : new String[] {"accuracy.png", "loss.png"}) {
            byte[] png = Files.readAllBytes(report.resolve(name));
            assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(1100);
            assertThat(page).contains(Base64.getEncoder().encodeToString(png));
        }
        assertThat(Files.readAllBytes(report.resolve("accuracy.png")))
                .isNotEqualTo(Files.readAllBytes(report.resolve("loss.png")));
    }

    /** Rows of length one, all the same: with the constant one they are orthogonal to a vector of ones. */
    @Test
    void local_oneNegativeFeatureOfUnitLength_isReportedAsAnyOther() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < 40; r++) {
            text.append(r % 2).append(",-").append(1 + r % 7).append('\n');
        }
        Path csv = Files.writeString(folder.resolve("features.csv"), text);
        Path json = folder.resolve("run.json");
        Path report = Files.createDirectory(folder.resolve("report"));
        Cli run = local(csv, "--preparation", "row-normalise", "--iterations", 1, "--report", report, "--json", json);
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(report.resolve("accuracy.png")).isNotEmptyFile();
        assertThat(Cli.json(json).get("accuracyEncrypted")).hasSize(1);
    }

    @Test
    void local_chartsThatCannotBeWritten_leaveTheRecord() throws IOException {
        Path csv = HeadFiles.clusters(folder.resolve("features.csv"), 40, 5, 3, SEED);
        Path json = folder.resolve("run.json");
        Path report = Files.createDirectory(folder.resolve("report"));
        Files.createDirectory(report.resolve("accuracy.png"));
        Cli run = local(csv, "--iterations", 1, "--report", report, "--json", json);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("accuracy.png: is a folder");
        assertThat(Cli.json(json).get("accuracyEncrypted")).hasSize(1);
    }

    @Test
    void local_faithfulMode_takesThePapersSettings() throws IOException {
        Path csv = HeadFiles.clusters(folder.resolve("features.csv"), 60, 6, 3, SEED);
        Path json = folder.resolve("run.json");
        Cli run = local(
                csv,
                "--train",
                40,
                "--iterations",
                2,
                "--encoding",
                "volley-revolver",
                "--preparation",
                "none",
                "--json",
                json);
        assertThat(run.err()).isEmpty();
        JsonNode record = Cli.json(json);
        assertThat(record.get("startWeight").asDouble()).isEqualTo(0.0128);
        assertThat(record.get("stepBase").asDouble()).isEqualTo(1);
        assertThat(record.get("stepDecay").asDouble()).isEqualTo(1.0 / 40);
        assertThat(record.get("accuracyEncrypted")).isEqualTo(record.get("accuracyClear"));
        Cli ours = local(csv, "--train", 40, "--iterations", 1, "--encoding", "volley-revolver", "--json", json);
        assertThat(ours.err()).isEmpty();
        assertThat(Cli.json(json).get("startWeight").asDouble()).isZero();
    }

    /**
     * A feature that is constant on the training rows, but not on the test rows, and no sum of which is exact: what centres is
     * to leave it out; what does not keeps it, as another constant one.
     */
    @ParameterizedTest
    @CsvSource({
        "none, diagonal",
        "centre, diagonal",
        "standardise, diagonal",
        "row-normalise, diagonal",
        "centre-row-normalise, diagonal",
        "standardise-row-normalise, diagonal",
        "none, volley-revolver",
        "centre, volley-revolver",
        "standardise-row-normalise, volley-revolver"
    })
    void local_constantFeature_isNeutralisedAndSaid(String preparation, String encoding) throws IOException {
        boolean centres = !preparation.equals("none") && !preparation.equals("row-normalise");
        Path csv = folder.resolve("features.csv");
        StringBuilder text = new StringBuilder();
        int rows = 0;
        for (String line : Files.readAllLines(HeadFiles.clusters(csv, 90, 5, 3, SEED))) {
            text.append(line).append(rows++ < 40 || !centres ? ",0.7" : ",9e5").append('\n');
        }
        Files.writeString(csv, text);
        Path json = folder.resolve("run.json");
        Object[] options = {
            "--train",
            40,
            "--iterations",
            2,
            "--preparation",
            preparation,
            "--encoding",
            encoding,
            "--settings",
            "recommended",
            "--step-base",
            1,
            "--step-decay",
            1,
            "--json",
            json
        };
        Cli run = Cli.run(Stream.concat(
                        Stream.of(
                                "train-head",
                                "--local",
                                "--features",
                                csv,
                                "--log-n",
                                10,
                                "--insecure-test-parameters"),
                        Arrays.stream(options))
                .toArray());
        assertThat(run.err()).isEmpty();
        JsonNode record = Cli.json(json);
        if (centres) {
            assertThat(run.out()).contains("note: 1 of the features is constant");
            // Had anything been learned about it, the test rows' value would drown the others.
            assertThat(record.get("accuracyEncrypted").get(1).asDouble())
                    .as("seed %d", SEED)
                    .isGreaterThan(0.8);
        } else {
            assertThat(run.out()).doesNotContain("note: ");
        }
        assertThat(record.get("neutralisedFeatures").asInt()).isEqualTo(centres ? 1 : 0);
        assertThat(record.get("maxWeightError").asDouble()).as("seed %d", SEED).isBetween(1e-12, 1e-3);
        assertThat(record.get("accuracyEncrypted")).isEqualTo(record.get("accuracyClear"));
    }

    @Test
    void features_nearlyZero_areNotedByBothVerbsUnlessStandardised() throws IOException {
        Path csv = HeadFiles.clusters(folder.resolve("features.csv"), 60, 6, 3, SEED);
        Path small = folder.resolve("small.csv");
        StringBuilder lines = new StringBuilder();
        for (String line : Files.readAllLines(csv)) {
            String[] cells = line.split(",", -1);
            cells[2] = Double.toString(1e-8 * Double.parseDouble(cells[2]));
            lines.append(String.join(",", cells)).append('\n');
        }
        Files.writeString(small, lines);
        Path out = Files.createDirectory(folder.resolve("out"));
        Path json = folder.resolve("small.json");
        Object[] centre = {"--preparation", "centre", "--iterations", 1, "--json", json};
        for (boolean all : new boolean[] {true, false}) {
            List<Object> args = new ArrayList<>(Arrays.asList(centre));
            if (!all) {
                args.addAll(List.of("--force", "--out", out));
            }
            Cli run = all ? local(small, args.toArray()) : owner(small, args);
            assertThat(run.err()).isEmpty();
            assertThat(run.out()).contains("note: feature 2 of 6", "--bits");
            assertThat(Cli.json(json).get("smallFeature").asInt()).isEqualTo(2);
            assertThat(Cli.json(json).get("smallFeatureNoise").asDouble()).isGreaterThan(64);
        }
        assertThat(local(small, "--iterations", 1).out()).doesNotContain("note: ");
        assertThat(local(csv, "--preparation", "centre", "--iterations", 1).out())
                .doesNotContain("note: ");
    }

    private static Cli owner(Path csv, List<Object> more) {
        List<Object> args = new ArrayList<>(List.of("encrypt-features", "--features", csv, "--log-n", 10));
        args.addAll(List.of("--insecure-test-parameters", "--step-base", 1, "--step-decay", 1));
        args.addAll(more);
        return Cli.run(args.toArray());
    }
}
