package org.veil4j.he.mlr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.Samples;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.clear.StepSchedule;
import org.veil4j.he.rlwe.SecurityLevel;

class SmallFeatureTest {
    private static final long SEED = 17;
    private static final int SMALL = 3;

    /** Rows whose third feature is multiplied by a number. */
    private static LabelledFeatures data(double times) {
        LabelledFeatures clusters = Samples.clusters(60, 5, 3, SEED);
        double[][] x = new double[clusters.size()][];
        int[] labels = new int[x.length];
        for (int r = 0; r < x.length; r++) {
            x[r] = clusters.row(r).clone();
            x[r][SMALL - 1] *= times;
            labels[r] = clusters.label(r);
        }
        return LabelledFeatures.of(x, labels, clusters.classes());
    }

    private static MlrPlan plan(LabelledFeatures data, Preparation preparation, MlrAlgorithm algorithm) {
        return MlrPlan.builder(
                        data,
                        preparation,
                        new MlrSettings(algorithm, 1, new StepSchedule(1, 0), SigmoidPolynomial.PAPER, 0, 0))
                .logN(10)
                .security(SecurityLevel.INSECURE_TEST)
                .build();
    }

    private static @Nullable SmallFeature of(LabelledFeatures data, Preparation preparation, MlrAlgorithm algorithm) {
        return SmallFeature.of(plan(data, preparation, algorithm), data);
    }

    private static SmallFeature found(LabelledFeatures data, Preparation preparation) {
        return Objects.requireNonNull(of(data, preparation, MlrAlgorithm.SIGMOID_NAG_QUADRATIC), "seed " + SEED);
    }

    @Test
    void of_featureThatIsNearlyZero_isFoundWhereNothingMakesUpForIt() {
        LabelledFeatures data = data(1e-8);
        for (Preparation raw : new Preparation[] {Preparation.NONE, Preparation.CENTRE}) {
            SmallFeature found = found(data, raw);
            assertThat(found.number()).as("%s, seed %d", raw, SEED).isEqualTo(SMALL);
            assertThat(found.noise()).isBetween(1e3, 1e5); // the square root of what it is smaller by
        }
        assertThat(of(data, Preparation.STANDARDISE, MlrAlgorithm.SIGMOID_NAG_QUADRATIC))
                .isNull();
        assertThat(of(data, Preparation.NONE, MlrAlgorithm.SIGMOID_NAG)).isNull();
    }

    @Test
    void of_featuresThatSpreadAsUsualOrAreZero_isNull() {
        for (double times : new double[] {1, 0.01, 0}) {
            assertThat(of(data(times), Preparation.NONE, MlrAlgorithm.SIGMOID_NAG_QUADRATIC))
                    .as("times %s", times)
                    .isNull();
        }
    }

    @Test
    void noise_ofATrainedHead_isSoMuchLarger() {
        double[] noise = new double[2];
        double[] times = {1, 1e-8};
        for (int i = 0; i < 2; i++) {
            LabelledFeatures data = data(times[i]);
            MlrPlan plan = plan(data, Preparation.NONE, MlrAlgorithm.SIGMOID_NAG_QUADRATIC);
            try (MlrClient client = MlrClient.create(plan, data)) {
                EncryptedHead head = MlrTrainer.create(plan, client.evaluationKeys())
                        .train(client.encrypt(data), null, client::refresh, (weights, seconds) -> {})
                        .head();
                noise[i] = client.noise(head).deviation();
            }
        }
        SmallFeature small = found(data(1e-8), Preparation.NONE);
        assertThat(Math.log(noise[1] / noise[0]) / Math.log(small.noise()))
                .as("seed %d: noise %s and %s", SEED, noise[0], noise[1])
                .isCloseTo(1, within(0.3));
    }
}
