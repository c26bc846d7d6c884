package org.veil4j.he.mlr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.Samples;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.clear.StepSchedule;
import org.veil4j.he.mlr.encoding.Encoding;
import org.veil4j.he.rlwe.SecurityLevel;

/** What a plan chooses, knows and refuses. */
class MlrPlanTest {
    private static MlrPlanBuilder plan(LabelledFeatures data, MlrSettings settings) {
        return MlrPlan.builder(data, Preparation.STANDARDISE_ROW_NORMALISE, settings);
    }

    private static LabelledFeatures data() {
        return Samples.clusters(30, 5, 3, 61);
    }

    private static MlrSettings settings(MlrAlgorithm algorithm, SigmoidPolynomial sigmoid, double step) {
        return new MlrSettings(algorithm, 2, new StepSchedule(step, 0), sigmoid, 0, 0);
    }

    @Test
    void build_ofTwoIterations_knowsLevelsKeysAndSizes() {
        MlrPlan plan = plan(data(), MlrSettings.recommended(2))
                .logN(11)
                .security(SecurityLevel.INSECURE_TEST)
                .build();
        PlanReport report = plan.report();
        assertThat(plan.parameters().maxLevel()).isEqualTo(6); // two for the first iteration, four for the second
        assertThat(report.levelsPerIteration()).isEqualTo(4);
        assertThat(report.refreshes()).isZero();
        // One block: 5 features and the constant one in rows of 16 slots for 4 classes; 64 rows in 1024 slots.
        assertThat(report.ciphertextsUploaded()).isEqualTo(2);
        // Fold and replicate by 4, 8; four diagonals, each over 64 rows. The first iteration: 3 shifts of X in place of
        // these.
        assertThat(report.rotations()).containsExactly(3L + 4 * 6, 2 + 2 + 4 * 6L);
        assertThat(report.rotationsPerIteration()).isEqualTo(28);
        // Scores, square and product for one block, four diagonals.
        assertThat(report.keySwitches().get(1)).isEqualTo(28 + 3 + 4);
        assertThat(report.evaluationKeys()).isEqualTo(plan.keys().rotations().size() + 1);
        assertThat(report.estimatedPeakBytes()).isGreaterThan(report.evaluationKeyBytes());
        double one = plan.estimateSeconds(1);
        assertThat(one).isPositive();
        assertThat(plan.estimateSeconds(2)).isEqualTo(one / 2);
    }

    @ParameterizedTest
    @CsvSource({"14, 30", "15, 30", "14, 2", "16, 30"})
    void build_securely_refreshesAsSeldomAsTheLevelsAllow(int logN, int iterations) {
        MlrPlan plan =
                plan(data(), MlrSettings.recommended(iterations)).logN(logN).build();
        assertThat(plan.parameters().rlwe().securityBits()).isGreaterThanOrEqualTo(128);
        int left = plan.parameters().maxLevel() - 2;
        int done = 0;
        for (int point : plan.refreshPoints()) {
            left -= 4 * (point - done - (done == 0 ? 1 : 0));
            assertThat(left).as("levels before the refresh after %d", point).isNotNegative();
            left = plan.parameters().maxLevel();
            done = point;
        }
        List<Integer> points = plan.refreshPoints();
        if (!points.isEmpty()) {
            int every = plan.parameters().maxLevel() / 4;
            assertThat(points.size()).isEqualTo((iterations - points.get(0) + every - 1) / every);
            assertThatThrownBy(() -> plan(data(), MlrSettings.recommended(iterations))
                            .logN(logN)
                            .refreshEvery(every + 2)
                            .build())
                    .hasMessageContaining("logN=" + logN);
        }
    }

    @Test
    void build_underAMemoryBudget_dropsWhatCanBeMadeAgainOrRefuses() {
        LabelledFeatures data = Samples.clusters(600, 20, 10, 62);
        MlrPlanBuilder builder = plan(data, MlrSettings.recommended(3)).logN(12).security(SecurityLevel.INSECURE_TEST);
        MlrPlan free = builder.build();
        long enough = free.report().estimatedPeakBytes();
        MlrPlan tight = builder.memoryBytes(enough - 1).build();
        assertThat(tight.report().estimatedPeakBytes()).isLessThan(enough);
        assertThat(tight.report().rotationsPerIteration())
                .isGreaterThan(free.report().rotationsPerIteration());
        assertThatThrownBy(() -> builder.memoryBytes(400L << 20).build()).hasMessageContaining("memory=400 MiB");
        assertThatThrownBy(() -> tight.requireMemory(400L << 20)).hasMessageContaining("memory=400 MiB");
        assertThatCode(() -> tight.requireMemory(0)).doesNotThrowAnyException();
        // 0 is no limit here as well: nothing is dropped for it.
        assertThat(builder.memoryBytes(0).build().report().estimatedPeakBytes()).isEqualTo(enough);
    }

    /** Columns over several blocks: what is made again for one block of rows is as much as its column blocks have shifts. */
    @Test
    void estimate_droppedRotations_countsTheShiftsOfAllColumnBlocks() {
        LabelledFeatures data = Samples.clusters(10, 900, 4, 65);
        MlrPlan plan = plan(data, MlrSettings.recommended(2))
                .logN(10)
                .security(SecurityLevel.INSECURE_TEST)
                .keepRotations(false)
                .build();
        int columnBlocks = plan.encoder().weightVectors() / 4;
        assertThat(columnBlocks).isGreaterThan(1);
        assertThat(plan.encoder().keptCiphertexts()).isGreaterThan(3 * columnBlocks);
        MlrPlan kept = plan(data, MlrSettings.recommended(2))
                .logN(10)
                .security(SecurityLevel.INSECURE_TEST)
                .build();
        assertThat(plan.report().estimatedPeakBytes())
                .isLessThanOrEqualTo(kept.report().estimatedPeakBytes());
    }

    /** The paper's encoding keeps the residuals of every block of rows once for each class. */
    @Test
    void estimate_revolver_countsMovedResiduals() {
        long before = 0;
        for (int rows : new int[] {32, 64, 128}) { // 16 rows in a block
            LabelledFeatures data = Samples.clusters(rows, 20, 10, 66);
            MlrPlan plan = MlrPlan.builder(data, Preparation.STANDARDISE, MlrSettings.recommended(2))
                    .encoding(Encoding.VOLLEY_REVOLVER)
                    .logN(10)
                    .security(SecurityLevel.INSECURE_TEST)
                    .build();
            int blocks = rows / 16;
            assertThat(plan.encoder().keptCiphertexts()).isGreaterThanOrEqualTo(10 * blocks);
            assertThat(plan.report().estimatedPeakBytes()).isGreaterThan(before);
            before = plan.report().estimatedPeakBytes();
        }
    }

    @Test
    void build_columnsJustOverAPowerOfTwo_takesNarrowerRows() {
        LabelledFeatures data = Samples.clusters(1200, 64, 10, 64);
        MlrPlan chosen = plan(data, MlrSettings.recommended(2))
                .logN(12)
                .security(SecurityLevel.INSECURE_TEST)
                .build();
        MlrPlan wide = MlrPlan.of(
                chosen.values().withSpec(chosen.values().spec().withMostWidth(1 << 11)), chosen.parameters());
        assertThat(chosen.report().relativeCost()).isLessThan(wide.report().relativeCost());
        assertThat(8 * chosen.report().ciphertextsUploaded())
                .isLessThanOrEqualTo(9 * wide.report().ciphertextsUploaded());
        double[][] want = MlrSimulation.run(wide, data).get(1).weights();
        double[][] have = MlrSimulation.run(chosen, data).get(1).weights();
        for (int c = 0; c < 10; c++) {
            assertThat(have[c]).containsExactly(want[c], org.assertj.core.api.Assertions.within(1e-7));
        }
    }

    @Test
    void build_whatDoesNotFit_isRefused() {
        assertThatThrownBy(
                        () -> plan(data(), MlrSettings.recommended(1)).logN(11).build())
                .hasMessageContaining("logN=11"); // no secure chain is long enough
        LabelledFeatures many = Samples.clusters(300, 1, 300, 63);
        assertThatThrownBy(() -> plan(many, MlrSettings.recommended(1))
                        .logN(10)
                        .security(SecurityLevel.INSECURE_TEST)
                        .build())
                .hasMessageContaining("classes=300: must be at most 256");
        assertThatThrownBy(() -> plan(data(), settings(MlrAlgorithm.SIGMOID_NAG, SigmoidPolynomial.PAPER, 1e-40))
                        .build())
                .hasMessageContaining("scaleBits=40");
        SigmoidPolynomial ninth = SigmoidPolynomial.leastSquares(9, 8);
        assertThatThrownBy(() -> plan(data(), settings(MlrAlgorithm.SIGMOID_NAG, ninth, 1))
                        .build())
                .hasMessageContaining("degree=9");
        assertThatThrownBy(() -> plan(data(), settings(MlrAlgorithm.SOFTMAX_NAG, SigmoidPolynomial.PAPER, 1))
                        .build())
                .hasMessageContaining("algorithm=SOFTMAX_NAG");
        MlrSettings exact = new MlrSettings(MlrAlgorithm.SIGMOID_NAG, 1, StepSchedule.RECOMMENDED, null, 0, 0);
        assertThatThrownBy(() -> plan(data(), exact).build()).hasMessageContaining("sigmoid=null");
        assertThatThrownBy(() -> plan(data(), exact).scaleBits(20)).hasMessageContaining("scaleBits=20");
        assertThatThrownBy(() -> plan(data(), exact).refreshEvery(-1)).hasMessageContaining("refreshEvery=-1");
        LabelledFeatures poor = LabelledFeatures.of(new double[][] {{1}, {2}}, new int[] {0, 0}, 2);
        assertThatThrownBy(() -> plan(poor, exact)).hasMessageContaining("class=1");
    }

    @ParameterizedTest
    @EnumSource(Preparation.class)
    void build_everyFeatureConstant_isRefused(Preparation preparation) {
        double[][] same = {{0.1, 0, 0.3}, {0.1, 0, 0.3}, {0.1, 0, 0.3}};
        LabelledFeatures constant = LabelledFeatures.of(same, new int[] {0, 1, 1}, 2);
        assertThatThrownBy(() -> MlrPlan.builder(constant, preparation, MlrSettings.recommended(1))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("all 3 are constant");
    }

    @Test
    void simulation_weightsThatOutgrowTheLowestPrime_areRefused() {
        LabelledFeatures data = data();
        MlrPlanBuilder builder =
                plan(data, MlrSettings.recommended(12)).logN(10).security(SecurityLevel.INSECURE_TEST);
        assertThat(MlrSimulation.run(builder.build(), data)).hasSize(12);
        assertThatThrownBy(() -> MlrSimulation.run(builder.scaleBits(48).build(), data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fewer scaleBits");
    }

    @Test
    void requireScoresWithin_beyondTheInterval_namesTheRemedy() {
        MlrPlan plan = plan(data(), MlrSettings.recommended(1))
                .logN(10)
                .security(SecurityLevel.INSECURE_TEST)
                .build();
        assertThatCode(() -> plan.requireScoresWithin(9.6)).doesNotThrowAnyException();
        assertThatThrownBy(() -> plan.requireScoresWithin(9.7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxAbsScore=9.7")
                .hasMessageContaining("smaller steps");
        assertThatThrownBy(() -> plan.requireScoresWithin(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void fingerprint_ofAnyOtherChoice_isAnother() {
        MlrPlanBuilder builder =
                plan(data(), MlrSettings.recommended(2)).logN(10).security(SecurityLevel.INSECURE_TEST);
        MlrPlan plan = builder.build();
        assertThat(builder.build().fingerprint()).isEqualTo(plan.fingerprint());
        assertThat(builder.keepRotations(false).build().fingerprint()).isNotEqualTo(plan.fingerprint());
        assertThat(builder.keepRotations(true).refreshEvery(1).build().fingerprint())
                .isNotEqualTo(plan.fingerprint());
    }
}
