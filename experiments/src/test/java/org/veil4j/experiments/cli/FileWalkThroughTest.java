package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The client's and the server's work as separate runs over files. */
class FileWalkThroughTest {
    @TempDir
    static Path folder;

    private static TinyFiles files = new TinyFiles(Path.of(""), List.of());

    @BeforeAll
    static void workInFiles() throws IOException {
        files = TinyFiles.in(folder);
    }

    @Test
    void decrypt_moreImagesThanSlots_givesTheClassesOfDeeplearning4j() throws IOException {
        Path json = path("decrypt.json");
        Cli decrypted = files.decrypt(
                path("client.veil"), path("keys/secret.key"), "--out", path("classes.txt"), "--json", json);
        assertThat(decrypted.err()).isEmpty();
        assertThat(decrypted.out()).contains("700 images");
        List<Integer> classes = Files.readAllLines(path("classes.txt")).stream()
                .map(Integer::valueOf)
                .toList();
        assertThat(classes).as("seed %d", TinyFiles.SEED).isEqualTo(files.expected());
        List<Integer> inJson = new ArrayList<>();
        Cli.json(json).get("classes").forEach(c -> inJson.add(c.asInt()));
        assertThat(inJson).isEqualTo(files.expected());
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void decrypt_whateverHoldsResults_isReadableByItsOwnerOnly() throws IOException {
        files.decrypt(
                        path("client.veil"),
                        path("keys/secret.key"),
                        "--out",
                        path("private.txt"),
                        "--json",
                        path("private.json"))
                .assertDone();
        for (String name : List.of("private.txt", "private.json")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void inspect_everyFile_saysWhatItIs() {
        assertThat(Cli.done("inspect", path("model.veil")).out()).contains("compiled model");
        assertThat(Cli.done("inspect", path("client.veil")).out())
                .contains("client specification")
                .contains("1x8x8")
                .contains("NONE (test parameters)")
                .containsPattern("keys up to level [0-9]+ +relinearisation");
        assertThat(Cli.done("inspect", path("keys/secret.key")).out()).contains("secret key");
        assertThat(Cli.done("inspect", path("keys/evaluation.keys")).out())
                .contains("evaluation keys")
                .containsPattern("keys up to level [0-9]+ +relinearisation");
        assertThat(Cli.done("inspect", path("inputs.veil")).out()).contains("2 frames BTCH");
        assertThat(Cli.done("inspect", path("outputs.veil")).out()).contains("encrypted outputs");
        Cli network = Cli.done("inspect", path("tiny.zip"));
        assertThat(network.out())
                .contains("MultiLayerNetwork")
                .contains("ConvolutionLayer")
                .containsPattern("can be encrypted +yes");
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void keygen_secretKey_isReadableByItsOwnerOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path("keys/secret.key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void decrypt_secretKeyOfAnotherClient_isRefused() throws IOException {
        Path another = Files.createDirectories(path("another"));
        Cli.done("keygen", "--spec", path("client.veil"), "--out", another, "--insecure-test-parameters");
        files.decrypt(path("client.veil"), another.resolve("secret.key"))
                .assertBadInput("key pair", "decrypt it with the secret key of that pair");
    }

    private static Path path(String name) {
        return files.path(name);
    }
}
