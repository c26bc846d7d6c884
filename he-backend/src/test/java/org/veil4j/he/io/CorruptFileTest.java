package org.veil4j.he.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorruptFileTest {
    private static final Fingerprint PARAMETERS = Fingerprint.of(new byte[] {9});

    @TempDir
    Path folder;

    private byte[] good = new byte[0];

    @BeforeEach
    void writeSample() throws IOException {
        good = FrameSamples.file(FileKind.INPUT, PARAMETERS);
        readAll(good);
    }

    @Test
    void read_truncatedAnywhere_isCorrupt() {
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertCorrupt(() -> readAll(cut), "truncated to " + length);
        }
    }

    @Test
    void read_anyBitFlipped_isCorrupt() {
        for (int at = 0; at < good.length; at++) {
            for (int bit = 0; bit < 8; bit += at < 100 || at > good.length - 40 ? 1 : 7) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) (1 << bit);
                assertCorrupt(() -> readAll(bad), "bit " + bit + " of byte " + at);
            }
        }
    }

    @Test
    void read_bytesAppended_isCorrupt() {
        assertCorrupt(() -> readAll(Arrays.copyOf(good, good.length + 1)), "one byte more");
    }

    @Test
    void read_frameLost_isCorrupt() {
        int meta = FrameFormat.HEADER_BYTES;
        int data = meta + 4 + 4 + 4 + 4;
        byte[] bad = new byte[good.length - (data - meta)];
        System.arraycopy(good, 0, bad, 0, meta);
        System.arraycopy(good, data, bad, meta, good.length - data);
        assertCorrupt(() -> readAll(bad), "the first frame is missing");
    }

    @Test
    void open_foreignFile_saysSo() throws IOException {
        byte[] zip = Arrays.copyOf("PK\u0003\u0004 some archive".getBytes(StandardCharsets.US_ASCII), 4096);
        assertThatThrownBy(() -> readAll(zip))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("not a Veil4J file");
        assertThatThrownBy(() -> readAll(new byte[3]))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("is this a Veil4J file?");
    }

    @Test
    void open_newerVersion_saysSo() {
        byte[] newer = good.clone();
        newer[7] = FrameFormat.VERSION + 1;
        ByteBuffer.wrap(newer, 44, 4).putInt(FrameFormat.checksum(newer, 44));
        assertThatThrownBy(() -> readAll(newer))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("newer Veil4J");
    }

    @Test
    void open_olderVersion_saysSo() {
        byte[] older = good.clone();
        older[7] = FrameFormat.VERSION - 1;
        ByteBuffer.wrap(older, 44, 4).putInt(FrameFormat.checksum(older, 44));
        assertThatThrownBy(() -> readAll(older))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("older Veil4J");
    }

    @Test
    void open_unknownKind_isCorrupt() {
        byte[] bad = good.clone();
        bad[8] = 'x';
        ByteBuffer.wrap(bad, 44, 4).putInt(FrameFormat.checksum(bad, 44));
        assertCorrupt(() -> readAll(bad), "unknown kind with a good checksum");
    }

    @Test
    void open_wrongKind_namesBoth() throws IOException {
        Path file = Files.write(folder.resolve("x.veil"), good);
        assertThatThrownBy(() -> FrameReader.open(file, FileKind.SECRET_KEY))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("secret key")
                .hasMessageContaining("encrypted inputs");
    }

    @Test
    void open_missingFileOrFolder_isAnIoException() {
        assertThatThrownBy(() -> FrameReader.open(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> FrameReader.open(folder))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("is a folder");
    }

    @Test
    void read_chunkLengthOfTwoGigabytes_isRefusedBeforeAllocation() {
        byte[] bad = good.clone();
        ByteBuffer.wrap(bad, FrameFormat.HEADER_BYTES + 4, 4).putInt(0x7fff_ffff);
        assertThatThrownBy(() -> readAll(bad))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("a chunk that fits");
    }

    @Test
    void readCount_hugeCounts_areRefusedBeforeAllocation() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(Integer.MAX_VALUE);
        out.write(new byte[100]);
        byte[] content = bytes.toByteArray();
        assertCorrupt(() -> PayloadReader.of(content).readCount("things", Integer.MAX_VALUE), "more than is left");
        assertCorrupt(() -> PayloadReader.of(content).readCount("things", 1000), "over the limit");
        assertCorrupt(() -> PayloadReader.of(content).readInt("things", 0, 7), "out of range");
        assertCorrupt(() -> PayloadReader.of(content).readBytes(1L << 44, Integer.MAX_VALUE), "16 TB");
        assertCorrupt(() -> PayloadReader.of(content).readBytes(1L << 30, Integer.MAX_VALUE), "1 GB");
        assertCorrupt(() -> PayloadReader.of(content).readBytes(-1, 10), "negative");
        assertCorrupt(() -> PayloadReader.of(content).readResidues(new double[1000], 12289), "no such limb");
        assertCorrupt(() -> PayloadReader.of(new byte[] {-1, -1}).readUtf(10), "long text");
        assertCorrupt(() -> PayloadReader.of(new byte[] {0, 1, -1}).readUtf(10), "bad text");
        byte[] negative = {-1, -1, -1, -1};
        assertCorrupt(() -> PayloadReader.of(negative).readCount("things", 9), "negative count");
        byte[] eight = {0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
        assertCorrupt(() -> PayloadReader.of(eight).readCount("things", 9, 4), "7 bytes for 2 things of 4");
        assertThat(PayloadReader.of(eight).readCount("things", 9, 3)).isEqualTo(2);
    }

    @Test
    void readDouble_notFinite_isRefusedWhenAsked() throws IOException {
        byte[] nan = ByteBuffer.allocate(8).putDouble(Double.NaN).array();
        assertThat(PayloadReader.of(nan).readDouble()).isNaN();
        assertCorrupt(() -> PayloadReader.of(nan).readFinite("scale"), "NaN");
        assertCorrupt(() -> PayloadReader.of(new byte[] {2}).readBoolean(), "2");
    }

    @Test
    void read_beyondTheFrame_isCorrupt() throws IOException {
        Path file = Files.write(folder.resolve("x.veil"), good);
        try (FrameReader reader = FrameReader.open(file)) {
            reader.expectFrame("META");
            reader.in().readInt();
            assertCorrupt(() -> reader.in().readInt(), "the next frame");
        }
        try (FrameReader reader = FrameReader.open(file)) {
            assertCorrupt(() -> reader.expectFrame("DATA"), "META comes first");
        }
        try (FrameReader reader = FrameReader.open(file)) {
            reader.expectFrame("META");
            assertCorrupt(() -> reader.in().expectEnd(), "an int is left");
        }
    }

    private void readAll(byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("sample.veil"), content);
        try (FrameReader reader = FrameReader.open(file)) {
            reader.expectFrame("META");
            int count = reader.in().readInt("count", 0, 1000);
            reader.expectFrame("DATA");
            for (int i = 0; i < count; i++) {
                reader.in().readInt();
            }
            reader.in().expectEnd();
            while (reader.nextFrame() != null) {
                reader.skipFrame();
            }
        }
    }

    private static void assertCorrupt(ThrowingCallable read, String what) {
        assertThatThrownBy(read).as(what).isInstanceOf(CorruptDataException.class);
    }
}
