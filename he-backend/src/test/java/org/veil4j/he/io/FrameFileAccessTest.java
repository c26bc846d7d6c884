package org.veil4j.he.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames in any order. */
class FrameFileAccessTest {
    private static final Fingerprint PARAMETERS = Fingerprint.of(new byte[] {9});
    private static final int[] SIZES = {
        0, 1, FrameFormat.MAX_CHUNK, FrameFormat.MAX_CHUNK + 1, 5, 3 * FrameFormat.MAX_CHUNK
    };

    @TempDir
    Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        file = write("frames", 1);
    }

    private static byte[] content(int frame, long seed) {
        byte[] bytes = new byte[SIZES[frame]];
        new Random(seed * 100 + frame).nextBytes(bytes);
        return bytes;
    }

    private Path write(String name, long seed) throws IOException {
        Path path = folder.resolve(name);
        try (FrameWriter writer = FrameWriter.create(path, FileKind.INPUT, PARAMETERS)) {
            for (int frame = 0; frame < SIZES.length; frame++) {
                writer.beginFrame("FRM" + frame);
                writer.out().write(content(frame, seed));
                writer.endFrame();
            }
            writer.commit();
        }
        return path;
    }

    private static byte[] read(FrameFile frames, int frame) throws IOException {
        PayloadReader in = frames.openFrame(frame).in();
        byte[] bytes = in.readBytes(SIZES[frame], SIZES[frame]);
        in.expectEnd();
        return bytes;
    }

    @Test
    void openFrame_anyOrder_givesEachFrame() throws IOException {
        try (FrameFile frames = FrameFile.open(file, FileKind.INPUT, SIZES.length)) {
            assertThat(frames.frames()).isEqualTo(SIZES.length);
            assertThat(frames.parameters()).isEqualTo(PARAMETERS);
            for (int frame : new int[] {5, 0, 3, 3, 1, 2, 4, 5}) {
                assertThat(frames.tag(frame)).isEqualTo("FRM" + frame);
                assertThat(frames.payloadBytes(frame)).isEqualTo(SIZES[frame]);
                assertThat(read(frames, frame)).isEqualTo(content(frame, 1));
            }
            PayloadReader in = frames.openFrame(1).in();
            assertThatThrownBy(() -> in.readBytes(2, 2)).isInstanceOf(CorruptDataException.class);
        }
    }

    @Test
    void open_cutAnywhereNearAFrame_isCorrupt() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int length = 0; length < bytes.length; length += length < 120 || length > bytes.length - 60 ? 1 : 4999) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> FrameFile.open(file, FileKind.INPUT, 9))
                    .as("cut at %d", length)
                    .isInstanceOf(CorruptDataException.class);
        }
        Files.write(file, Arrays.copyOf(bytes, bytes.length + 3));
        assertThatThrownBy(() -> FrameFile.open(file, FileKind.INPUT, 9)).hasMessageContaining("more bytes");
    }

    @Test
    void open_anyBitFlipped_isFoundThenOrWhenItsFrameIsRead() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Random random = new Random(7);
        for (int trial = 0; trial < 60; trial++) {
            byte[] bad = bytes.clone();
            int at = trial < 30 ? trial * 4 : random.nextInt(bad.length);
            bad[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bad);
            assertThatThrownBy(() -> {
                        try (FrameFile frames = FrameFile.open(file, FileKind.INPUT, 9)) {
                            for (int frame = 0; frame < SIZES.length; frame++) {
                                read(frames, frame);
                            }
                        }
                    })
                    .as("byte %d", at)
                    .isInstanceOf(CorruptDataException.class);
        }
    }

    @Test
    void openFrame_anotherFileOfTheSameShape_isCorrupt() throws IOException {
        byte[] others = Files.readAllBytes(write("others", 2));
        try (FrameFile frames = FrameFile.open(file, FileKind.INPUT, 9)) {
            Files.write(file, others);
            assertThat(read(frames, 0)).isEmpty();
            for (int frame = 1; frame < SIZES.length; frame++) {
                int changed = frame;
                assertThatThrownBy(() -> read(frames, changed))
                        .isInstanceOf(CorruptDataException.class)
                        .hasMessageContaining("the file has changed");
            }
        }
    }

    @Test
    void open_anotherKindTooManyFramesOrClosed_isRefused() throws IOException {
        assertThatThrownBy(() -> FrameFile.open(file, FileKind.OUTPUT, 9))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(FileKind.OUTPUT.title());
        assertThatThrownBy(() -> FrameFile.open(file, FileKind.INPUT, SIZES.length - 1))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("at most 5 frames");
        FrameFile closed = FrameFile.open(file, FileKind.INPUT, 9);
        closed.close();
        assertThat(closed.isOpen()).isFalse();
        assertThatThrownBy(() -> closed.openFrame(0)).isInstanceOf(ClosedChannelException.class);
    }
}
