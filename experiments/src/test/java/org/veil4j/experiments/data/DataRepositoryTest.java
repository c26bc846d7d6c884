package org.veil4j.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.zoo.InputShape;

class DataRepositoryTest {
    private static final String LABELS = "t10k-labels-idx1-ubyte";

    @TempDir
    private Path folder;

    /** Answers every request with the same bytes. */
    private static Downloader answering(byte[] bytes) {
        return new Downloader() {
            @Override
            InputStream open(String url) {
                return new ByteArrayInputStream(bytes);
            }
        };
    }

    private static byte[] bundledLabels() throws IOException {
        try (InputStream in = DataRepository.class.getResourceAsStream("fashion-mnist/" + LABELS + ".gz")) {
            assertThat(in).isNotNull();
            return in.readAllBytes();
        }
    }

    @Test
    void test_fashionMnist_isBundled() throws IOException {
        Dataset test = new DataRepository(null, folder, answering(new byte[0])).test("fashion-mnist");
        assertThat(test.size()).isEqualTo(10_000);
        assertThat(test.shape()).isEqualTo(InputShape.GREY_28);
        assertThat(test.labels()).startsWith(9, 2, 1, 1, 6);
        assertThat(test.classNames()).hasSize(10);
        assertThat(test.first(3).images()).hasDimensions(3, 784);
        assertThatThrownBy(() -> test.first(10_001)).hasMessageContaining("count=10001");
    }

    @Test
    void train_namedFolder_readsBothFormsAndChecksCounts() throws IOException {
        Path set = Files.createDirectories(folder.resolve("mnist"));
        Files.write(set.resolve("train-images-idx3-ubyte"), ReadersTest.idxImages(0x803, 2, 28, 28, 2 * 784));
        Files.write(set.resolve("train-labels-idx1-ubyte.gz"), ReadersTest.gzip(ReadersTest.idxLabels(0x801, 2, 4, 5)));
        assertThat(DataRepository.open(folder).train("mnist").labels()).containsExactly(4, 5);
        Files.write(
                set.resolve("train-labels-idx1-ubyte.gz"), ReadersTest.gzip(ReadersTest.idxLabels(0x801, 3, 4, 5, 6)));
        assertThatThrownBy(() -> DataRepository.open(folder).train("mnist"))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("2 images but 3 labels");
    }

    @Test
    void train_filesInTheCacheStillCompressed_areReadWithoutDownload() throws IOException {
        Path set = Files.createDirectories(folder.resolve("mnist"));
        Files.write(
                set.resolve("train-images-idx3-ubyte.gz"),
                ReadersTest.gzip(ReadersTest.idxImages(0x803, 2, 28, 28, 2 * 784)));
        Files.write(set.resolve("train-labels-idx1-ubyte"), ReadersTest.idxLabels(0x801, 2, 4, 5));
        DataRepository cached = new DataRepository(null, folder, answering(new byte[0]));
        assertThat(cached.train("mnist").labels()).containsExactly(4, 5);
    }

    @Test
    void open_missingFolderOrSet_saysWhatToDo() {
        assertThatThrownBy(() -> DataRepository.open(folder.resolve("nowhere")))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("no such folder");
        assertThatThrownBy(() -> DataRepository.open(folder).test("cifar-10"))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("test_batch.bin")
                .hasMessageContaining("--data");
        assertThatThrownBy(() -> DataRepository.open(folder).test("imagenet"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fashion-mnist");
    }

    @Test
    void fetch_rightBytes_areStoredDecompressed() throws IOException {
        answering(bundledLabels()).fetch(KnownDataset.FASHION_MNIST, LABELS, folder);
        assertThat(folder.resolve(LABELS)).hasSize(10_008);
        assertThat(names()).containsExactly(LABELS);
    }

    @Test
    void fetch_wrongBytes_leaveNoFile() throws IOException {
        byte[] other = ReadersTest.gzip(new byte[10_008]);
        assertThatThrownBy(() -> answering(other).fetch(KnownDataset.FASHION_MNIST, LABELS, folder))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("SHA-256");
        byte[] good = bundledLabels();
        byte[] cut = Arrays.copyOf(good, good.length / 2);
        assertThatThrownBy(() -> answering(cut).fetch(KnownDataset.FASHION_MNIST, LABELS, folder))
                .isInstanceOf(IOException.class);
        assertThat(names()).isEmpty();
    }

    @Test
    void open_unreachableServer_saysHowToGoOn() {
        assertThatThrownBy(() -> new Downloader().open("http://localhost:1/file"))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("cannot be downloaded")
                .hasMessageContaining("--data");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).toList();
        }
    }
}
