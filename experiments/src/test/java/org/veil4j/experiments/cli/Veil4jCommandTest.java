package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameWriter;

class Veil4jCommandTest {
    @TempDir
    Path folder;

    @Test
    void run_help_isDone() {
        Cli help = Cli.run("--help");
        assertThat(help.status()).isZero();
        assertThat(help.out()).contains("inspect").contains("Exit status");
        Cli verb = Cli.run("inspect", "--help");
        assertThat(verb.status()).isZero();
        assertThat(verb.out()).contains("--json").contains("--threads");
    }

    @Test
    void run_version_namesTheProgramAndJava() {
        Cli version = Cli.run("--version");
        assertThat(version.status()).isZero();
        assertThat(version.out()).containsPattern("veil4j [0-9]+\\.[0-9]+").contains("Java ");
    }

    @Test
    void run_badUsage_isTwoWithOneLine() {
        for (Object[] args : new Object[][] {
            {}, {"nonsense"}, {"inspect"}, {"inspect", "--nonsense", "x"}, {"inspect", "x", "--threads", "many"},
        }) {
            Cli bad = Cli.run(args);
            assertThat(bad.status()).as(bad.err()).isEqualTo(2);
            assertThat(bad.err().strip().lines()).hasSize(1);
            assertThat(bad.err()).startsWith("veil4j: ").doesNotContain("Exception");
        }
    }

    @Test
    void run_standardOutputCannotBeWritten_failsWithOneLine() throws IOException {
        StringWriter err = new StringWriter();
        Writer full = new Writer() {
            @Override
            public void write(char[] text, int from, int count) throws IOException {
                throw new IOException("No space left on device");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        int status =
                Veil4jCommand.run(new PrintWriter(full), new PrintWriter(err, true), "inspect", sample().toString());
        assertThat(status).isEqualTo(1);
        assertThat(err.toString().strip()).startsWith("veil4j: standard output").hasLineCount(1);
    }

    @Test
    void run_threadsBelowOne_isBadInput() throws IOException {
        Cli bad = Cli.run("inspect", sample(), "--threads", "0");
        assertThat(bad.status()).isEqualTo(2);
        assertThat(bad.err()).contains("threads=0");
    }

    @Test
    void inspect_veil4jFile_showsKindFramesAndWritesTheRecord() throws IOException {
        Path json = folder.resolve("run.json");
        Cli done = Cli.run("inspect", sample(), "--json", json);
        assertThat(done.err()).isEmpty();
        assertThat(done.status()).isZero();
        assertThat(done.out())
                .contains("encrypted inputs")
                .contains("2 frames DATA")
                .contains("1 frame META");
        JsonNode record = Cli.json(json);
        assertThat(record.get("verb").asText()).isEqualTo("inspect");
        assertThat(record.get("arguments").size()).isEqualTo(4);
        assertThat(record.get("kind").asText()).isEqualTo("encrypted inputs");
        assertThat(record.get("frames").get(1).get("bytes").asLong()).isEqualTo(8);
        assertThat(record.get("cores").asInt()).isPositive();
        for (String name :
                new String[] {"version", "commit", "seed", "started", "jdk", "os", "cpu", "threads", "secondsTotal"}) {
            assertThat(record.has(name)).as(name).isTrue();
        }
    }

    @Test
    void inspect_damagedFile_isBadInputWithoutStackTrace() throws IOException {
        byte[] bytes = Files.readAllBytes(sample());
        bytes[bytes.length / 2] ^= 1;
        Path bad = Files.write(folder.resolve("bad.veil"), bytes);
        Cli failed = Cli.run("inspect", bad);
        assertThat(failed.status()).isEqualTo(2);
        assertThat(failed.err().strip().lines()).hasSize(1);
        assertThat(failed.err()).contains("bad.veil").contains("corrupt at byte");
        assertThat(Cli.run("inspect", "--debug", bad).err()).contains("\tat org.veil4j");
    }

    @Test
    void inspect_noSuchFileFolderOrForeignFile_isBadInput() throws IOException {
        assertThat(Cli.run("inspect", folder.resolve("none")).status()).isEqualTo(2);
        assertThat(Cli.run("inspect", folder).status()).isEqualTo(2);
        Path text = Files.writeString(folder.resolve("x.txt"), "hello, this is just some text that is long enough");
        Cli foreign = Cli.run("inspect", text);
        assertThat(foreign.status()).isEqualTo(2);
        assertThat(foreign.err()).contains("not a Veil4J file");
        Path zip = Files.write(folder.resolve("x.zip"), "PK\u0003\u0004nothing".getBytes(StandardCharsets.US_ASCII));
        Cli damaged = Cli.run("inspect", zip);
        assertThat(damaged.status()).isEqualTo(2);
        assertThat(damaged.err()).contains("not a readable Deeplearning4j network");
    }

    @Test
    void inspect_networkWhoseParametersAskForPetabytes_isBadInputBeforeTheyAreAllocated() throws IOException {
        Path good = TinyNetworks.save(TinyNetworks.encryptable(8, 1), folder.resolve("good.zip"));
        assertThat(Cli.run("inspect", good).status()).isZero();
        byte[] coefficients = TinyNetworks.entry(good, "coefficients.bin");
        // Each array begins with a text, "MIXED_DATA_TYPES", and its length in eight bytes.
        int shape = 2 + 16;
        int values = new String(coefficients, StandardCharsets.ISO_8859_1).lastIndexOf("MIXED_DATA_TYPES") + 16;
        // The description: rank, size, stride, options, stride between elements, order; all in eight bytes.
        int size = shape + 8 + 6 + 8;
        for (int at : new int[] {shape, shape + 1, size, size + 8, size + 24, values, values + 1, values + 4}) {
            byte[] changed = coefficients.clone();
            changed[at] = 0x7f;
            Path bad = TinyNetworks.withEntry(good, "coefficients.bin", changed, folder.resolve("bad.zip"));
            Cli refused = Cli.run("inspect", bad);
            assertThat(refused.status()).as("byte %d", at).isEqualTo(2);
            assertThat(refused.err()).contains("bad.zip").contains("coefficients.bin has ");
            assertThat(refused.err().strip().lines()).hasSize(1);
        }
    }

    @Test
    void json_unwritable_failsAndLeavesNothing() throws IOException {
        Path json = folder.resolve("none").resolve("run.json");
        Cli failed = Cli.run("inspect", sample(), "--json", json);
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err().strip().lines()).hasSize(1);
        assertThat(failed.err()).contains("run.json");
        assertThat(failed.out()).as("noticed before the work").isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void json_diskFull_failsWithOneLine() throws IOException {
        Cli failed = Cli.run("inspect", sample(), "--json", "/dev/full");
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err().strip().lines()).hasSize(1);
        assertThat(failed.err()).contains("/dev/full").contains("No space left");
    }

    @Test
    void uncaught_outOfMemoryOfAWorker_isLeftToTheThreadThatWaits() {
        StringWriter text = new StringWriter();
        PrintWriter err = new PrintWriter(text, true);
        Thread worker = new Thread(() -> {}, "worker-7");
        Veil4jCommand.uncaught(err, worker, new OutOfMemoryError("Java heap space"));
        assertThat(text.toString()).isEmpty();
        Veil4jCommand.uncaught(err, worker, new IllegalStateException("a\nb"));
        assertThat(text.toString().strip()).isEqualTo("veil4j: worker-7: a; b");
    }

    private Path sample() throws IOException {
        Path file = folder.resolve("sample.veil");
        try (FrameWriter writer = FrameWriter.create(file, FileKind.INPUT, Fingerprint.of(new byte[] {1}))) {
            for (String tag : new String[] {"META", "DATA", "DATA"}) {
                writer.beginFrame(tag);
                writer.out().writeInt(7);
                writer.endFrame();
            }
            writer.commit();
        }
        return file;
    }
}
