package org.veil4j.experiments.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veil4j.he.mlr.clear.ClearMlr;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;

class ClearMethodsTest {
    private static final int SEED = 95;

    @Test
    void largestEigenvalue_ofKnownMatrices_isThat() {
        assertThat(ClearMethods.largestEigenvalue(new double[][] {{3, 0}, {0, 1}}))
                .isCloseTo(9, within(1e-9));
        // X^T X = {{2, 1}, {1, 2}} has 3 and 1.
        assertThat(ClearMethods.largestEigenvalue(new double[][] {{1, 0}, {0, 1}, {1, 1}}))
                .isCloseTo(3, within(1e-9));
    }

    @Test
    void largestEigenvalue_rowsThatCancelInASum_isTheirs() {
        assertThat(ClearMethods.largestEigenvalue(new double[][] {{1, -1}, {1, -1}, {1, -1}}))
                .isCloseTo(6, within(1e-9));
        assertThat(ClearMethods.largestEigenvalue(new double[][] {{0, 0}, {0, 0}}))
                .isZero();
    }

    @Test
    void run_separableRows_everyMethodLearnsWithoutOvershooting() {
        Random random = new Random(SEED);
        double[][] rows = new double[90][4];
        int[] labels = new int[rows.length];
        for (int r = 0; r < rows.length; r++) {
            labels[r] = r % 3;
            for (int k = 0; k < 4; k++) {
                rows[r][k] = (k == labels[r] ? 2 : 0) + 0.3 * random.nextGaussian();
            }
        }
        LabelledFeatures all = LabelledFeatures.of(rows, labels, 3);
        HeadData data = new HeadData(all.slice(0, 60), all.slice(60, 90));
        List<ClearMethods.Method> methods =
                ClearMethods.run(data, Preparation.STANDARDISE, MlrSettings.recommended(15));
        assertThat(methods)
                .extracting(ClearMethods.Method::name)
                .containsExactly("NAG, softmax", "NAG, sigmoid", "quadratic gradient");
        for (ClearMethods.Method method : methods) {
            List<ClearMlr.Iteration> iterations = method.run().iterations();
            assertThat(iterations).hasSize(15);
            assertThat(iterations.get(14).testAccuracy())
                    .as("seed %d, %s", SEED, method.name())
                    .isGreaterThan(0.9);
            assertThat(iterations.get(14).loss())
                    .as("seed %d, %s", SEED, method.name())
                    .isLessThan(0.6 * iterations.get(0).loss());
        }
    }
}
