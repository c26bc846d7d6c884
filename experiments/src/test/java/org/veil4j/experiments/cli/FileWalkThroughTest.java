package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The client's and the server's work as separate runs over files, with small insecure parameters; and what can go wrong. */
class FileWalkThroughTest {
    private static final int SIZE = 8;
    /** A ring of 2^10 has 512 slots: two batches. */
    private static final int IMAGES = 700;

    private static final long SEED = 7;

    @TempDir
    static Path folder;

    private static List<Integer> expected = List.of();

    @BeforeAll
    static void classifyInFiles() throws IOException {
        MultiLayerNetwork network = TinyNetworks.encryptable(SIZE, 1);
        TinyNetworks.save(network, path("tiny.zip"));
        TinyNetworks.save(TinyNetworks.encryptable(SIZE, 2), path("other.zip"));
        expected = writeImages(network, path("images.csv"));
        Files.createDirectories(path("keys"));
        Files.createDirectories(path("other"));
        done(
                "compile",
                "--network",
                path("tiny.zip"),
                "--shape",
                "1x8x8",
                "--mean",
                "100",
                "--std",
                "60",
                "--out",
                folder,
                "--log-n",
                10,
                "--insecure-test-parameters");
        done(
                "compile",
                "--network",
                path("other.zip"),
                "--shape",
                "1x8x8",
                "--mean",
                "0",
                "--std",
                "255",
                "--out",
                path("other"),
                "--log-n",
                11,
                "--insecure-test-parameters");
        done("keygen", "--spec", path("client.veil"), "--out", path("keys"), "--insecure-test-parameters");
        done("keygen", "--spec", path("other/client.veil"), "--out", path("other"), "--insecure-test-parameters");
        done(
                "encrypt",
                "--spec",
                path("client.veil"),
                "--secret",
                path("keys/secret.key"),
                "--images",
                path("images.csv"),
                "--out",
                path("inputs.veil"));
        done(
                "infer",
                "--model",
                path("model.veil"),
                "--keys",
                path("keys/evaluation.keys"),
                "--in",
                path("inputs.veil"),
                "--out",
                path("outputs.veil"));
    }

    @Test
    void decrypt_moreImagesThanSlots_givesTheClassesOfDeeplearning4j() throws IOException {
        Path json = path("decrypt.json");
        Cli decrypted = Cli.run(
                "decrypt",
                "--spec",
                path("client.veil"),
                "--secret",
                path("keys/secret.key"),
                "--in",
                path("outputs.veil"),
                "--out",
                path("classes.txt"),
                "--json",
                json);
        assertThat(decrypted.err()).isEmpty();
        assertThat(decrypted.out()).contains("700 images");
        List<Integer> classes = Files.readAllLines(path("classes.txt")).stream()
                .map(Integer::valueOf)
                .toList();
        assertThat(classes).as("seed %d", SEED).isEqualTo(expected);
        List<Integer> inJson = new ArrayList<>();
        Cli.json(json).get("classes").forEach(c -> inJson.add(c.asInt()));
        assertThat(inJson).isEqualTo(expected);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void decrypt_whateverHoldsResults_isReadableByItsOwnerOnly() throws IOException {
        done(
                "decrypt",
                "--spec",
                path("client.veil"),
                "--secret",
                path("keys/secret.key"),
                "--in",
                path("outputs.veil"),
                "--out",
                path("private.txt"),
                "--json",
                path("private.json"));
        for (String name : List.of("private.txt", "private.json")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void inspect_everyFile_saysWhatItIs() {
        assertThat(done("inspect", path("model.veil")).out()).contains("compiled model");
        assertThat(done("inspect", path("client.veil")).out())
                .contains("client specification")
                .contains("1x8x8")
                .contains("NONE (test parameters)");
        assertThat(done("inspect", path("keys/secret.key")).out()).contains("secret key");
        assertThat(done("inspect", path("keys/evaluation.keys")).out()).contains("evaluation keys");
        assertThat(done("inspect", path("inputs.veil")).out()).contains("2 frames BTCH");
        assertThat(done("inspect", path("outputs.veil")).out()).contains("encrypted outputs");
        Cli network = done("inspect", path("tiny.zip"));
        assertThat(network.out())
                .contains("MultiLayerNetwork")
                .contains("ConvolutionLayer")
                .containsPattern("can be encrypted +yes");
    }

    @Test
    void keygen_secretKeyThatCannotBeWritten_leavesTheOldEvaluationKeys() throws IOException {
        Files.createDirectories(path("kept"));
        done("keygen", "--spec", path("client.veil"), "--out", path("kept"), "--insecure-test-parameters");
        byte[] old = Files.readAllBytes(path("kept/evaluation.keys"));
        Files.delete(path("kept/secret.key"));
        Files.createDirectory(path("kept/secret.key"));
        Cli refused = Cli.run(
                "keygen",
                "--spec",
                path("client.veil"),
                "--out",
                path("kept"),
                "--force",
                "--insecure-test-parameters");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("secret.key").contains("is a folder");
        assertThat(path("kept/evaluation.keys")).hasBinaryContent(old);
        try (Stream<Path> left = Files.list(path("kept"))) {
            assertThat(left.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("evaluation.keys", "secret.key");
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void keygen_secretKey_isReadableByItsOwnerOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path("keys/secret.key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void keygen_secretKeyExists_isRefusedUnlessForced() throws IOException {
        byte[] before = Files.readAllBytes(path("keys/secret.key"));
        Cli refused = Cli.run("keygen", "--spec", path("client.veil"), "--out", path("keys"));
        assertBadInput(refused, "secret.key", "--force");
        assertThat(Files.readAllBytes(path("keys/secret.key"))).isEqualTo(before);
    }

    @Test
    void keygen_parametersThatProtectNothing_areRefusedUnlessAskedFor() throws IOException {
        Files.createDirectories(path("unsafe"));
        assertBadInput(Cli.run("keygen", "--spec", path("client.veil"), "--out", path("unsafe")), "128 bits");
        assertThat(path("unsafe")).isEmptyDirectory();
    }

    @Test
    void infer_keysOfOtherParameters_areRefused() {
        Cli refused = Cli.run(
                "infer",
                "--model",
                path("model.veil"),
                "--keys",
                path("other/evaluation.keys"),
                "--in",
                path("inputs.veil"),
                "--out",
                path("none.veil"));
        assertBadInput(refused, "evaluation keys");
        assertThat(path("none.veil")).doesNotExist();
    }

    @Test
    void infer_memoryBelowThePlan_isRefusedWithTheFigure() {
        Cli refused = Cli.run(
                "infer",
                "--model",
                path("model.veil"),
                "--keys",
                path("evaluation.keys"),
                "--in",
                path("inputs.veil"),
                "--out",
                path("none.veil"),
                "--memory",
                "10m");
        assertBadInput(refused, "memory=10 MiB", "MiB at its peak");
        assertThat(path("none.veil")).doesNotExist();
    }

    @Test
    void decrypt_secretKeyOfOtherParameters_isRefused() {
        assertBadInput(
                Cli.run(
                        "decrypt",
                        "--spec",
                        path("client.veil"),
                        "--secret",
                        path("other/secret.key"),
                        "--in",
                        path("outputs.veil")),
                "secret key");
    }

    @Test
    void run_fileOfAnotherKind_isRefused() {
        assertBadInput(
                Cli.run(
                        "infer",
                        "--model",
                        path("client.veil"),
                        "--keys",
                        path("keys/evaluation.keys"),
                        "--in",
                        path("inputs.veil"),
                        "--out",
                        path("none.veil")),
                "compiled model",
                "client specification");
        assertBadInput(
                Cli.run(
                        "infer",
                        "--model",
                        path("model.veil"),
                        "--keys",
                        path("keys/secret.key"),
                        "--in",
                        path("inputs.veil"),
                        "--out",
                        path("none.veil")),
                "evaluation keys",
                "secret key");
        assertBadInput(
                Cli.run(
                        "decrypt",
                        "--spec",
                        path("tiny.zip"),
                        "--secret",
                        path("keys/secret.key"),
                        "--in",
                        path("outputs.veil")),
                "not a Veil4J file");
    }

    @Test
    void run_folderForAFile_isBadInput() {
        assertBadInput(
                Cli.run(
                        "infer",
                        "--model",
                        path("keys"),
                        "--keys",
                        path("keys/evaluation.keys"),
                        "--in",
                        path("inputs.veil"),
                        "--out",
                        path("none.veil")),
                "keys: is a folder");
        assertBadInput(
                Cli.run(
                        "encrypt",
                        "--spec",
                        path("client.veil"),
                        "--secret",
                        path("keys/secret.key"),
                        "--images",
                        path("keys"),
                        "--out",
                        path("none.veil")),
                "images=",
                "is a folder");
        assertThat(path("none.veil")).doesNotExist();
    }

    @Test
    void decrypt_secretKeyOfAnotherClient_warnsThatItMayBeTheKey() throws IOException {
        Path another = Files.createDirectories(path("another"));
        done("keygen", "--spec", path("client.veil"), "--out", another, "--insecure-test-parameters");
        Cli garbage = done(
                "decrypt",
                "--spec",
                path("client.veil"),
                "--secret",
                another.resolve("secret.key"),
                "--in",
                path("outputs.veil"));
        assertThat(garbage.out()).contains("WARNING: ").contains("the secret key is not the one");
    }

    @Test
    void infer_damagedInputs_areRefusedAndLeaveNoOutput() throws IOException {
        byte[] good = Files.readAllBytes(path("inputs.veil"));
        byte[] flipped = good.clone();
        flipped[good.length / 2] ^= 4;
        Files.write(path("flipped.veil"), flipped);
        Files.write(path("cut.veil"), Arrays.copyOf(good, good.length - 1000));
        for (String name : new String[] {"flipped.veil", "cut.veil"}) {
            Cli refused = Cli.run(
                    "infer",
                    "--model",
                    path("model.veil"),
                    "--keys",
                    path("keys/evaluation.keys"),
                    "--in",
                    path(name),
                    "--out",
                    path("none.veil"));
            assertBadInput(refused, name, "corrupt at byte");
            assertThat(path("none.veil")).doesNotExist();
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(Path::toString).filter(name -> name.endsWith(".tmp")))
                    .isEmpty();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void encrypt_diskFullOrUnwritable_failsWithOneLine() {
        for (Object out : new Object[] {"/dev/full", path("no-such-folder/x.veil")}) {
            Cli failed = Cli.run(
                    "encrypt",
                    "--spec",
                    path("client.veil"),
                    "--secret",
                    path("keys/secret.key"),
                    "--images",
                    path("images.csv"),
                    "--out",
                    out);
            assertThat(failed.status()).as(failed.err()).isEqualTo(1);
            assertThat(failed.err().strip().lines()).hasSize(1);
            assertThat(failed.err()).contains(out.toString());
        }
    }

    @Test
    void encrypt_pixelsThatAreNotFinite_areRefused() throws IOException {
        for (String bad : new String[] {"NaN", "Infinity", "-Infinity", "red", ""}) {
            Files.writeString(path("bad.csv"), bad + ",1".repeat(SIZE * SIZE - 1) + "\n");
            Cli refused = encrypt("--images", path("bad.csv"));
            assertBadInput(refused, "bad.csv", "line 1");
            assertThat(path("none.veil")).doesNotExist();
        }
    }

    @Test
    void encrypt_imagesOfAnotherShape_areRefused() throws IOException {
        Files.writeString(path("wide.csv"), "1,2,3\n");
        assertBadInput(encrypt("--images", path("wide.csv")), "wide.csv", "must have 64");
        assertBadInput(encrypt("--dataset", "fashion-mnist"), "784", "64");
        Files.writeString(path("empty.csv"), "");
        assertBadInput(encrypt("--images", path("empty.csv")), "empty");
        assertBadInput(encrypt("--images", path("images.csv"), "--count", 0), "count=0");
        assertBadInput(encrypt("--images", path("images.csv"), "--count", 701), "count=701");
    }

    @Test
    void compile_unsupportedLayers_areAllNamedOnOneLine() throws IOException {
        TinyNetworks.save(TinyNetworks.unsupported(), path("unsupported.zip"));
        Cli refused = Cli.run(
                "compile",
                "--network",
                path("unsupported.zip"),
                "--shape",
                "1x8x8",
                "--mean",
                0,
                "--std",
                1,
                "--out",
                path("other"));
        assertBadInput(refused, "relu-conv", "max-pool", "sigmoid-dense");
        Cli inspected = done("inspect", path("unsupported.zip"));
        assertThat(inspected.out()).containsPattern("can be encrypted +no").contains("sigmoid-dense");
    }

    @Test
    void compile_weightsThatAreNotFinite_areRefused() throws IOException {
        MultiLayerNetwork network = TinyNetworks.encryptable(SIZE, 3);
        network.params().putScalar(5, Float.NaN);
        TinyNetworks.save(network, path("nan.zip"));
        assertBadInput(
                Cli.run(
                        "compile",
                        "--network",
                        path("nan.zip"),
                        "--shape",
                        "1x8x8",
                        "--mean",
                        0,
                        "--std",
                        1,
                        "--out",
                        path("other"),
                        "--insecure-test-parameters"),
                "finite");
    }

    @Test
    void compile_memoryBelowThePlan_isRefusedWithTheFigure() {
        Cli refused = Cli.run(
                "compile",
                "--network",
                path("tiny.zip"),
                "--shape",
                "1x8x8",
                "--mean",
                0,
                "--std",
                1,
                "--out",
                path("other"),
                "--memory",
                "10m");
        assertBadInput(refused, "memory=10 MiB", "MiB at its peak");
    }

    @Test
    void compile_networkWithoutCard_asksForWhatIsMissing() {
        assertBadInput(Cli.run("compile", "--network", path("tiny.zip"), "--out", folder), "--shape");
        assertBadInput(
                Cli.run("compile", "--network", path("tiny.zip"), "--shape", "1x8x8", "--out", folder),
                "--mean",
                "--std");
        assertBadInput(Cli.run("compile", "--network", path("tiny.zip"), "--shape", "8", "--out", folder), "shape=8");
        assertBadInput(Cli.run("compile", "--preset", "resnet-9000", "--out", folder), "resnet-9000");
        assertBadInput(Cli.run("compile", "--out", path("no-such-folder")), "existing folder");
    }

    private static Cli encrypt(Object... source) {
        List<Object> args = new ArrayList<>(List.of(
                "encrypt",
                "--spec",
                path("client.veil"),
                "--secret",
                path("keys/secret.key"),
                "--out",
                path("none.veil")));
        args.addAll(List.of(source));
        return Cli.run(args.toArray());
    }

    private static Cli done(Object... args) {
        Cli run = Cli.run(args);
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        return run;
    }

    private static void assertBadInput(Cli run, String... words) {
        assertThat(run.status()).as(run.err()).isEqualTo(2);
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.err()).startsWith("veil4j: ").contains(words);
    }

    /** Writes random images, and returns what Deeplearning4j makes of them. */
    private static List<Integer> writeImages(MultiLayerNetwork network, Path file) throws IOException {
        Random random = new Random(SEED);
        double[][] images = new double[IMAGES][SIZE * SIZE];
        List<String> lines = new ArrayList<>();
        for (double[] image : images) {
            StringBuilder line = new StringBuilder();
            for (int e = 0; e < image.length; e++) {
                int pixel = random.nextInt(256);
                line.append(e == 0 ? "" : ",").append(pixel);
                image[e] = (pixel - 100) / 60.0;
            }
            lines.add(line.toString());
        }
        Files.write(file, lines);
        INDArray input = Nd4j.create(images).castTo(DataType.FLOAT).reshape(IMAGES, 1, SIZE, SIZE);
        int[] classes = network.output(input).argMax(1).toIntVector();
        return IntStream.of(classes).boxed().toList();
    }

    private static Path path(String name) {
        return folder.resolve(name);
    }
}
