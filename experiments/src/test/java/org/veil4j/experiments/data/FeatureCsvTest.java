package org.veil4j.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureCsvTest {
    private static final int SEED = 4;

    @TempDir
    Path folder;

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("features.csv"), text);
    }

    @Test
    void read_bothLineEnds_isTheSame() throws IOException {
        for (String text : new String[] {
            "5.0,0.5,0,1e-3\r\n0,-1.25, 7 ,0.0\r\n",
            "5,0.5,0,1e-3\n0.0,-1.25, 7 ,0.0",
            "\uFEFF5,0.5,0,1e-3\n0,-1.25,7,0\n"
        }) {
            FeatureTable table = FeatureCsv.read(write(text));
            assertThat(table.labels()).containsExactly(5, 0);
            assertThat(table.features()).isDeepEqualTo(new double[][] {{0.5, 0, 1e-3}, {-1.25, 7, 0}});
            assertThat(table.rows()).isEqualTo(2);
            assertThat(table.columns()).isEqualTo(3);
        }
    }

    @Test
    void writer_randomRows_areReadBackExactly() throws IOException {
        Random random = new Random(SEED);
        float[][] rows = new float[40][17];
        Path file = folder.resolve("out.csv");
        long bytes;
        try (FeatureCsvWriter writer = FeatureCsvWriter.create(file)) {
            for (int r = 0; r < rows.length; r++) {
                for (int f = 0; f < rows[r].length; f++) {
                    rows[r][f] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(60) - 30));
                }
                rows[r][0] = r == 0 ? Float.MIN_VALUE : r == 1 ? -Float.MAX_VALUE : 0;
                writer.append(r % 10, rows[r]);
            }
            assertThat(file).doesNotExist();
            bytes = writer.commit();
        }
        assertThat(Files.size(file)).isEqualTo(bytes);
        assertThat(Files.readString(file)).startsWith("0.0,").contains("\r\n1.0,");
        FeatureTable table = FeatureCsv.read(file, 10);
        for (int r = 0; r < rows.length; r++) {
            assertThat(table.labels()[r]).isEqualTo(r % 10);
            for (int f = 0; f < rows[r].length; f++) {
                assertThat((float) table.features()[r][f]).as("seed %d", SEED).isEqualTo(rows[r][f]);
            }
        }
    }

    @Test
    void writer_badRowsOrNoCommit_leaveNothing() throws IOException {
        Path file = folder.resolve("out.csv");
        try (FeatureCsvWriter writer = FeatureCsvWriter.create(file)) {
            writer.append(3, new float[] {1, 2});
            assertThatThrownBy(() -> writer.append(3, new float[] {1})).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.append(-1, new float[] {1, 2}))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.append(3, new float[] {1, Float.NaN}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("NaN");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1,2,3~1,2~        | line 2: has 1 features, must have 2, as line 1 has",
                "1,2~1,2,3~        | line 2: has 2 features, must have 1, as line 1 has",
                "1,2~~1,2~         | line 2: is empty",
                "1,2~7~            | line 2: has no comma",
                "1,2~1,NaN~        | line 2: feature 1 is NaN, must be finite",
                "1,2,3~1,2,-Infinity | line 2: feature 2 is -Infinity, must be finite",
                "1,2,3~1,,3        | line 2: feature 1 is no number",
                "1,2,3~1,2,        | line 2: feature 2 is no number",
                "label,x~1,2       | line 1: feature 1 is no number, there must be no header",
                "label,1~1,2       | line 1: its label is no number, there must be no header",
                "1,2~1.5,2         | line 2: has label 1.5, must be a whole number in 0..9",
                "1,2~-1,2          | line 2: has label -1.0, must be a whole number in 0..9",
                "1,2~10,2          | line 2: has label 10.0, must be a whole number in 0..9",
                "1,2~NaN,2         | line 2: its label is NaN, must be finite",
            })
    void read_badLine_isNamed(String text, String message) throws IOException {
        Path file = write(text.replace("~", "\r\n"));
        assertThatThrownBy(() -> FeatureCsv.read(file, 10))
                .isInstanceOf(DataFileException.class)
                .hasMessageStartingWith("features=" + file + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void read_hugeLabel_isRefusedWithoutClassesToo() throws IOException {
        Path file = write("1,2\n1e9,2\n");
        assertThatThrownBy(() -> FeatureCsv.read(file))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("line 2: has label 1.0E9, must be a whole number in 0..65535");
    }

    @Test
    void read_emptyOrBinaryFile_isRefused() throws IOException {
        Path empty = write("");
        assertThatThrownBy(() -> FeatureCsv.read(empty))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("is empty");
        Path binary = folder.resolve("binary.csv");
        Files.write(binary, new byte[] {'1', ',', (byte) 0xff, (byte) 0xfe});
        assertThatThrownBy(() -> FeatureCsv.read(binary))
                .isInstanceOf(DataFileException.class)
                .hasMessageContaining("no text file");
    }

    @Test
    void table_raggedOrUnlabelled_isRefused() {
        double[][] ragged = {{1, 2}, {1}};
        assertThatThrownBy(() -> new FeatureTable(ragged, new int[2])).isInstanceOf(IllegalArgumentException.class);
        double[][] rows = {{1, 2}};
        assertThatThrownBy(() -> new FeatureTable(rows, new int[2])).isInstanceOf(IllegalArgumentException.class);
        assertThat(new FeatureTable(rows, new int[] {7})).hasToString("FeatureTable[1 x 2]");
    }

    @Test
    @Tag("slow")
    void read_publishedFile_isReadAndWrittenBack() throws IOException {
        String data = System.getenv("VEIL4J_DATA");
        Path file = Path.of(data == null ? "" : data, "regnet-features", "REGNET_X_400MF_MNIST_TRAININGfirst512.csv");
        Assumptions.assumeTrue(data != null && Files.exists(file), "needs regnet-features in the folder VEIL4J_DATA");
        FeatureTable table = FeatureCsv.read(file, 10);
        assertThat(table.rows()).isEqualTo(512);
        assertThat(table.columns()).isEqualTo(400);
        Path copy = folder.resolve("copy.csv");
        try (FeatureCsvWriter writer = FeatureCsvWriter.create(copy)) {
            for (int r = 0; r < table.rows(); r++) {
                float[] row = new float[table.columns()];
                for (int f = 0; f < row.length; f++) {
                    row[f] = (float) table.features()[r][f];
                }
                writer.append(table.labels()[r], row);
            }
            writer.commit();
        }
        FeatureTable again = FeatureCsv.read(copy, 10);
        assertThat(again.labels()).isEqualTo(table.labels());
        // The published digits round to the same floats; as doubles the two texts may differ in the last digit.
        for (int r = 0; r < table.rows(); r++) {
            for (int f = 0; f < table.columns(); f++) {
                assertThat((float) again.features()[r][f]).isEqualTo((float) table.features()[r][f]);
            }
        }
        assertThat(Files.readString(copy, StandardCharsets.US_ASCII).split("\r\n", -1))
                .hasSize(513);
    }
}
