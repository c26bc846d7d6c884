package org.veil4j.he.mlr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.veil4j.he.mlr.clear.ClearMlr;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.Samples;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import org.veil4j.he.mlr.clear.StepSchedule;
import org.veil4j.he.rlwe.SecurityLevel;

/** The circuit of the diagonal encoding on plain numbers against the algorithm itself. */
class DiagonalCircuitTest {
    private static MlrSettings settings(int iterations, int degree, double start, int batch) {
        SigmoidPolynomial sigmoid =
                degree == 3 ? SigmoidPolynomial.PAPER : SigmoidPolynomial.leastSquares(degree, degree == 1 ? 4 : 8);
        return new MlrSettings(
                MlrAlgorithm.SIGMOID_NAG_QUADRATIC, iterations, new StepSchedule(1, 2), sigmoid, start, batch);
    }

    /** logN, rows, features, classes, iterations, degree, start, batch, refreshEvery. */
    static Stream<Arguments> problems() {
        return Stream.of(
                Arguments.of(10, 20, 6, 3, 4, 3, 0.0, 0, 0), // one block
                Arguments.of(10, 100, 6, 3, 3, 3, 0.0, 0, 0), // four blocks share a vector of labels
                Arguments.of(10, 70, 10, 5, 3, 3, 0.0128, 0, 0), // start weights, odd numbers of all
                Arguments.of(10, 50, 3, 2, 5, 3, 0.0, 0, 2), // refreshes
                Arguments.of(10, 50, 3, 2, 5, 3, -0.2, 0, 1),
                Arguments.of(10, 60, 9, 4, 7, 3, 0.0, 25, 3), // mini-batches, the last one smaller
                Arguments.of(10, 9, 600, 3, 3, 3, 0.0, 0, 0), // columns over two blocks, one row each
                Arguments.of(10, 300, 20, 10, 2, 3, 0.0, 0, 0), // labels over two vectors
                Arguments.of(10, 40, 6, 3, 3, 1, 0.0, 0, 0),
                Arguments.of(10, 40, 6, 3, 3, 5, 0.01, 0, 0),
                Arguments.of(10, 40, 6, 3, 3, 7, 0.0, 0, 0),
                Arguments.of(11, 40, 16, 17, 3, 7, 0.01, 0, 2));
    }

    /** Plain NAG: no bound is folded into the columns, only a power of two. */
    @ParameterizedTest
    @EnumSource(Preparation.class)
    void simulation_withoutQuadraticGradient_equalsTheAlgorithm(Preparation preparation) {
        long seed = 77;
        LabelledFeatures data = Samples.clusters(70, 10, 5, seed);
        for (double start : new double[] {0, 0.0128}) {
            MlrSettings settings = new MlrSettings(
                    MlrAlgorithm.SIGMOID_NAG, 4, new StepSchedule(0.005, 0.01), SigmoidPolynomial.PAPER, start, 30);
            MlrPlan plan = MlrPlan.builder(data, preparation, settings)
                    .logN(10)
                    .security(SecurityLevel.INSECURE_TEST)
                    .refreshEvery(3)
                    .build();
            List<SoftmaxHead> heads = MlrSimulation.run(plan, data);
            ClearMlr.Run clear = ClearMlr.train(data, null, preparation, settings);
            for (int t = 0; t < 4; t++) {
                for (int c = 0; c < 5; c++) {
                    assertThat(heads.get(t).weights()[c])
                            .as("seed %d, start %s, iteration %d, class %d", seed, start, t + 1, c)
                            .containsExactly(clear.weights().get(t)[c], within(1e-7));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("problems")
    void simulation_anyShape_equalsTheAlgorithm(
            int logN,
            int rows,
            int features,
            int classes,
            int iterations,
            int degree,
            double start,
            int batch,
            int refreshEvery) {
        long seed = 100L + rows;
        LabelledFeatures data = Samples.clusters(rows, features, classes, seed);
        MlrSettings settings = settings(iterations, degree, start, batch);
        for (boolean keep : new boolean[] {true, false}) {
            MlrPlan plan = MlrPlan.builder(data, Preparation.STANDARDISE_ROW_NORMALISE, settings)
                    .logN(logN)
                    .security(SecurityLevel.INSECURE_TEST)
                    .refreshEvery(refreshEvery)
                    .keepRotations(keep)
                    .build();
            List<SoftmaxHead> heads = MlrSimulation.run(plan, data);
            ClearMlr.Run clear = ClearMlr.train(data, null, Preparation.STANDARDISE_ROW_NORMALISE, settings);
            assertThat(heads).hasSize(iterations);
            for (int t = 0; t < iterations; t++) {
                double[][] want = clear.weights().get(t);
                double[][] have = heads.get(t).weights();
                for (int c = 0; c < classes; c++) {
                    assertThat(have[c])
                            .as("seed %d, keep %s, iteration %d, class %d", seed, keep, t + 1, c)
                            .containsExactly(want[c], within(1e-7));
                }
            }
            assertThat(plan.report().refreshes()).isEqualTo(plan.refreshPoints().size());
        }
    }
}
