package org.veil4j.he.mlr.clear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The paper's data, in the clear. Trained on the first rows of the file, tested on the rest. */
@Tag("slow")
class RegNetClearTest {
    private static ClearMlr.Run run(int train, Preparation preparation, MlrSettings settings) throws IOException {
        LabelledFeatures data = Samples.regNet();
        return ClearMlr.train(data.slice(0, train), data.slice(train, 512), preparation, settings);
    }

    private static MlrSettings quadratic(int iterations, double base, double decay) {
        return new MlrSettings(
                MlrAlgorithm.SIGMOID_NAG_QUADRATIC,
                iterations,
                new StepSchedule(base, decay),
                SigmoidPolynomial.PAPER,
                0,
                0);
    }

    private static void assertPercent(ClearMlr.Run run, int iteration, double percent, double tolerance) {
        assertThat(100 * run.iterations().get(iteration - 1).testAccuracy())
                .as("after %d iterations", iteration)
                .isCloseTo(percent, within(tolerance));
    }

    @Test
    void train_paperOnRawFeatures_reachesThePapersAccuracy() throws IOException {
        ClearMlr.Run run = run(128, Preparation.NONE, MlrSettings.paper(2, 128));
        assertPercent(run, 1, 20.48, 1.5);
        assertPercent(run, 2, 21.49, 1.5);
    }

    @Test
    void train_centred_isFarBetterWithTheSameCircuit() throws IOException {
        ClearMlr.Run run = run(128, Preparation.CENTRE, quadratic(20, 4, 4));
        assertPercent(run, 1, 65, 0.5);
        assertPercent(run, 2, 76, 0.5);
        assertPercent(run, 10, 80, 1);
        assertPercent(run, 20, 83, 0.5);
        ClearMlr.Run more = run(256, Preparation.CENTRE, quadratic(20, 4, 4));
        assertPercent(more, 2, 77, 0.5);
        assertPercent(more, 20, 87, 1);
    }

    @Test
    void train_rowsOfNormOne_stayInsideThePolynomialsInterval() throws IOException {
        ClearMlr.Run run = run(128, Preparation.STANDARDISE_ROW_NORMALISE, quadratic(20, 4, 4));
        assertThat(run.maxAbsScore()).isLessThan(9);
        assertPercent(run, 20, 82, 0.5);
    }

    @Test
    void train_recommended_reachesOurFigures() throws IOException {
        ClearMlr.Run few = run(128, Preparation.STANDARDISE_ROW_NORMALISE, MlrSettings.recommended(30));
        assertPercent(few, 2, 75.78, 0.01);
        assertThat(few.iterations().get(29).testAccuracy()).isGreaterThanOrEqualTo(0.80);
        assertThat(few.maxAbsScore()).isLessThan(SigmoidPolynomial.PAPER.bound());
        ClearMlr.Run more = run(384, Preparation.STANDARDISE_ROW_NORMALISE, MlrSettings.recommended(30));
        assertThat(more.iterations().get(29).testAccuracy()).isGreaterThanOrEqualTo(0.85);
        assertThat(more.maxAbsScore()).isLessThan(SigmoidPolynomial.PAPER.bound());
    }
}
