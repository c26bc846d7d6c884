package org.veil4j.he.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FrameFileTest {
    private static final Fingerprint PARAMETERS = Fingerprint.of(new byte[] {1, 2, 3});

    @TempDir
    Path folder;

    @Test
    void read_whatWasWritten_isTheSame() throws IOException {
        Path file = folder.resolve("x.veil");
        byte[] large = bytes(3 * FrameFormat.MAX_CHUNK + 17);
        try (FrameWriter writer = FrameWriter.create(file, FileKind.MODEL, PARAMETERS)) {
            writer.beginFrame("HEAD");
            writer.out().writeInt(-7);
            writer.out().writeLong(Long.MIN_VALUE);
            writer.out().writeDouble(Math.PI);
            writer.out().writeBoolean(true);
            writer.out().writeUTF("Stra\u00dfe \u2713");
            writer.endFrame();
            writer.beginFrame("LARG");
            writer.out().write(large);
            writer.endFrame();
            writer.beginFrame("NONE");
            writer.endFrame();
            writer.commit();
            assertThat(writer.bytesWritten()).isEqualTo(Files.size(file));
        }
        try (FrameReader reader = FrameReader.open(file, FileKind.MODEL)) {
            assertThat(reader.parameters()).isEqualTo(PARAMETERS);
            assertThat(reader.version()).isEqualTo(FrameFormat.VERSION);
            reader.expectFrame("HEAD");
            PayloadReader in = reader.in();
            assertThat(in.readInt()).isEqualTo(-7);
            assertThat(in.readLong()).isEqualTo(Long.MIN_VALUE);
            assertThat(in.readDouble()).isEqualTo(Math.PI);
            assertThat(in.readBoolean()).isTrue();
            assertThat(in.readUtf(100)).isEqualTo("Stra\u00dfe \u2713");
            in.expectEnd();
            assertThat(reader.nextFrame()).isEqualTo("LARG");
            assertThat(reader.in().readBytes(large.length, large.length)).isEqualTo(large);
            reader.in().expectEnd();
            assertThat(reader.nextFrame()).isEqualTo("NONE");
            reader.in().expectEnd();
            assertThat(reader.nextFrame()).isNull();
            assertThat(reader.nextFrame()).isNull();
        }
    }

    @Test
    void nextFrame_payloadUnread_skipsIt() throws IOException {
        try (FrameReader reader = FrameReader.open(sample("x.veil"))) {
            assertThat(reader.kind()).isEqualTo(FileKind.INPUT);
            assertThat(reader.nextFrame()).isEqualTo("META");
            assertThat(reader.nextFrame()).isEqualTo("DATA");
            reader.in().readInt();
            assertThat(reader.skipFrame()).isEqualTo(4000);
            assertThat(reader.nextFrame()).isNull();
        }
    }

    @Test
    void to_stream_holdsSeveralInARow() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 3; i++) {
            try (FrameWriter writer = FrameWriter.to(out, FileKind.CIPHERTEXT, PARAMETERS)) {
                writer.beginFrame("NUMB");
                writer.out().writeInt(i);
                writer.endFrame();
                writer.commit();
            }
        }
        ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());
        for (int i = 0; i < 3; i++) {
            try (FrameReader reader = FrameReader.from(in)) {
                reader.expectFrame("NUMB");
                assertThat(reader.in().readInt()).isEqualTo(i);
                assertThat(reader.nextFrame()).isNull();
            }
        }
    }

    @Test
    void create_manyTimesTheBuffer_needsNoMoreMemoryThanAChunk() throws IOException {
        Path file = folder.resolve("big.veil");
        byte[] block = bytes(1 << 16);
        int blocks = 1600; // 100 MiB, in one frame
        try (FrameWriter writer = FrameWriter.create(file, FileKind.EVALUATION_KEYS, PARAMETERS)) {
            writer.beginFrame("KEYS");
            for (int i = 0; i < blocks; i++) {
                writer.out().write(block);
            }
            writer.endFrame();
            writer.commit();
        }
        byte[] back = new byte[block.length];
        try (FrameReader reader = FrameReader.open(file)) {
            reader.expectFrame("KEYS");
            for (int i = 0; i < blocks; i++) {
                reader.in().readFully(back, 0, back.length);
                assertThat(Arrays.equals(back, block)).isTrue();
            }
            reader.in().expectEnd();
            assertThat(reader.nextFrame()).isNull();
        }
    }

    @Test
    void close_withoutCommit_leavesNothing() throws IOException {
        Path file = folder.resolve("x.veil");
        try (FrameWriter writer = FrameWriter.create(file, FileKind.INPUT, PARAMETERS)) {
            writer.beginFrame("DATA");
            writer.out().write(bytes(2_000_000));
            assertThat(file).doesNotExist();
        }
        assertThat(listing()).isEmpty();
    }

    @Test
    void close_withoutCommit_keepsThePreviousFile() throws IOException {
        Path file = sample("x.veil");
        byte[] before = Files.readAllBytes(file);
        try (FrameWriter writer = FrameWriter.create(file, FileKind.INPUT, PARAMETERS)) {
            writer.beginFrame("DATA");
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(listing()).containsExactly("x.veil");
    }

    @Test
    void create_throughASymbolicLink_replacesWhatItPointsTo() throws IOException {
        Path file = sample("x.veil");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        try (FrameWriter writer = FrameWriter.create(link, FileKind.MODEL, PARAMETERS)) {
            writer.commit();
        }
        assertThat(Files.isSymbolicLink(link)).isTrue();
        try (FrameReader reader = FrameReader.open(file)) {
            assertThat(reader.kind()).isEqualTo(FileKind.MODEL);
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void create_secretKinds_areReadableByTheirOwnerOnly() throws IOException {
        for (FileKind kind : List.of(FileKind.SECRET_KEY, FileKind.FEATURE_OWNER, FileKind.CLASSIFIER_HEAD)) {
            Path file = folder.resolve("secret." + kind);
            try (FrameWriter writer = FrameWriter.create(file, kind, PARAMETERS)) {
                writer.commit();
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .as(kind.title())
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void create_folderMissingOrTargetIsAFolder_isRefused() throws IOException {
        assertThatThrownBy(() -> FrameWriter.create(folder.resolve("no/x.veil"), FileKind.INPUT, PARAMETERS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("folder does not exist");
        assertThatThrownBy(() -> FrameWriter.create(folder, FileKind.INPUT, PARAMETERS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is a folder");
        assertThat(listing()).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void create_whereNoFileCanBeMade_saysSoWithoutTheTemporaryName() {
        assertThatThrownBy(() -> FrameWriter.create(Path.of("/proc/x.veil"), FileKind.INPUT, PARAMETERS))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("out=/proc/x.veil: cannot be written (")
                .message()
                .doesNotContain(".tmp");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void create_pipeWithoutARealPath_isWrittenDirectly() throws IOException {
        Set<Path> before = descriptors();
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source();
                Pipe.SinkChannel sink = pipe.sink()) {
            List<Path> ends =
                    descriptors().stream().filter(d -> !before.contains(d)).toList();
            assertThat(ends).as("the ends of %s", sink).isNotEmpty();
            try (FileTarget target = FileTarget.create(ends.get(0), false)) {
                target.stream().write(bytes(5));
                target.commit();
            }
            ByteBuffer read = ByteBuffer.allocate(10);
            assertThat(source.read(read)).isEqualTo(5);
            assertThat(Arrays.copyOf(read.array(), 5)).isEqualTo(bytes(5));
        }
    }

    private static Set<Path> descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            Set<Path> pipes = new HashSet<>();
            for (Path descriptor : (Iterable<Path>) all::iterator) {
                // The listing's own descriptor is gone by now.
                if (Files.exists(descriptor)
                        && Files.readSymbolicLink(descriptor).toString().startsWith("pipe:")) {
                    pipes.add(descriptor);
                }
            }
            return pipes;
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void write_deviceIsFull_saysSoAndLeavesTheDevice() throws IOException {
        Path full = Path.of("/dev/full");
        assertThatThrownBy(() -> {
                    try (FrameWriter writer = FrameWriter.create(full, FileKind.INPUT, PARAMETERS)) {
                        writer.beginFrame("DATA");
                        writer.out().write(bytes(3_000_000));
                        writer.endFrame();
                        writer.commit();
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("out=/dev/full")
                .hasMessageContaining("No space left");
        assertThat(Files.isRegularFile(full)).isFalse();
        assertThat(full).exists();
    }

    @Test
    void beginFrame_misuse_isRefused() throws IOException {
        try (FrameWriter writer = FrameWriter.to(new ByteArrayOutputStream(), FileKind.INPUT, PARAMETERS)) {
            assertThatThrownBy(() -> writer.beginFrame("TOOLONG")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.beginFrame("END.")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.out().writeInt(1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(writer::endFrame).isInstanceOf(IllegalStateException.class);
            writer.beginFrame("DATA");
            assertThatThrownBy(() -> writer.beginFrame("DATA")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(writer::commit).isInstanceOf(IllegalStateException.class);
            writer.endFrame();
            writer.commit();
            assertThatThrownBy(() -> writer.beginFrame("DATA")).isInstanceOf(IllegalStateException.class);
        }
    }

    private Path sample(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, FrameSamples.file(FileKind.INPUT, PARAMETERS));
        return file;
    }

    private String[] listing() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).toArray(String[]::new);
        }
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }
}
