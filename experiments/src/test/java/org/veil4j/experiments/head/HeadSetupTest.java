package org.veil4j.experiments.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veil4j.experiments.report.InsufficientHeapException;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.encoding.Encoding;

class HeadSetupTest {
    private static final int SEED = 96;
    private static final HeadSetup SETUP = new HeadSetup(
            Encoding.DIAGONAL,
            Preparation.STANDARDISE,
            MlrSettings.recommended(30),
            new HeadSetup.Ring(0, 0, 0, 0, false));

    private static LabelledFeatures rows() {
        Random random = new Random(SEED);
        double[][] rows = new double[384][400];
        int[] labels = new int[rows.length];
        for (int r = 0; r < rows.length; r++) {
            labels[r] = r % 10;
            for (int k = 0; k < rows[r].length; k++) {
                rows[r][k] = random.nextGaussian();
            }
        }
        return LabelledFeatures.of(rows, labels, 10);
    }

    @Test
    void planWithin_smallerHeap_keepsNoRotationsThenRefuses() {
        LabelledFeatures rows = rows();
        MlrPlan kept = SETUP.plan(rows);
        long live = kept.report().estimatedLiveBytes();
        assertThat(SETUP.planWithin(rows, live).fingerprint()).isEqualTo(kept.fingerprint());

        MlrPlan frugal = SETUP.planWithin(rows, live - 1);
        assertThat(frugal.report().estimatedLiveBytes()).as("seed %d", SEED).isLessThan((long) (0.9 * live));
        assertThat(frugal.report().rotationsPerIteration())
                .isGreaterThan(kept.report().rotationsPerIteration());

        long small = 400L << 20;
        assertThatThrownBy(() -> SETUP.planWithin(rows, small))
                .isInstanceOf(InsufficientHeapException.class)
                .hasMessageContaining("heap=400.00 MiB: the keys and ciphertexts of this plan take about")
                .hasMessageContaining("VEIL4J_HEAP=");
        assertThatThrownBy(() -> HeapLimit.requireServer(kept, small)).hasMessageContaining("VEIL4J_HEAP=");
        assertThatThrownBy(() -> HeapLimit.requireOwner(kept, small)).hasMessageContaining("VEIL4J_HEAP=");
        HeapLimit.requireOwner(kept, 2L << 30);
    }
}
