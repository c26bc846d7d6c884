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
import org.veil4j.he.mlr.clear.FeatureCsv;
import org.veil4j.he.mlr.clear.LabelledFeatures;

class FeatureCsvWriterTest {
    private static final int SEED = 4;

    @TempDir
    Path folder;

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
        LabelledFeatures table = FeatureCsv.read(file, 10);
        for (int r = 0; r < rows.length; r++) {
            assertThat(table.label(r)).isEqualTo(r % 10);
            for (int f = 0; f < rows[r].length; f++) {
                assertThat((float) table.row(r)[f]).as("seed %d", SEED).isEqualTo(rows[r][f]);
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

    @Test
    @Tag("slow")
    void writer_publishedRows_areReadBack() throws IOException {
        String data = System.getenv("VEIL4J_DATA");
        Path file = Path.of(data == null ? "" : data, "regnet-features", "REGNET_X_400MF_MNIST_TRAININGfirst512.csv");
        Assumptions.assumeTrue(data != null && Files.exists(file), "needs regnet-features in the folder VEIL4J_DATA");
        LabelledFeatures table = FeatureCsv.read(file, 10);
        assertThat(table.size()).isEqualTo(512);
        assertThat(table.features()).isEqualTo(400);
        Path copy = folder.resolve("copy.csv");
        try (FeatureCsvWriter writer = FeatureCsvWriter.create(copy)) {
            for (int r = 0; r < table.size(); r++) {
                float[] row = new float[table.features()];
                for (int f = 0; f < row.length; f++) {
                    row[f] = (float) table.row(r)[f];
                }
                writer.append(table.label(r), row);
            }
            writer.commit();
        }
        LabelledFeatures again = FeatureCsv.read(copy, 10);
        // The published digits round to the same floats; as doubles the two texts may differ in the last digit.
        for (int r = 0; r < table.size(); r++) {
            assertThat(again.label(r)).isEqualTo(table.label(r));
            for (int f = 0; f < table.features(); f++) {
                assertThat((float) again.row(r)[f]).isEqualTo((float) table.row(r)[f]);
            }
        }
        assertThat(Files.readString(copy, StandardCharsets.US_ASCII).split("\r\n", -1))
                .hasSize(513);
    }
}
