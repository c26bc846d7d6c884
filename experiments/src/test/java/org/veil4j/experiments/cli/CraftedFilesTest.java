package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.nn.ClientSpec;
import org.veil4j.he.rlwe.RlweParameters;

/** Files whose checksums are right and whose length fields ask for far more than there is. */
class CraftedFilesTest {
    private static final int SIZE = 8;

    @TempDir
    static Path folder;

    @BeforeAll
    static void makeFiles() throws IOException {
        TinyNetworks.save(TinyNetworks.encryptable(SIZE, 1), path("tiny.zip"));
        Files.writeString(path("image.csv"), "1" + ",1".repeat(SIZE * SIZE - 1) + "\n");
        done("compile --network tiny.zip --shape 1x8x8 --mean 0 --std 1 --log-n 10 --insecure-test-parameters --out .");
        Files.createDirectories(path("keys"));
        done("keygen --spec client.veil --insecure-test-parameters --out keys");
        done("encrypt --spec client.veil --secret keys/secret.key --images image.csv --out inputs.veil");
    }

    /** Runs a command; words after an option that names a file are relative to the folder. */
    private static void done(String command) {
        String[] words = command.split(" ", -1);
        for (int i = 1; i < words.length; i++) {
            if (words[i - 1].matches("--(network|out|spec|secret|images)")) {
                words[i] = path(words[i]).toString();
            }
        }
        Cli run = Cli.run((Object[]) words);
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @Test
    void infer_lengthFieldsBeyondTheFile_areRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(path("inputs.veil"));
        int firstChunk = 48 + 4; // behind the header and the frame's tag
        ByteBuffer.wrap(bytes).putInt(firstChunk, Integer.MAX_VALUE);
        Files.write(path("chunk.veil"), bytes);
        assertInferRefuses("model.veil", "keys/evaluation.keys", "chunk.veil", "chunk that fits");

        int huge = 1 << 26;
        int elements = SIZE * SIZE;
        craft("shape.veil", FileKind.INPUT, "HEAD", out -> header(out, huge, huge, huge));
        assertInferRefuses("model.veil", "keys/evaluation.keys", "shape.veil", "elements");
        craft("images.veil", FileKind.INPUT, "HEAD", out -> header(out, 1, SIZE, SIZE), "BTCH", out -> {
            out.writeInt(Integer.MAX_VALUE);
            out.writeInt(elements);
        });
        assertInferRefuses("model.veil", "keys/evaluation.keys", "images.veil", "images in");
        craft("batch.veil", FileKind.INPUT, "HEAD", out -> header(out, 1, SIZE, SIZE), "BTCH", out -> {
            out.writeInt(1);
            out.writeInt(Integer.MAX_VALUE);
        });
        assertInferRefuses("model.veil", "keys/evaluation.keys", "batch.veil", "ciphertexts in");
        craft("short.veil", FileKind.INPUT, "HEAD", out -> header(out, 1, SIZE, SIZE), "BTCH", out -> {
            out.writeInt(1);
            out.writeInt(elements);
        });
        assertInferRefuses("model.veil", "keys/evaluation.keys", "short.veil", "more bytes");

        RlweParameters parameters = ClientSpec.read(path("client.veil")).parameters();
        craft("keys.veil", FileKind.EVALUATION_KEYS, "EKHD", out -> {
            parameters.fingerprint().write(out);
            out.writeInt(parameters.maxLevel());
            out.writeInt(Integer.MAX_VALUE);
        });
        assertInferRefuses("model.veil", "keys.veil", "inputs.veil", "key count");
        craft("keys.veil", FileKind.EVALUATION_KEYS, "EKH2", out -> {
            parameters.fingerprint().write(out);
            out.writeInt(0);
            out.writeInt(-1);
            out.writeInt(1 << 24);
        });
        assertInferRefuses("model.veil", "keys.veil", "inputs.veil", "rotations");
        craft("rows.veil", FileKind.MODEL, "PLAN", out -> {
            parameters.write(out);
            for (int size : new int[] {1, SIZE, SIZE}) {
                out.writeInt(size);
            }
            out.writeInt(1); // input level
            out.writeDouble(1024); // scales
            out.writeDouble(1024);
            out.writeInt(1); // stages: level, result's level, late, name, inputs, unit, activation
            out.writeInt(1);
            out.writeInt(0);
            out.writeBoolean(false);
            out.writeUTF("dense");
            out.writeInt(1);
            out.writeInt(-1);
            out.writeBoolean(false);
            out.writeByte(0);
            out.writeInt(huge); // rows
            out.writeInt(elements);
        });
        assertInferRefuses("rows.veil", "keys/evaluation.keys", "inputs.veil", "more bytes");
    }

    private interface Payload {
        void write(DataOutput out) throws IOException;
    }

    private static void header(DataOutput out, int channels, int height, int width) throws IOException {
        ClientSpec.read(path("client.veil")).model().write(out);
        out.writeInt(channels);
        out.writeInt(height);
        out.writeInt(width);
    }

    /** Writes a file whose checksums are right. */
    private static void craft(String name, FileKind kind, String tag, Payload payload) throws IOException {
        craft(name, kind, tag, payload, null, out -> {});
    }

    private static void craft(
            String name, FileKind kind, String tag, Payload payload, @Nullable String secondTag, Payload second)
            throws IOException {
        Fingerprint parameters =
                ClientSpec.read(path("client.veil")).parameters().fingerprint();
        try (FrameWriter writer = FrameWriter.create(path(name), kind, parameters)) {
            writer.beginFrame(tag);
            payload.write(writer.out());
            writer.endFrame();
            if (secondTag != null) {
                writer.beginFrame(secondTag);
                second.write(writer.out());
                writer.endFrame();
            }
            writer.commit();
        }
    }

    private static void assertInferRefuses(String model, String keys, String in, String words) {
        Cli refused = Cli.run(
                "infer", "--model", path(model), "--keys", path(keys), "--in", path(in), "--out", path("none.veil"));
        assertThat(refused.status()).as(refused.err()).isEqualTo(2);
        assertThat(refused.err().strip().lines()).hasSize(1);
        assertThat(refused.err()).startsWith("veil4j: ").contains("corrupt at byte", words);
        assertThat(path("none.veil")).doesNotExist();
    }

    private static Path path(String name) {
        return folder.resolve(name);
    }
}
