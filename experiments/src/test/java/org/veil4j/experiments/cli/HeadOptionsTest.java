package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import picocli.CommandLine;

class HeadOptionsTest {
    private static final int SEED = 97;

    /** Rows of the size of the paper's: 128 of 400 features that are never negative, ten classes. */
    private static LabelledFeatures rows() {
        Random random = new Random(SEED);
        double[][] rows = new double[128][400];
        int[] labels = new int[rows.length];
        for (int r = 0; r < rows.length; r++) {
            labels[r] = r % 10;
            for (int k = 0; k < rows[r].length; k++) {
                rows[r][k] = random.nextDouble();
            }
        }
        return LabelledFeatures.of(rows, labels, 10);
    }

    private static MlrPlan plan(String... args) {
        LabelledFeatures rows = rows();
        return CommandLine.populateCommand(new HeadOptions(), args)
                .setup(rows.size())
                .plan(rows);
    }

    @Test
    void setup_thePapersRun_takesItsRingAndNoRefresh() {
        MlrPlan plan = plan("--encoding", "volley-revolver", "--preparation", "none", "--iterations", "2");
        assertThat(plan.parameters().rlwe().logN()).isEqualTo(16);
        assertThat(plan.parameters().rlwe().securityBits()).isGreaterThanOrEqualTo(128);
        assertThat(plan.report().refreshes()).isZero();
        assertThat(plan.report().ciphertextsUploaded()).isEqualTo(6);
        assertThat(plan.report().estimatedPeakBytes()).isLessThan(6L << 30);
    }

    @Test
    void setup_ours_uploadsNoMoreOnASmallerRing() {
        MlrPlan plan = plan("--iterations", "2");
        assertThat(plan.parameters().rlwe().logN()).isEqualTo(15);
        assertThat(plan.parameters().rlwe().securityBits()).isGreaterThanOrEqualTo(128);
        assertThat(plan.report().refreshes()).isZero();
        assertThat(plan.report().ciphertextsUploaded()).isLessThanOrEqualTo(6);
        assertThat(plan.report().estimatedPeakBytes()).isLessThan(6L << 30);
    }
}
