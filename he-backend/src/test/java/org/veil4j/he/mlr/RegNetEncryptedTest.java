package org.veil4j.he.mlr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.mlr.clear.ClearMlr;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.Samples;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import org.veil4j.he.mlr.encoding.Encoding;

/** The paper's data under real encryption: N = 2^15, 128 bits. Trained on the first rows, tested on the rest. */
@Tag("slow")
class RegNetEncryptedTest {
    private static final Preparation PREPARATION = Preparation.STANDARDISE_ROW_NORMALISE;

    @TempDir
    Path folder;

    /** Trains encrypted; checks weights and accuracy of every iteration; returns the accuracies. */
    private List<Double> run(MlrPlan plan, LabelledFeatures train, LabelledFeatures test) {
        assertThat(plan.parameters().rlwe().securityBits()).isGreaterThanOrEqualTo(128);
        assertThat(plan.report().estimatedPeakBytes()).isLessThan(6L << 30);
        List<SoftmaxHead> circuit = MlrSimulation.run(plan, train);
        ClearMlr.Run clear = ClearMlr.train(train, test, plan.preparation(), plan.settings());
        plan.requireScoresWithin(clear.maxAbsScore());
        List<Double> accuracies = new ArrayList<>();
        try (MlrClient client = MlrClient.create(plan, train)) {
            EncryptedDataset dataset = client.encrypt(train);
            assertThat(dataset.count()).isEqualTo(plan.report().ciphertextsUploaded());
            ClientRefresher refresher = new ClientRefresher(client, folder);
            MlrTrainer trainer = MlrTrainer.create(plan, client.evaluationKeys());
            EncryptedWeights last = trainer.train(dataset, null, refresher, (weights, seconds) -> {
                int t = weights.iteration();
                SoftmaxHead head = client.decryptRaw(weights.head());
                assertThat(head.maxWeightDifference(circuit.get(t - 1)))
                        .as("iteration %d", t)
                        .isLessThan(1e-3);
                double accuracy = head.accuracy(test);
                assertThat(Math.abs(accuracy - clear.iterations().get(t - 1).testAccuracy()) * test.size())
                        .as("test rows that differ from the clear run in iteration %d", t)
                        .isLessThanOrEqualTo(1.001);
                accuracies.add(accuracy);
            });
            assertThat(refresher.count()).isEqualTo(plan.report().refreshes());
            // Ten bits, the default of decrypt-head, are coarse enough against the noise, forty never are.
            double error = client.decryptRaw(last.head()).maxWeightDifference(circuit.get(circuit.size() - 1));
            assertThat(error / client.noise(last.head()).largest())
                    .as("error over the expected")
                    .isBetween(0.15, 1.3);
            assertThat(client.decrypt(last.head(), 10).accuracy(test))
                    .isCloseTo(accuracies.get(accuracies.size() - 1), within(2.001 / test.size()));
            assertThatThrownBy(() -> client.decrypt(last.head(), 40)).hasMessageContaining("take at most");
        }
        return accuracies;
    }

    @Test
    void train_twoIterations_beatsThePaper() throws IOException {
        LabelledFeatures data = Samples.regNet();
        LabelledFeatures train = data.slice(0, 128);
        MlrPlan plan =
                MlrPlan.builder(train, PREPARATION, MlrSettings.recommended(2)).build();
        assertThat(plan.report().ciphertextsUploaded()).isLessThanOrEqualTo(6);
        assertThat(run(plan, train, data.slice(128, 512)).get(1)).isGreaterThanOrEqualTo(0.74);
    }

    @Test
    void train_thirtyIterationsOn128Rows_reachesEightyPercent() throws IOException {
        LabelledFeatures data = Samples.regNet();
        LabelledFeatures train = data.slice(0, 128);
        MlrPlan plan =
                MlrPlan.builder(train, PREPARATION, MlrSettings.recommended(30)).build();
        assertThat(plan.refreshPoints()).isNotEmpty();
        assertThat(run(plan, train, data.slice(128, 512)).get(29)).isGreaterThanOrEqualTo(0.80);
    }

    @Test
    void train_thirtyIterationsOn384Rows_reachesEightyFivePercent() throws IOException {
        LabelledFeatures data = Samples.regNet();
        LabelledFeatures train = data.slice(0, 384);
        MlrPlan plan = MlrPlan.builder(train, PREPARATION, MlrSettings.recommended(30))
                .keepRotations(false)
                .build();
        assertThat(run(plan, train, data.slice(384, 512)).get(29)).isGreaterThanOrEqualTo(0.85);
    }

    /** The paper's algorithm, weights and steps in its encoding, on our secure parameters, refreshed in between. */
    @Test
    void train_asThePaperDoes_reachesItsAccuracy() throws IOException {
        LabelledFeatures data = Samples.regNet();
        LabelledFeatures train = data.slice(0, 128);
        MlrPlan plan = MlrPlan.builder(train, Preparation.NONE, MlrSettings.paper(2, 128))
                .encoding(Encoding.VOLLEY_REVOLVER)
                .refreshEvery(1)
                .build();
        List<Double> accuracies = run(plan, train, data.slice(128, 512));
        assertThat(accuracies.get(0)).isBetween(0.19, 0.22);
        assertThat(accuracies.get(1)).isBetween(0.20, 0.23);
    }
}
