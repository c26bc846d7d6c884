package org.veil4j.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class ReadersTest {
    private static final int SEED = 7;

    static byte[] idxImages(int magic, int count, int rows, int columns, int bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(magic);
        data.writeInt(count);
        data.writeInt(rows);
        data.writeInt(columns);
        byte[] pixels = new byte[bytes];
        new Random(SEED).nextBytes(pixels);
        data.write(pixels);
        return out.toByteArray();
    }

    static byte[] idxLabels(int magic, int count, int... labels) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(magic);
        data.writeInt(count);
        for (int label : labels) {
            data.write(label);
        }
        return out.toByteArray();
    }

    static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static byte[][] images(byte[] file) throws IOException {
        return IdxReader.images(new ByteArrayInputStream(file), "images", 4, 3);
    }

    private static int[] labels(byte[] file) throws IOException {
        return IdxReader.labels(new ByteArrayInputStream(file), "labels", 10);
    }

    @Test
    void idx_plainAndGzip_readTheSame() throws IOException {
        byte[] file = idxImages(0x803, 2, 4, 3, 24);
        byte[][] read = images(file);
        assertThat(read).hasDimensions(2, 12);
        assertThat(read[1]).isEqualTo(Arrays.copyOfRange(file, 28, 40));
        assertThat(images(gzip(file))).isDeepEqualTo(read);
        assertThat(labels(gzip(idxLabels(0x801, 3, 9, 0, 4)))).containsExactly(9, 0, 4);
    }

    @Test
    void idx_malformedFiles_giveOneClearErrorEach() throws IOException {
        byte[] good = idxImages(0x803, 2, 4, 3, 24);
        assertThatThrownBy(() -> images(Arrays.copyOf(good, 30)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("truncated");
        assertThatThrownBy(() -> images(Arrays.copyOf(good, 7)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("truncated");
        assertThatThrownBy(() -> images(new byte[0]))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("empty");
        byte[] zipped = gzip(good);
        assertThatThrownBy(() -> images(Arrays.copyOf(zipped, zipped.length - 12)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("truncated");
        assertThatThrownBy(() -> images(idxImages(0x801, 2, 4, 3, 24)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("0x00000801")
                .hasMessageContaining("0x00000803");
        assertThatThrownBy(() -> images(idxImages(0x803, 2, 4, 4, 32)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("4x4");
        assertThatThrownBy(() -> images(idxImages(0x803, 1, 4, 3, 24)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("more bytes");
        assertThatThrownBy(() -> images(idxImages(0x803, Integer.MAX_VALUE, 4, 3, 24)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("count=2147483647");
        assertThatThrownBy(() -> labels(idxLabels(0x801, 3, 1, 2)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("2 of 3");
        assertThatThrownBy(() -> labels(idxLabels(0x801, 2, 1, 10)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("label 1 is 10");
    }

    private static byte[] cifar(int records, int firstLabel) {
        byte[] file = new byte[records * 3073];
        new Random(SEED).nextBytes(file);
        for (int i = 0; i < records; i++) {
            file[i * 3073] = (byte) (i % 10);
        }
        file[0] = (byte) firstLabel;
        return file;
    }

    @Test
    void cifar_goodFile_isRead() throws IOException {
        List<byte[]> images = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        byte[] file = cifar(10_000, 3);
        CifarReader.read(new ByteArrayInputStream(file), "batch", images, labels);
        assertThat(labels).hasSize(10_000).startsWith(3, 1, 2);
        assertThat(images.get(9_999)).isEqualTo(Arrays.copyOfRange(file, 9_999 * 3073 + 1, 10_000 * 3073));
    }

    @Test
    void cifar_malformedFiles_giveOneClearErrorEach() {
        byte[] good = cifar(10_000, 0);
        assertThatThrownBy(() -> readCifar(Arrays.copyOf(good, good.length - 1)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("record 9999");
        assertThatThrownBy(() -> readCifar(Arrays.copyOf(good, good.length + 1)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("more than 10000");
        assertThatThrownBy(() -> readCifar(cifar(10_000, 10)))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("label 0 is 10");
    }

    private static void readCifar(byte[] file) throws IOException {
        CifarReader.read(new ByteArrayInputStream(file), "batch", new ArrayList<>(), new ArrayList<>());
    }

    @Test
    void tar_twoEntries_areWalkedAndSkipped() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        entry(out, "folder/first", new byte[700]);
        entry(out, "folder/second", new byte[] {1, 2, 3});
        out.write(new byte[1024]);
        InputStream in = new ByteArrayInputStream(out.toByteArray());
        TarReader tar = new TarReader(in, "test");
        assertThat(tar.next()).isTrue();
        assertThat(tar.name()).isEqualTo("folder/first");
        assertThat(tar.next()).isTrue();
        assertThat(tar.remaining()).isEqualTo(3);
        assertThat(in.readNBytes(3)).containsExactly(1, 2, 3);
        tar.consumed();
        assertThat(tar.next()).isFalse();
        byte[] noise = new byte[512];
        Arrays.fill(noise, (byte) 'x');
        assertThatThrownBy(() -> new TarReader(new ByteArrayInputStream(noise), "test").next())
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("not a tar archive");
    }

    private static void entry(ByteArrayOutputStream out, String name, byte[] content) {
        byte[] header = new byte[512];
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, header, 0, text.length);
        byte[] size = String.format("%011o", content.length).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(size, 0, header, 124, size.length);
        out.writeBytes(header);
        out.writeBytes(content);
        out.writeBytes(new byte[(512 - content.length % 512) % 512]);
    }
}
