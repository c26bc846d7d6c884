package org.veil4j.he.mlr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.Samples;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import org.veil4j.he.mlr.clear.StepSchedule;
import org.veil4j.he.mlr.encoding.Encoding;
import org.veil4j.he.mlr.encoding.FeatureScaling;
import org.veil4j.he.rlwe.SecurityLevel;

/** The noise that a head's owner measures without knowing the right weights, against the errors that it has. */
class WeightNoiseTest {
    private static final SigmoidPolynomial SIGMOID = SigmoidPolynomial.PAPER;

    @TempDir
    Path folder;

    /** Encoding, algorithm, step, preparation, iterations, refreshEvery, scaleBits, classes. */
    static Stream<Arguments> runs() {
        MlrAlgorithm quadratic = MlrAlgorithm.SIGMOID_NAG_QUADRATIC;
        Preparation usual = Preparation.STANDARDISE_ROW_NORMALISE;
        return Stream.of(
                Arguments.of(Encoding.DIAGONAL, quadratic, 1.0, usual, 3, 0, 40, 3),
                Arguments.of(Encoding.DIAGONAL, quadratic, 1.0, usual, 3, 0, 34, 2),
                Arguments.of(Encoding.DIAGONAL, quadratic, 1.0, usual, 8, 2, 40, 4),
                Arguments.of(Encoding.DIAGONAL, MlrAlgorithm.SIGMOID_NAG, 0.01, Preparation.STANDARDISE, 3, 1, 40, 5),
                Arguments.of(Encoding.VOLLEY_REVOLVER, quadratic, 1.0, usual, 3, 0, 40, 3),
                Arguments.of(Encoding.VOLLEY_REVOLVER, quadratic, 1.0, Preparation.NONE, 5, 1, 40, 5));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void decrypt_anyRun_measuresTheErrorsThatThereAre(
            Encoding encoding,
            MlrAlgorithm algorithm,
            double step,
            Preparation preparation,
            int iterations,
            int refreshEvery,
            int scaleBits,
            int classes) {
        long seed = 51;
        LabelledFeatures data = Samples.clusters(60, 20, classes, seed);
        MlrSettings settings = new MlrSettings(algorithm, iterations, new StepSchedule(step, step), SIGMOID, 0, 0);
        MlrPlan plan = MlrPlan.builder(data, preparation, settings)
                .encoding(encoding)
                .logN(10)
                .scaleBits(scaleBits)
                .refreshEvery(refreshEvery)
                .security(SecurityLevel.INSECURE_TEST)
                .build();
        List<SoftmaxHead> clear = MlrSimulation.run(plan, data);
        try (MlrClient client = MlrClient.create(plan, data)) {
            EncryptedHead head = MlrTrainer.create(plan, client.evaluationKeys())
                    .train(client.encrypt(data), null, new ClientRefresher(client, folder), TrainingListener.NONE)
                    .head();
            WeightNoise noise = client.noise(head);
            double error = client.decryptRaw(head).maxWeightDifference(clear.get(iterations - 1));
            assertThat(error / noise.largest())
                    .as("seed %d: error over the expected", seed)
                    .isBetween(0.15, 1.3);
            int bits = noise.publishableBits();
            assertThat(Math.scalb(1.0, -bits)).isBetween(8 * noise.largest(), 16 * noise.largest());
            assertThat(client.decrypt(head, bits).maxWeightDifference(clear.get(iterations - 1)))
                    .isLessThan(0.63 * Math.scalb(1.0, -bits)); // half for rounding, an eighth for the error
            assertThatThrownBy(() -> client.decrypt(head, bits + 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bits=" + (bits + 1))
                    .hasMessageContaining("take at most " + bits + ", or raw weights (--raw)");
            assertThatThrownBy(() -> client.decrypt(head, 41)).hasMessageContaining("bits=41: must be 0 to 40");
        }
    }

    @Test
    void of_noiseOfOneColumn_isThatOfTheNoisiestInUnitsOfTheHead() {
        double[][] rows = {{1, 0}, {0, 1}, {1, 1}};
        LabelledFeatures data = LabelledFeatures.of(rows, new int[] {0, 1, 1}, 2);
        FeatureScaling scaling =
                FeatureScaling.fit(data, Preparation.NONE, MlrAlgorithm.SIGMOID_NAG_QUADRATIC, Encoding.DIAGONAL);
        double[][] noise = {{3e-6, 0, 1e-6}, {4e-6, 0, -1e-6}};
        WeightNoise found = WeightNoise.of(noise, scaling);
        double bias = Math.sqrt((9 + 16) / 2.0) * 1e-6 * scaling.factor(0);
        double quiet = Math.sqrt((9 + 16 + 1 + 1) / 6.0) * 1e-6 * scaling.factor(1);
        assertThat(found.deviation()).isCloseTo(Math.max(bias, quiet), within(1e-12));
        assertThat(found.weights()).isEqualTo(6);
        assertThat(found.largest()).isCloseTo(found.deviation() * Math.sqrt(2 * Math.log(12)), within(1e-15));
        assertThat(new WeightNoise(0, 6).publishableBits()).isEqualTo(40);
        assertThat(new WeightNoise(1, 6).publishableBits()).isEqualTo(-5); // 8 * 2.23 is between 2^4 and 2^5
    }
}
