package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.veil4j.dp.mechanism.Clipping;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.mechanism.GaussianNoise;

/** The figures that the guarantee rests on, as they come out of whole steps: noise on the sum, and its sensitivity. */
class PrivateNoiseTest {
    private static final int EXAMPLES = 40;
    private static final DataSet IMAGES = TestNetworks.cast(TestNetworks.images(EXAMPLES, 1), DataType.FLOAT);

    /** The update of one step times the expected batch: the noised sum, as the rate is 1. */
    private static double[] sum(DpPlan plan, DataSet data, DataType type) {
        DpComputationGraph network = new DpComputationGraph(TestNetworks.residual(new DpSgd(1, 0, plan), type));
        network.init();
        INDArray before = network.params().dup();
        network.fit(PoissonSampler.of(data, plan));
        return before.sub(network.params())
                .castTo(DataType.DOUBLE)
                .muli(plan.expectedBatch())
                .toDoubleVector();
    }

    @ParameterizedTest
    @CsvSource({"1,0.5,40", "2.5,3,40", "0.7,1,20"})
    void fit_noise_hasTheDeviationOfThePlan(double noiseMultiplier, double clipNorm, int expectedBatch) {
        long seed = 77;
        int rounds = 6;
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int i = 0; i < rounds; i++) {
            double[] noised = sum(plan(clipNorm, noiseMultiplier, expectedBatch, seed + i), IMAGES, DataType.FLOAT);
            double[] clean = sum(plan(clipNorm, 0, expectedBatch, seed + i), IMAGES, DataType.FLOAT);
            for (int j = 0; j < clean.length; j++) {
                double noise = (noised[j] - clean[j]) / (noiseMultiplier * clipNorm);
                sum += noise;
                squares += noise * noise;
                count++;
                assertThat(noise).as("coordinate %d without noise", j).isNotZero();
            }
        }
        double unit = 5 / Math.sqrt(count);
        assertThat(sum / count).as("mean, seeds from %d", seed).isBetween(-unit, unit);
        assertThat(squares / count)
                .as("variance over (sigma C)^2, seeds from %d", seed)
                .isBetween(1 - unit * Math.sqrt(2), 1 + unit * Math.sqrt(2));
    }

    private static DpPlan plan(double clipNorm, double noiseMultiplier, int expectedBatch, long seed) {
        // One step: the noise of several would not be told apart.
        return DpPlan.builder()
                .examples(EXAMPLES)
                .expectedBatch(expectedBatch)
                .steps(1)
                .clipNorm(clipNorm)
                .delta(1e-3)
                .noiseMultiplier(noiseMultiplier)
                .seededForTesting(seed)
                .build();
    }

    @Test
    void fit_privatePlan_drawsFreshNoiseEachTime() {
        DpPlan plan = DpPlan.builder()
                .examples(EXAMPLES)
                .expectedBatch(EXAMPLES)
                .steps(1)
                .clipNorm(1)
                .delta(1e-3)
                .noiseMultiplier(1)
                .build();
        assertThat(sum(plan, IMAGES, DataType.FLOAT)).isNotEqualTo(sum(plan, IMAGES, DataType.FLOAT));
    }

    /** Adding or removing one example moves the clean sum by at most C: the sensitivity, rounding included. */
    @ParameterizedTest
    @CsvSource({"FLOAT,FLAT", "DOUBLE,FLAT", "FLOAT,AUTOMATIC", "DOUBLE,AUTOMATIC"})
    void fit_oneExampleMore_movesTheSumByAtMostTheClipNorm(DataType type, Clipping clipping) {
        double clipNorm = 0.25;
        DataSet data = TestNetworks.cast(TestNetworks.images(EXAMPLES, 9), type);
        // Gradients of very different length: features scaled by up to e^4 either way.
        Random random = new Random(3);
        for (int i = 0; i < EXAMPLES; i++) {
            data.getFeatures().slice(i).muli(Math.exp(8 * random.nextDouble() - 4));
        }
        ComputationGraph stock = TestNetworks.stockResidual(new Sgd(1), type);
        PrivateStepTest.Reference reference = PrivateStepTest.Reference.of(stock, data);
        for (int i = 0; i < EXAMPLES; i++) {
            DpPlan one = DpPlan.builder()
                    .examples(1)
                    .expectedBatch(1)
                    .steps(1)
                    .clipNorm(clipNorm)
                    .clipping(clipping)
                    .delta(1e-3)
                    .noiseMultiplier(0)
                    .build();
            DpComputationGraph network = new DpComputationGraph(TestNetworks.residual(new DpSgd(1, 0, one), type));
            network.init(stock.params().dup(), false);
            network.getConfiguration().setIterationCount(0);
            double[] contribution = contribution(network, data.get(i));
            double norm = norm(contribution);
            assertThat(norm)
                    .as(
                            "contribution of example %d, norm %s, seed 3",
                            i, reference.norms()[i])
                    .isLessThanOrEqualTo(clipNorm);
            if (clipping == Clipping.FLAT && reference.norms()[i] > clipNorm) {
                assertThat(norm).isGreaterThan(clipNorm * (1 - 2e-6));
            }
        }
    }

    private static double[] contribution(DpComputationGraph network, DataSet one) {
        double[][] seen = new double[1][];
        network.setListeners(new org.deeplearning4j.optimize.api.BaseTrainingListener() {
            @Override
            public void onGradientCalculation(org.deeplearning4j.nn.api.Model model) {
                seen[0] = model.gradient().gradient().dup().toDoubleVector();
            }
        });
        network.fit(PoissonSampler.of(one, network.plan()));
        return seen[0];
    }

    private static double norm(double[] vector) {
        double squares = 0;
        for (double x : vector) {
            squares += x * x;
        }
        return Math.sqrt(squares);
    }

    @Test
    void fit_noisedSum_liesOnTheGrid() {
        DpPlan plan = plan(1, 1.5, EXAMPLES, 5);
        double grid = GaussianNoise.grid(1.5);
        DataSet data = TestNetworks.images(EXAMPLES, 1);
        DpComputationGraph network =
                new DpComputationGraph(TestNetworks.residual(new DpSgd(1, 0, plan), DataType.DOUBLE));
        network.init();
        double[] gradient = contribution(network, data);
        for (double g : gradient) {
            double cells = g * EXAMPLES / grid;
            assertThat(Math.abs(cells - Math.rint(cells))).isLessThan(1e-4);
        }
    }
}
