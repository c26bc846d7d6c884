package org.veil4j.he.mlr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
import org.veil4j.he.mlr.encoding.Encoding;
import org.veil4j.he.rlwe.SecurityLevel;

/** The circuit of the paper's encoding: on plain numbers against the algorithm itself, and encrypted against that. */
class RevolverCircuitTest {
    private static final SigmoidPolynomial FIFTH = SigmoidPolynomial.leastSquares(5, 8);

    private static MlrPlanBuilder plan(LabelledFeatures data, Preparation preparation, MlrSettings settings) {
        return MlrPlan.builder(data, preparation, settings)
                .encoding(Encoding.VOLLEY_REVOLVER)
                .logN(10)
                .security(SecurityLevel.INSECURE_TEST);
    }

    /** Rows, features, classes, algorithm, step, sigmoid, start, batch, refreshEvery. */
    static Stream<Arguments> problems() {
        MlrAlgorithm quadratic = MlrAlgorithm.SIGMOID_NAG_QUADRATIC;
        MlrAlgorithm plain = MlrAlgorithm.SIGMOID_NAG;
        SigmoidPolynomial paper = SigmoidPolynomial.PAPER;
        return Stream.of(
                Arguments.of(20, 6, 3, quadratic, 1.0, paper, 0.0128, 0, 0),
                Arguments.of(90, 11, 3, quadratic, 1.0, paper, 0.0, 0, 0),
                Arguments.of(70, 10, 5, plain, 0.01, paper, 0.0128, 30, 1),
                Arguments.of(40, 20, 10, quadratic, 1.0, FIFTH, -0.1, 0, 2),
                Arguments.of(40, 6, 3, quadratic, 1.0, SigmoidPolynomial.leastSquares(1, 4), 0.01, 0, 0),
                Arguments.of(40, 6, 3, plain, 0.01, SigmoidPolynomial.leastSquares(7, 8), 0.01, 0, 0));
    }

    @ParameterizedTest
    @MethodSource("problems")
    void simulation_anyShape_equalsTheAlgorithm(
            int rows,
            int features,
            int classes,
            MlrAlgorithm algorithm,
            double step,
            SigmoidPolynomial sigmoid,
            double start,
            int batch,
            int refreshEvery) {
        long seed = 200L + rows;
        LabelledFeatures data = Samples.clusters(rows, features, classes, seed);
        MlrSettings settings = new MlrSettings(algorithm, 3, new StepSchedule(step, step), sigmoid, start, batch);
        for (Preparation preparation : List.of(Preparation.NONE, Preparation.STANDARDISE)) {
            MlrPlan plan =
                    plan(data, preparation, settings).refreshEvery(refreshEvery).build();
            List<SoftmaxHead> heads = MlrSimulation.run(plan, data);
            ClearMlr.Run clear = ClearMlr.train(data, null, preparation, settings);
            for (int t = 0; t < 3; t++) {
                double[][] want = clear.weights().get(t);
                double[][] have = heads.get(t).weights();
                for (int c = 0; c < classes; c++) {
                    assertThat(have[c])
                            .as("seed %d, %s, iteration %d, class %d", seed, preparation, t + 1, c)
                            .containsExactly(want[c], within(1e-7));
                }
            }
        }
    }

    @Test
    void train_encrypted_equalsTheClearRunOfTheSameCircuit() {
        LabelledFeatures data = Samples.clusters(30, 12, 3, 41);
        MlrPlan plan = plan(data, Preparation.NONE, MlrSettings.paper(2, 30)).build();
        assertThat(plan.report().levelsPerIteration()).isEqualTo(8);
        List<SoftmaxHead> clear = MlrSimulation.run(plan, data);
        try (MlrClient client = MlrClient.create(plan, data)) {
            EncryptedDataset dataset = client.encrypt(data);
            assertThat(dataset.count()).isEqualTo(plan.report().ciphertextsUploaded());
            MlrTrainer.create(plan, client.evaluationKeys())
                    .train(
                            dataset,
                            null,
                            weights -> weights,
                            (weights, seconds) -> assertThat(client.decryptRaw(weights.head())
                                            .maxWeightDifference(clear.get(weights.iteration() - 1)))
                                    .as("iteration %d", weights.iteration())
                                    .isLessThan(1e-3));
        }
    }

    @Test
    void plan_besideTheDiagonalEncoding_takesTwiceTheLevelsAndManyTimesTheRotations() {
        LabelledFeatures data = Samples.clusters(64, 60, 10, 42);
        MlrSettings settings = MlrSettings.paper(2, 64);
        PlanReport revolver =
                plan(data, Preparation.NONE, settings).logN(12).build().report();
        PlanReport diagonal = plan(data, Preparation.NONE, settings)
                .encoding(Encoding.DIAGONAL)
                .logN(12)
                .build()
                .report();
        assertThat(diagonal.levelsPerIteration() * 2).isLessThanOrEqualTo(revolver.levelsPerIteration());
        assertThat(diagonal.rotationsPerIteration() * 5).isLessThan(revolver.rotationsPerIteration());
    }

    /** One ciphertext has the inverse bound of all columns: a tiny one would take the bits of the others. */
    @Test
    void plan_featureThatIsNearlyZero_isRefusedByName() {
        LabelledFeatures some = Samples.clusters(60, 6, 3, 44);
        for (double size : new double[] {1e-7, 1e-2}) {
            double[][] x = new double[60][];
            int[] labels = new int[60];
            for (int r = 0; r < 60; r++) {
                x[r] = java.util.Arrays.copyOf(some.row(r), 7);
                x[r][6] = size * (r % 5);
                labels[r] = some.label(r);
            }
            LabelledFeatures data = LabelledFeatures.of(x, labels, 3);
            MlrPlanBuilder raw = plan(data, Preparation.NONE, MlrSettings.paper(2, 60));
            if (size < 1e-6) {
                assertThatThrownBy(raw::build)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("feature 7: is so small")
                        .hasMessageContaining("must be at most 32768");
            } else {
                assertThat(raw.build().report().refreshes()).isZero();
            }
            assertThat(plan(data, Preparation.STANDARDISE, MlrSettings.paper(2, 60))
                            .build()
                            .report()
                            .refreshes())
                    .isZero();
        }
    }

    @Test
    void plan_weightsThatDoNotFitOneVector_areRefused() {
        LabelledFeatures data = Samples.clusters(20, 100, 6, 43);
        assertThatThrownBy(() ->
                        plan(data, Preparation.NONE, MlrSettings.paper(1, 20)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("features=100, classes=6");
    }
}
