package org.veil4j.he.mlr.clear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.veil4j.he.io.CorruptDataException;

/** Labelled rows, their file format, their preparation, and the head that keeps it. */
class FeaturesTest {
    @TempDir
    Path folder;

    private static LabelledFeatures small() {
        return LabelledFeatures.of(new double[][] {{1, 5, 7}, {3, 5, -1}, {8, 5, 0}}, new int[] {0, 1, 1}, 2);
    }

    @Test
    void of_badRows_namesTheRow() {
        double[][] x = {{1, 2}, {3, 4}};
        assertThatThrownBy(() -> LabelledFeatures.of(x, new int[] {0, 2}, 2)).hasMessageContaining("label=2 in row 2");
        assertThatThrownBy(() -> LabelledFeatures.of(x, new int[] {-1, 0}, 2))
                .hasMessageContaining("label=-1 in row 1");
        assertThatThrownBy(() -> LabelledFeatures.of(x, new int[] {0}, 2)).hasMessageContaining("labels=1");
        assertThatThrownBy(() -> LabelledFeatures.of(x, new int[] {0, 0}, 1)).hasMessageContaining("classes=1");
        assertThatThrownBy(() -> LabelledFeatures.of(new double[][] {{1, 2}, {3}}, new int[] {0, 1}, 2))
                .hasMessageContaining("features=1 in row 2");
        assertThatThrownBy(() -> LabelledFeatures.of(new double[][] {{1, 2}, {3, Double.NaN}}, new int[] {0, 1}, 2))
                .hasMessageContaining("feature=NaN in row 2, column 2");
        assertThatThrownBy(() -> LabelledFeatures.of(new double[0][], new int[0], 2))
                .hasMessageContaining("rows=0");
        assertThatThrownBy(() -> small().slice(2, 2)).hasMessageContaining("rows=2..2");
    }

    @Test
    void csv_withCrLfFloatLabelsAndBlankEnd_isRead() throws IOException {
        Path file = Files.writeString(folder.resolve("a.csv"), "1.0,0.5,-2\r\n0.0,3e-1, 4\r\n\r\n");
        LabelledFeatures rows = FeatureCsv.read(file, 0);
        assertThat(rows.classes()).isEqualTo(2);
        assertThat(rows.label(0)).isEqualTo(1);
        assertThat(rows.row(0)).containsExactly(0.5, -2);
        assertThat(rows.row(1)).containsExactly(0.3, 4);
        assertThat(FeatureCsv.read(file, 7).classes()).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1,2,3|0,1;line 2: fields=2",
                "1,2,3|0,1,x;line 2: column 3=x",
                "1,2,3|0,,5;line 2: column 2=",
                "0,2,3|0.5,1,5;line 2: label=0.5",
                "0,2,3|9,1,5;line 2: label=9",
                "0,2,3|-1,1,5;line 2: label=-1",
                "0,2,NaN|1,1,5;line 1: column 3=NaN",
                "0,2,3||1,1,5;line 2: fields=1",
                "0;line 1: fields=1",
                "label,x|0,1;line 1: column 1=label: must be a number; there must be no header",
                "0,-Infinity|1,1;line 1: column 2=-Infinity: must be finite"
            })
    void csv_badLine_isNamed(String content, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.csv"), content.replace("|", "\n"));
        assertThatThrownBy(() -> FeatureCsv.read(file, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void csv_withByteOrderMark_isRead() throws IOException {
        Path file = Files.writeString(folder.resolve("mark.csv"), "\uFEFF5,0.5\n0,1\n");
        assertThat(FeatureCsv.read(file, 0).label(0)).isEqualTo(5);
    }

    @Test
    void csv_emptyOrBinaryOrHugeLabel_isRefused() throws IOException {
        Path file = Files.createFile(folder.resolve("empty.csv"));
        assertThatThrownBy(() -> FeatureCsv.read(file, 3)).hasMessageContaining("rows=0");
        Path binary = Files.write(folder.resolve("binary.csv"), new byte[] {'1', ',', (byte) 0xff, (byte) 0xfe});
        assertThatThrownBy(() -> FeatureCsv.read(binary, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no text");
        Path huge = Files.writeString(folder.resolve("huge.csv"), "1,2\n1e9,2\n");
        assertThatThrownBy(() -> FeatureCsv.read(huge, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 2: label=1e9: must be a whole number from 0 to 65535");
    }

    @Test
    void withClasses_moreOrFewer_isTheSameRowsOrRefused() {
        assertThat(small().withClasses(5).classes()).isEqualTo(5);
        assertThat(small().withClasses(5).row(2)).containsExactly(8, 5, 0);
        assertThatThrownBy(() -> small().withClasses(1)).hasMessageContaining("classes=1: must be at least 2");
    }

    @Test
    void prepare_eachKind_isTheFormula() {
        LabelledFeatures rows = small();
        assertThat(Preparation.NONE.fit(rows).apply(rows.row(1))).containsExactly(1, 3, 5, -1);
        assertThat(Preparation.CENTRE.fit(rows).apply(rows.row(1))).containsExactly(1, -1, 0, -3);
        double deviation = Math.sqrt((9 + 1 + 16) / 3.0);
        double third = Math.sqrt((25 + 9 + 4) / 3.0);
        double[] z = Preparation.STANDARDISE.fit(rows).apply(rows.row(2));
        assertThat(z).containsExactly(new double[] {1, 4 / deviation, 0, -2 / third}, within(1e-12));
        double norm = Math.sqrt(9 + 25 + 1);
        assertThat(Preparation.ROW_NORMALISE.fit(rows).apply(rows.row(1)))
                .containsExactly(new double[] {1, 3 / norm, 5 / norm, -1 / norm}, within(1e-12));
        double[] both = Preparation.STANDARDISE_ROW_NORMALISE.fit(rows).apply(rows.row(2));
        double length = Math.hypot(z[1], z[3]);
        assertThat(both).containsExactly(new double[] {1, z[1] / length, 0, z[3] / length}, within(1e-12));
        assertThat(Preparation.CENTRE_ROW_NORMALISE.fit(rows).apply(rows.row(1)))
                .containsExactly(new double[] {1, -1 / Math.sqrt(10), 0, -3 / Math.sqrt(10)}, within(1e-12));
    }

    @Test
    void prepare_constantFeature_isNeutralisedInTrainingAndPrediction() {
        FeaturePreparation fitted = Preparation.STANDARDISE.fit(small());
        assertThat(fitted.neutralised()).isEqualTo(1);
        assertThat(fitted.apply(new double[] {4, 1e6, 2})[2]).isZero();
        assertThatThrownBy(() -> fitted.apply(new double[] {4})).hasMessageContaining("features=1");
    }

    /** The mean of many tenths is not a tenth in floating point: what is left of them must not count as a feature. */
    @ParameterizedTest
    @EnumSource(Preparation.class)
    void prepare_constantFeatureOfManyRows_isNeutralisedWhereverItIsCentred(Preparation preparation) {
        int rows = 100_000;
        double[][] x = new double[rows][];
        int[] labels = new int[rows];
        for (int r = 0; r < rows; r++) {
            x[r] = new double[] {r % 7, 0.1};
            labels[r] = r % 2;
        }
        FeaturePreparation fitted = preparation.fit(LabelledFeatures.of(x, labels, 2));
        boolean centred = preparation != Preparation.NONE && preparation != Preparation.ROW_NORMALISE;
        assertThat(fitted.neutralised()).isEqualTo(centred ? 1 : 0);
        double other = fitted.apply(new double[] {0, 55})[2];
        if (centred) {
            assertThat(other).isZero();
        } else {
            assertThat(other).isPositive(); // as it is, or as a share of the row
        }
    }

    @ParameterizedTest
    @EnumSource(Preparation.class)
    void prepare_featureBeyondFiniteSquares_isNamed(Preparation preparation) {
        double[][] x = {{1, 1e200}, {2, 2e200}, {3, 3.5e200}};
        assertThatThrownBy(() -> preparation.fit(LabelledFeatures.of(x, new int[] {0, 1, 1}, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("feature 2: largest magnitude=3.5E200")
                .hasMessageContaining("divide");
        // The largest allowed: preparation and Hessian bound stay finite. Tiny ones are data as well.
        double[][] large = {{1e150, -1e150}, {1e150, 1e150}, {-1e150, 1e150}};
        double[][] tiny = {{1e-200, -1e-200}, {1e-200, 1e-200}, {-1e-200, 1e-200}};
        for (double[][] some : List.of(large, tiny)) {
            LabelledFeatures rows = LabelledFeatures.of(some, new int[] {0, 1, 1}, 2);
            FeaturePreparation fitted = preparation.fit(rows);
            assertThat(fitted.neutralised()).isZero();
            double[][] prepared = fitted.apply(rows);
            for (double[] row : prepared) {
                for (double v : row) {
                    assertThat(v).isFinite().isNotZero();
                }
            }
            for (double b : HessianBound.inverse(prepared)) {
                assertThat(b).isFinite().isPositive();
            }
        }
    }

    @Test
    void hessianBound_columnOfRoundingErrors_countsAsZero() {
        double[][] x = {{1, 0.5, 1e-17, 0}, {1, -0.3, -3e-17, 0}};
        double[] inverse = HessianBound.inverse(x);
        assertThat(inverse[1]).isCloseTo(4 / (0.5 * 1.5 + 0.3 * 1.3), within(1e-6));
        assertThat(inverse[0]).isPositive();
        assertThat(inverse[2]).isZero();
        assertThat(inverse[3]).isZero();
    }

    @Test
    void prepare_rowOfNormZero_staysZero() {
        FeaturePreparation fitted = Preparation.ROW_NORMALISE.fit(small());
        assertThat(fitted.apply(new double[3])).containsExactly(1, 0, 0, 0);
    }

    @Test
    void head_writtenAndRead_predictsAlike() throws IOException {
        LabelledFeatures data = Samples.clusters(50, 6, 3, 3);
        SoftmaxHead head = ClearMlr.train(data, null, Preparation.STANDARDISE_ROW_NORMALISE, MlrSettings.recommended(5))
                .head();
        Path file = folder.resolve("head.veil");
        head.write(file);
        SoftmaxHead read = SoftmaxHead.read(file);
        for (int r = 0; r < data.size(); r++) {
            assertThat(read.scores(data.row(r))).isEqualTo(head.scores(data.row(r)));
            double sum = 0;
            for (double p : read.probabilities(data.row(r))) {
                sum += p;
            }
            assertThat(sum).isCloseTo(1, within(1e-12));
        }
        assertThat(read.maxWeightDifference(head)).isZero();
        assertThat(head.rounded(10).maxWeightDifference(head)).isPositive().isLessThanOrEqualTo(0x1p-11);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
        assertThatThrownBy(() -> SoftmaxHead.read(file)).isInstanceOf(CorruptDataException.class);
    }
}
