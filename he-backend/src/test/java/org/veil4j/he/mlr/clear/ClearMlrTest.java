package org.veil4j.he.mlr.clear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClearMlrTest {
    static Stream<Arguments> settings() {
        SigmoidPolynomial fifth = SigmoidPolynomial.leastSquares(5, 8);
        StepSchedule small = new StepSchedule(0.002, 0.01);
        StepSchedule quadratic = new StepSchedule(1, 2);
        return Stream.of(
                Arguments.of(MlrAlgorithm.SOFTMAX_NAG, small, null, 0.0, 0),
                Arguments.of(MlrAlgorithm.SIGMOID_NAG, small, null, 0.0, 0),
                Arguments.of(MlrAlgorithm.SIGMOID_NAG, small, SigmoidPolynomial.PAPER, 0.0128, 0),
                Arguments.of(MlrAlgorithm.SIGMOID_NAG, small, fifth, 0.0, 13),
                Arguments.of(MlrAlgorithm.SIGMOID_NAG_QUADRATIC, quadratic, null, 0.0, 0),
                Arguments.of(MlrAlgorithm.SIGMOID_NAG_QUADRATIC, quadratic, SigmoidPolynomial.PAPER, 0.0128, 0),
                Arguments.of(MlrAlgorithm.SIGMOID_NAG_QUADRATIC, quadratic, SigmoidPolynomial.PAPER, -0.1, 20));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void train_anyAlgorithm_equalsMatrixForm(
            MlrAlgorithm algorithm,
            StepSchedule steps,
            @Nullable SigmoidPolynomial polynomial,
            double start,
            int batch) {
        long seed = 71;
        LabelledFeatures data = Samples.clusters(60, 7, 4, seed);
        for (Preparation preparation : Preparation.values()) {
            MlrSettings settings = new MlrSettings(algorithm, 9, steps, polynomial, start, batch);
            ClearMlr.Run run = ClearMlr.train(data, null, preparation, settings);
            int[] labels = new int[data.size()];
            for (int r = 0; r < labels.length; r++) {
                labels[r] = data.label(r);
            }
            ReferenceMlr reference = new ReferenceMlr(preparation.fit(data).apply(data), labels, data.classes(), start);
            reference.run(
                    9,
                    algorithm == MlrAlgorithm.SIGMOID_NAG_QUADRATIC,
                    steps.base(),
                    steps.decay(),
                    sigmoid(algorithm, polynomial),
                    batch);
            double[][] have = run.head().weights();
            for (int c = 0; c < 4; c++) {
                assertThat(have[c])
                        .as("seed %d, %s, class %d", seed, preparation, c)
                        .containsExactly(reference.w.getRow(c), within(1e-9));
            }
            assertThat(run.iterations().get(8).loss())
                    .as("seed %d, %s, loss", seed, preparation)
                    .isCloseTo(reference.loss(algorithm == MlrAlgorithm.SOFTMAX_NAG), within(1e-9));
            assertThat(run.weights().get(8)[0]).isEqualTo(have[0]);
            assertThat(run.maxAbsScore()).isCloseTo(reference.maxAbsScore, within(1e-9));
        }
    }

    private static @Nullable DoubleUnaryOperator sigmoid(
            MlrAlgorithm algorithm, @Nullable SigmoidPolynomial polynomial) {
        if (algorithm == MlrAlgorithm.SOFTMAX_NAG) {
            return null;
        }
        return polynomial == null ? s -> 0.5 + 0.5 * Math.tanh(s / 2) : polynomial::value;
    }

    @Test
    void train_separableClusters_learnsAndLowersTheLoss() {
        LabelledFeatures data = Samples.clusters(300, 12, 3, 5);
        LabelledFeatures train = data.slice(0, 200);
        for (MlrAlgorithm algorithm : MlrAlgorithm.values()) {
            StepSchedule steps = new StepSchedule(algorithm == MlrAlgorithm.SIGMOID_NAG_QUADRATIC ? 2 : 0.005, 0);
            ClearMlr.Run run = ClearMlr.train(
                    train,
                    data.slice(200, 300),
                    Preparation.STANDARDISE,
                    new MlrSettings(algorithm, 40, steps, null, 0, 0));
            assertThat(run.iterations()).hasSize(40);
            ClearMlr.Iteration last = run.iterations().get(39);
            assertThat(last.testAccuracy()).as("%s", algorithm).isGreaterThan(0.9);
            assertThat(last.loss())
                    .as("%s", algorithm)
                    .isLessThan(0.7 * run.iterations().get(0).loss());
            assertThat(last.testAccuracy()).isEqualTo(run.head().accuracy(data.slice(200, 300)));
            assertThat(ClearMlr.loss(run.head(), train, algorithm)).isCloseTo(last.loss(), within(1e-12));
            assertThatThrownBy(() -> ClearMlr.loss(run.head(), train.withClasses(4), algorithm))
                    .hasMessageContaining("classes=4: must be at most 3");
        }
    }

    @Test
    void train_firstIterationFromZero_lossIsThatOfTheFormula() {
        LabelledFeatures data = Samples.clusters(20, 3, 2, 9);
        MlrSettings tiny = new MlrSettings(MlrAlgorithm.SIGMOID_NAG, 1, new StepSchedule(1e-12, 0), null, 0, 0);
        ClearMlr.Iteration first =
                ClearMlr.train(data, null, Preparation.NONE, tiny).iterations().get(0);
        assertThat(first.loss()).isCloseTo(2 * Math.log(2), within(1e-9)); // ln 2 for each of two classes
        assertThat(first.maxAbsScore()).isZero();
        assertThat(first.testAccuracy()).isNaN();
    }

    @Test
    void train_classWithoutRow_isRefused() {
        LabelledFeatures data = LabelledFeatures.of(new double[][] {{1}, {2}}, new int[] {0, 2}, 3);
        assertThatThrownBy(() -> ClearMlr.train(data, null, Preparation.NONE, MlrSettings.recommended(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("class=1");
    }

    @Test
    void settings_outOfRange_areRefused() {
        StepSchedule steps = StepSchedule.RECOMMENDED;
        assertThatThrownBy(() -> MlrSettings.recommended(0)).hasMessageContaining("iterations=0");
        assertThatThrownBy(() -> new MlrSettings(MlrAlgorithm.SIGMOID_NAG, 1, steps, null, Double.NaN, 0))
                .hasMessageContaining("startWeight=NaN");
        assertThatThrownBy(() -> new MlrSettings(MlrAlgorithm.SIGMOID_NAG, 1, steps, null, 0, -1))
                .hasMessageContaining("batchRows=-1");
        assertThatThrownBy(() -> new StepSchedule(0, 0)).hasMessageContaining("not both 0");
        assertThatThrownBy(() -> new StepSchedule(Double.NaN, 1)).hasMessageContaining("base=NaN");
        assertThat(MlrSettings.paper(2, 128).steps().step(2)).isEqualTo(1 + 1.0 / 256);
    }
}
