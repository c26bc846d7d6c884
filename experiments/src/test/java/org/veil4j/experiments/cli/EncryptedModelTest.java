package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose weights only their owner knows, as separate runs over files. */
class EncryptedModelTest {
    private static final int IMAGES = 3;

    @TempDir
    static Path folder;

    @BeforeAll
    static void workOfOwnerAndClient() throws IOException {
        TinyNetworks.save(TinyNetworks.encryptable(TinyFiles.SIZE, 1), path("tiny.zip"));
        StringBuilder images = new StringBuilder();
        for (int i = 0; i < IMAGES; i++) {
            for (int e = 0; e < TinyFiles.SIZE * TinyFiles.SIZE; e++) {
                images.append(e == 0 ? "" : ",").append((e * e * 37 + i * 91) % 256);
            }
            images.append('\n');
        }
        Files.writeString(path("images.csv"), images);
        Cli compiled = compile("--layout", "packed", "--weights", "encrypted").assertDone();
        assertThat(compiled.out()).contains("packed, encrypted").contains("encrypt-model makes the server's");
        Cli keys = keygen("keys");
        assertThat(keys.out()).contains("public.key");
        encryptModel("keys/secret.key", "server.veil").assertDone();
        encrypt("--public-key", "keys/public.key", "inputs.veil").assertDone();
    }

    @Test
    void decrypt_afterEncryptedInference_equalsPlainWeights() throws IOException {
        infer("server.veil", "keys/evaluation.keys", "inputs.veil").assertDone();
        Path json = path("streamed.json");
        Cli.done(
                "infer",
                "--model",
                path("server.veil"),
                "--keys",
                path("keys/evaluation.keys"),
                "--in",
                path("inputs.veil"),
                "--out",
                path("again.veil"),
                "--json",
                json);
        assertThat(Cli.json(json).get("weights").asText()).isEqualTo("encrypted");
        assertThat(Cli.json(json).get("weightsStreamed").asBoolean()).isFalse();
        Cli decrypted = Cli.done(
                "decrypt",
                "--spec",
                path("client.veil"),
                "--secret",
                path("keys/secret.key"),
                "--in",
                path("outputs.veil"),
                "--out",
                path("classes.txt"));
        assertThat(decrypted.out()).contains(IMAGES + " images");
        Path record = path("run.json");
        Files.createDirectories(path("plain"));
        Cli.done(
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
                path("plain"),
                "--log-n",
                10,
                "--insecure-test-parameters",
                "--json",
                record);
        assertThat(Cli.json(record).get("weights").asText()).isEqualTo("plain");
        Path spec = path("plain/client.veil");
        Cli.done("keygen", "--spec", spec, "--out", path("plain"), "--insecure-test-parameters");
        Path secret = path("plain/secret.key");
        Path inputs = path("plain/inputs.veil");
        Path outputs = path("plain/outputs.veil");
        Cli.done("encrypt", "--spec", spec, "--secret", secret, "--images", path("images.csv"), "--out", inputs);
        Path keys = path("plain/evaluation.keys");
        Cli.done("infer", "--model", path("plain/model.veil"), "--keys", keys, "--in", inputs, "--out", outputs);
        Path classes = path("plain/classes.txt");
        Cli.done("decrypt", "--spec", spec, "--secret", secret, "--in", outputs, "--out", classes);
        assertThat(Files.readAllLines(path("classes.txt"))).isEqualTo(Files.readAllLines(classes));
    }

    @Test
    void inspect_bothModels_saysWhatBecomesOfTheWeights() {
        assertThat(Cli.done("inspect", path("model.veil")).out())
                .contains("owner's model")
                .containsPattern("weights +still to be encrypted");
        assertThat(Cli.done("inspect", path("server.veil")).out())
                .contains("compiled model")
                .containsPattern("weights +encrypted");
    }

    @Test
    void infer_whatDoesNotBelongTogether_isRefused() {
        infer("model.veil", "keys/evaluation.keys", "inputs.veil").assertBadInput("not encrypted yet");
        keygen("other");
        infer("server.veil", "other/evaluation.keys", "inputs.veil").assertBadInput("evaluation keys", "key pair");
        encrypt("--public-key", "other/public.key", "foreign.veil").assertDone();
        infer("server.veil", "keys/evaluation.keys", "foreign.veil").assertBadInput("encrypted images", "key pair");
    }

    @Test
    void encrypt_oneKeyForTheOther_isRefused() {
        encrypt("--public-key", "keys/secret.key", "none.veil").assertBadInput("public key", "secret key");
        encrypt("--secret", "keys/public.key", "none.veil").assertBadInput("secret key", "public key");
        encryptModel("keys/public.key", "none.veil").assertBadInput("secret key", "public key");
        assertThat(path("none.veil")).doesNotExist();
    }

    @Test
    void compile_batchLayout_isRefused() {
        compile("--weights", "encrypted").assertBadInput("weights=encrypted", "packed layout");
    }

    private static Path path(String name) {
        return folder.resolve(name);
    }

    private static Cli compile(String... more) {
        Object[] args = {
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
            "--insecure-test-parameters"
        };
        Object[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Cli.run(all);
    }

    private static Cli keygen(String out) {
        assertThat(path(out).toFile().mkdirs()).isTrue();
        return Cli.done("keygen", "--spec", path("client.veil"), "--out", path(out), "--insecure-test-parameters");
    }

    private static Cli encryptModel(String secret, String out) {
        return Cli.run(
                "encrypt-model",
                "--spec",
                path("client.veil"),
                "--model",
                path("model.veil"),
                "--secret",
                path(secret),
                "--out",
                path(out));
    }

    private static Cli encrypt(String option, String key, String out) {
        return Cli.run(
                "encrypt",
                "--spec",
                path("client.veil"),
                option,
                path(key),
                "--images",
                path("images.csv"),
                "--out",
                path(out));
    }

    private static Cli infer(String model, String keys, String in) {
        return Cli.run(
                "infer", "--model", path(model), "--keys", path(keys), "--in", path(in), "--out", path("outputs.veil"));
    }
}
