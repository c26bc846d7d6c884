package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What can go wrong with the files of a client and a server: each is refused, with one line, and leaves nothing behind. */
class FileBadInputTest {
    @TempDir
    static Path folder;

    private static TinyFiles files = new TinyFiles(Path.of(""), List.of());

    @BeforeAll
    static void workInFiles() throws IOException {
        files = TinyFiles.in(folder);
    }

    @Test
    void keygen_secretKeyThatCannotBeWritten_leavesTheOldEvaluationKeys() throws IOException {
        Files.createDirectories(path("kept"));
        Cli.done("keygen", "--spec", path("client.veil"), "--out", path("kept"), "--insecure-test-parameters");
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
                    .containsExactlyInAnyOrder("evaluation.keys", "public.key", "secret.key");
        }
    }

    @Test
    void keygen_secretKeyExists_isRefusedUnlessForced() throws IOException {
        byte[] before = Files.readAllBytes(path("keys/secret.key"));
        Cli refused = Cli.run("keygen", "--spec", path("client.veil"), "--out", path("keys"));
        refused.assertBadInput("secret.key", "--force");
        assertThat(Files.readAllBytes(path("keys/secret.key"))).isEqualTo(before);
    }

    @Test
    void keygen_parametersThatProtectNothing_areRefusedUnlessAskedFor() throws IOException {
        Files.createDirectories(path("unsafe"));
        Cli.run("keygen", "--spec", path("client.veil"), "--out", path("unsafe"))
                .assertBadInput("128 bits");
        assertThat(path("unsafe")).isEmptyDirectory();
    }

    @Test
    void infer_keysOfOtherParameters_areRefused() {
        Cli refused = files.infer(path("model.veil"), path("other/evaluation.keys"), path("inputs.veil"));
        refused.assertBadInput("evaluation keys");
        assertThat(path("none.veil")).doesNotExist();
    }

    @Test
    void infer_memoryBelowThePlan_isRefusedWithTheFigure() {
        Cli refused = files.infer(path("model.veil"), path("evaluation.keys"), path("inputs.veil"), "--memory", "10m");
        refused.assertBadInput("memory=10 MiB", "MiB at its peak");
        assertThat(path("none.veil")).doesNotExist();
    }

    @Test
    void decrypt_secretKeyOfOtherParameters_isRefused() {
        files.decrypt(path("client.veil"), path("other/secret.key")).assertBadInput("secret key");
    }

    @Test
    void run_fileOfAnotherKind_isRefused() {
        files.infer(path("client.veil"), path("keys/evaluation.keys"), path("inputs.veil"))
                .assertBadInput("compiled model", "client specification");
        files.infer(path("model.veil"), path("keys/secret.key"), path("inputs.veil"))
                .assertBadInput("evaluation keys", "secret key");
        files.decrypt(path("tiny.zip"), path("keys/secret.key")).assertBadInput("not a Veil4J file");
    }

    @Test
    void run_folderForAFile_isBadInput() {
        files.infer(path("keys"), path("keys/evaluation.keys"), path("inputs.veil"))
                .assertBadInput("keys: is a folder");
        files.encrypt("--images", path("keys")).assertBadInput("images=", "is a folder");
        assertThat(path("none.veil")).doesNotExist();
    }

    @Test
    void infer_damagedInputs_areRefusedAndLeaveNoOutput() throws IOException {
        byte[] good = Files.readAllBytes(path("inputs.veil"));
        byte[] flipped = good.clone();
        flipped[good.length / 2] ^= 4;
        Files.write(path("flipped.veil"), flipped);
        Files.write(path("cut.veil"), Arrays.copyOf(good, good.length - 1000));
        for (String name : new String[] {"flipped.veil", "cut.veil"}) {
            Cli refused = files.infer(path("model.veil"), path("keys/evaluation.keys"), path(name));
            refused.assertBadInput(name, "corrupt at byte");
            assertThat(path("none.veil")).doesNotExist();
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(Path::toString).filter(name -> name.endsWith(".tmp")))
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
            Files.writeString(path("bad.csv"), bad + ",1".repeat(TinyFiles.SIZE * TinyFiles.SIZE - 1) + "\n");
            Cli refused = files.encrypt("--images", path("bad.csv"));
            refused.assertBadInput("bad.csv", "line 1");
            assertThat(path("none.veil")).doesNotExist();
        }
    }

    @Test
    void encrypt_imagesOfAnotherShape_areRefused() throws IOException {
        Files.writeString(path("wide.csv"), "1,2,3\n");
        files.encrypt("--images", path("wide.csv")).assertBadInput("wide.csv", "must have 64");
        files.encrypt("--dataset", "fashion-mnist").assertBadInput("784", "64");
        Files.writeString(path("empty.csv"), "");
        files.encrypt("--images", path("empty.csv")).assertBadInput("empty");
        files.encrypt("--images", path("images.csv"), "--count", 0).assertBadInput("count=0");
        files.encrypt("--images", path("images.csv"), "--count", 701).assertBadInput("count=701");
    }

    @Test
    void compile_unsupportedLayers_areAllNamedOnOneLine() throws IOException {
        TinyNetworks.save(TinyNetworks.unsupported(), path("unsupported.zip"));
        Cli refused = compile(path("unsupported.zip"));
        refused.assertBadInput("relu-conv", "max-pool", "sigmoid-dense");
        Cli inspected = Cli.done("inspect", path("unsupported.zip"));
        assertThat(inspected.out()).containsPattern("can be encrypted +no").contains("sigmoid-dense");
    }

    @Test
    void compile_weightsThatAreNotFinite_areRefused() throws IOException {
        MultiLayerNetwork network = TinyNetworks.encryptable(TinyFiles.SIZE, 3);
        network.params().putScalar(5, Float.NaN);
        TinyNetworks.save(network, path("nan.zip"));
        compile(path("nan.zip"), "--insecure-test-parameters").assertBadInput("finite");
    }

    @Test
    void compile_memoryBelowThePlan_isRefusedWithTheFigure() {
        Cli refused = compile(path("tiny.zip"), "--memory", "10m");
        refused.assertBadInput("memory=10 MiB", "MiB at its peak");
    }

    @Test
    void compile_networkWithoutCard_asksForWhatIsMissing() {
        Cli.run("compile", "--network", path("tiny.zip"), "--out", folder).assertBadInput("--shape");
        Cli.run("compile", "--network", path("tiny.zip"), "--shape", "1x8x8", "--out", folder)
                .assertBadInput("--mean", "--std");
        Cli.run("compile", "--network", path("tiny.zip"), "--shape", "8", "--out", folder)
                .assertBadInput("shape=8");
        Cli.run("compile", "--preset", "resnet-9000", "--out", folder).assertBadInput("resnet-9000");
        Cli.run("compile", "--out", path("no-such-folder")).assertBadInput("existing folder");
    }

    private static Cli compile(Path network, Object... more) {
        List<Object> args = new ArrayList<>(List.of("compile", "--network", network, "--shape", "1x8x8"));
        args.addAll(List.of("--mean", 0, "--std", 1, "--out", path("other")));
        args.addAll(List.of(more));
        return Cli.run(args.toArray());
    }

    private static Path path(String name) {
        return files.path(name);
    }
}
