package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.mlr.clear.FeatureCsv;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.SoftmaxHead;

/** A head on SqueezeNet's features of digits, from the images to the network with the head. */
@Tag("slow")
class HeadSqueezeNetTest {
    private static final int IMAGES = 400;
    private static final int TRAIN = 256;
    private static final int COMPARED = 20;

    @TempDir
    static Path folder = Path.of("");

    private static Path csv = Path.of("");

    @BeforeAll
    static void features() {
        String data = System.getenv("VEIL4J_DATA");
        Assumptions.assumeTrue(
                data != null && Files.exists(Path.of(data, "squeezenet", "squeezenet_v1.1_notop.h5")),
                "needs the weights: squeezenet in the folder VEIL4J_DATA");
        csv = folder.resolve("digits.csv");
        run("features", "--network", "squeezenet", "--dataset", "mnist", "--images", IMAGES, "--out", csv);
    }

    private static Cli run(Object... args) {
        Cli run = Cli.run(args);
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        return run;
    }

    @Test
    void trainHead_features_encryptedIsWhatTheClearRunIs() throws IOException {
        Path json = folder.resolve("run.json");
        List<Object> local = List.of("train-head", "--local", "--features", csv, "--train", TRAIN, "--iterations", 4);
        run(joined(local, List.of("--refresh-every", 2, "--json", json))); // few levels, for the heap of tests
        JsonNode record = Cli.json(json);
        assertThat(record.get("features").asInt()).isEqualTo(512);
        assertThat(record.get("measuredRows").asInt()).isEqualTo(IMAGES - TRAIN);
        assertThat(record.get("securityBits").asInt()).isGreaterThanOrEqualTo(128);
        assertThat(record.get("maxWeightError").asDouble()).isBetween(1e-12, 1e-3);
        for (int t = 0; t < 4; t++) {
            assertThat(Math.abs(record.get("accuracyEncrypted").get(t).asDouble()
                            - record.get("accuracyClear").get(t).asDouble()))
                    .as("iteration %d", t + 1)
                    .isLessThanOrEqualTo(0.001);
        }
        assertThat(record.get("accuracyEncrypted").get(3).asDouble()).isGreaterThan(0.6);
    }

    /** Installed on squeezenet by name; the file that comes out is then a network like any other. */
    @Test
    void install_squeezenet_predictsWhatTheHeadPredicts() throws IOException {
        Path plan = folder.resolve("plan.veil");
        List<Object> encrypt = List.of("encrypt-features", "--features", csv, "--train", TRAIN, "--iterations", 2);
        List<Object> ring = List.of("--log-n", 12, "--insecure-test-parameters", "--out", folder);
        run(joined(encrypt, ring));
        Path state = Files.createDirectory(folder.resolve("state"));
        Path encrypted = folder.resolve("encrypted.veil");
        List<Object> server = List.of(
                "train-head",
                "--plan",
                plan,
                "--keys",
                folder.resolve("evaluation.keys"),
                "--in",
                folder.resolve("features.veil"));
        run(joined(server, List.of("--state", state, "--out", encrypted)));
        Path head = folder.resolve("head.veil");
        Path network = folder.resolve("with-head.zip");
        List<Object> owner = List.of(
                "decrypt-head",
                "--plan",
                plan,
                "--secret",
                folder.resolve("secret.key"),
                "--owner",
                folder.resolve("owner.veil"),
                "--in",
                encrypted);
        List<Object> install = List.of("--out", head, "--install", "squeezenet", "--network-out", network);
        Cli decrypted = run(joined(owner, install));
        assertThat(decrypted.out()).contains("squeezenet up to features, then the head");

        Path probabilities = folder.resolve("probabilities.csv");
        List<Object> images = List.of("features", "--network", network, "--layer", "head", "--images", COMPARED);
        List<Object> pixels = List.of(
                "--shape",
                "3x224x224",
                "--mean",
                "103.939,116.779,123.68",
                "--std",
                "1,1,1",
                "--bgr",
                "--out",
                probabilities);
        run(joined(images, pixels));
        SoftmaxHead trained = SoftmaxHead.read(head);
        LabelledFeatures rows = FeatureCsv.read(csv, 10);
        LabelledFeatures outputs = FeatureCsv.read(probabilities, 10);
        assertThat(outputs.size()).isEqualTo(COMPARED);
        Set<Integer> classes = new HashSet<>();
        for (int r = 0; r < COMPARED; r++) {
            double[] output = outputs.row(r);
            int best = 0;
            for (int c = 1; c < output.length; c++) {
                best = output[c] > output[best] ? c : best;
            }
            assertThat(Arrays.stream(output).sum()).as("row %d", r).isBetween(0.999, 1.001);
            assertThat(best).as("row %d", r).isEqualTo(trained.predict(rows.row(r)));
            classes.add(best);
        }
        assertThat(classes).hasSizeGreaterThan(3); // a head that always says the same would not tell anything
    }

    private static Object[] joined(List<Object> first, List<Object> second) {
        List<Object> all = new ArrayList<>(first);
        all.addAll(second);
        return all.toArray();
    }
}
