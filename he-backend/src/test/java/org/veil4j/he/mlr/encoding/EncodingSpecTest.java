package org.veil4j.he.mlr.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.veil4j.he.ckks.CkksParameters;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.clear.StepSchedule;
import org.veil4j.he.rlwe.SecurityLevel;

class EncodingSpecTest {
    /** 10 rows, 4 classes, degree 3. */
    private static EncodingSpec spec(Encoding kind, int features, double start, boolean keepRotations) {
        MlrSettings settings =
                new MlrSettings(MlrAlgorithm.SIGMOID_NAG_QUADRATIC, 2, StepSchedule.RECOMMENDED, null, start, 0);
        return new EncodingSpec(kind, 4, features, 10, settings, SigmoidPolynomial.PAPER, 0, 0, 512, keepRotations);
    }

    private static DiagonalEncoding diagonal(EncodingSpec spec) {
        return (DiagonalEncoding) spec.encoding(CkksParameters.of(10, 49, 40, 6, 1, SecurityLevel.INSECURE_TEST), 6);
    }

    /** What is made again for one block of rows is as much as its column blocks have shifts. */
    @Test
    void keptCiphertexts_columnsOverSeveralBlocks_countsTheShiftsOfAll() {
        for (boolean keep : new boolean[] {true, false}) {
            DiagonalEncoding encoding = diagonal(spec(Encoding.DIAGONAL, 900, 0, keep));
            DiagonalLayout layout = encoding.layout;
            assertThat(layout.columnBlocks).isGreaterThan(1);
            assertThat(encoding.weightVectors()).isEqualTo(4 * layout.columnBlocks);
            assertThat(encoding.keptCiphertexts())
                    .isEqualTo(layout.blocks() + (keep ? layout.blocks() : 1) * layout.columnBlocks * 3);
        }
    }

    @Test
    void narrower_halvesRowsDownToTwicePeriod() {
        List<EncodingSpec> narrower = spec(Encoding.DIAGONAL, 50, 0, true).narrower();
        assertThat(narrower).extracting(EncodingSpec::mostWidth).containsExactly(32, 16, 8);
        assertThat(narrower.get(0))
                .isEqualTo(spec(Encoding.DIAGONAL, 50, 0, true).withMostWidth(32));
        assertThat(spec(Encoding.VOLLEY_REVOLVER, 50, 0, true).narrower()).isEmpty();
    }

    @Test
    void levels_ofEachEncoding_areThoseOfItsSteps() {
        assertThat(spec(Encoding.DIAGONAL, 5, 0, true).iterationLevels()).isEqualTo(4);
        assertThat(spec(Encoding.DIAGONAL, 5, 0, true).firstLevels()).isEqualTo(2);
        assertThat(spec(Encoding.DIAGONAL, 5, 0.1, true).firstLevels()).isEqualTo(4);
        assertThat(spec(Encoding.VOLLEY_REVOLVER, 5, 0, true).iterationLevels()).isEqualTo(8);
        assertThat(spec(Encoding.VOLLEY_REVOLVER, 5, 0, true).firstLevels()).isEqualTo(3);
    }
}
