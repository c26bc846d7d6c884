package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.veil4j.dp.mechanism.DpPlan;

/** A step without noise and with all examples must be the step of a loop over batches of one on a stock network. */
class PrivateStepTest {
    private static final int EXAMPLES = 24;

    @ParameterizedTest
    @CsvSource({"FLOAT,24,1e-5", "FLOAT,5,1e-5", "DOUBLE,24,1e-10", "DOUBLE,7,1e-10"})
    void fit_sequentialWithoutNoise_equalsBatchOfOneLoop(DataType type, int physicalBatch, double tolerance) {
        DataSet data = TestNetworks.cast(TestNetworks.flat(EXAMPLES, 1), type);
        MultiLayerNetwork stock = TestNetworks.stockDense(new Sgd(1), type);
        Reference reference = Reference.of(stock, data);
        DpMultiLayerNetwork network = new DpMultiLayerNetwork(
                TestNetworks.dense(new DpSgd(1, 0, plan(reference.medianNorm(), physicalBatch)), type));
        network.init(stock.params().dup(), false);
        INDArray before = network.params().dup();
        network.fit(PoissonSampler.of(data, network.plan()));
        check(network.lastStep().clipped(), reference, before.sub(network.params()), tolerance);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT,24,1e-5", "FLOAT,5,1e-5", "DOUBLE,24,1e-10", "DOUBLE,7,1e-10"})
    void fit_graphWithoutNoise_equalsBatchOfOneLoop(DataType type, int physicalBatch, double tolerance) {
        DataSet data = TestNetworks.cast(TestNetworks.images(EXAMPLES, 1), type);
        ComputationGraph stock = TestNetworks.stockResidual(new Sgd(1), type);
        Reference reference = Reference.of(stock, data);
        DpComputationGraph network = new DpComputationGraph(
                TestNetworks.residual(new DpSgd(1, 0, plan(reference.medianNorm(), physicalBatch)), type));
        network.init(stock.params().dup(), false);
        INDArray before = network.params().dup();
        network.fit(PoissonSampler.of(data, network.plan()));
        check(network.lastStep().clipped(), reference, before.sub(network.params()), tolerance);
    }

    private static DpPlan plan(double clipNorm, int physicalBatch) {
        return TestNetworks.plan(EXAMPLES, EXAMPLES)
                .clipNorm(clipNorm)
                .noiseMultiplier(0)
                .physicalBatch(physicalBatch)
                .build();
    }

    private static void check(int clipped, Reference reference, INDArray update, double tolerance) {
        assertThat(clipped).isEqualTo(EXAMPLES / 2);
        double[] expected = reference.clippedSum(reference.medianNorm());
        double[] found = update.mul(EXAMPLES).toDoubleVector();
        assertThat(Reference.relativeError(found, expected)).isLessThan(tolerance);
    }

    /** Gradients of single examples. */
    record Reference(double[][] gradients, double[] norms) {
        static Reference of(Model network, DataSet data) {
            int n = data.numExamples();
            double[][] gradients = new double[n][];
            double[] norms = new double[n];
            for (int i = 0; i < n; i++) {
                gradients[i] = gradient(network, data.get(i));
                norms[i] = Math.sqrt(Arrays.stream(gradients[i]).map(x -> x * x).sum());
            }
            return new Reference(gradients, norms);
        }

        private static double[] gradient(Model network, DataSet one) {
            if (network instanceof MultiLayerNetwork n) {
                n.setInput(one.getFeatures());
                n.setLabels(one.getLabels());
                n.computeGradientAndScore();
            } else if (network instanceof ComputationGraph n) {
                n.setInputs(one.getFeatures());
                n.setLabels(one.getLabels());
                n.computeGradientAndScore();
            }
            return network.gradient().gradient().dup().toDoubleVector();
        }

        double medianNorm() {
            double[] sorted = norms.clone();
            Arrays.sort(sorted);
            return 0.5 * (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]);
        }

        double[] clippedSum(double clipNorm) {
            double[] sum = new double[gradients[0].length];
            for (int i = 0; i < gradients.length; i++) {
                double factor = Math.min(1, clipNorm / norms[i]);
                for (int j = 0; j < sum.length; j++) {
                    sum[j] += factor * gradients[i][j];
                }
            }
            return sum;
        }

        static double relativeError(double[] found, double[] expected) {
            double error = 0;
            double size = 0;
            for (int i = 0; i < expected.length; i++) {
                error += (found[i] - expected[i]) * (found[i] - expected[i]);
                size += expected[i] * expected[i];
            }
            return Math.sqrt(error / size);
        }
    }
}
