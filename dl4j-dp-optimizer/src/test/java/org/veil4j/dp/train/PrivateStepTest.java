package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
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

    /** Two inputs, two outputs: an example's gradient is that of both its losses. */
    @Test
    void fit_severalInputsAndOutputs_equalsBatchOfOneLoop() {
        DataSet data = TestNetworks.flat(EXAMPLES, 4);
        INDArray left = data.getFeatures()
                .get(NDArrayIndex.all(), NDArrayIndex.interval(0, 5))
                .dup();
        INDArray right = data.getFeatures()
                .get(NDArrayIndex.all(), NDArrayIndex.interval(5, 8))
                .dup();
        INDArray labels = data.getLabels();
        ComputationGraph stock = new ComputationGraph(twoByTwo(new Sgd(1)));
        stock.init();
        double[][] gradients = new double[EXAMPLES][];
        for (int i = 0; i < EXAMPLES; i++) {
            stock.setInputs(left.getRow(i, true), right.getRow(i, true));
            stock.setLabels(labels.getRow(i, true), left.getRow(i, true));
            stock.computeGradientAndScore();
            gradients[i] = stock.gradient().gradient().dup().toDoubleVector();
        }
        Reference reference = Reference.of(gradients);
        DpPlan plan = plan(reference.medianNorm(), 7);
        DpComputationGraph network = new DpComputationGraph(twoByTwo(new DpSgd(1, 0, plan)));
        network.init(stock.params().dup(), false);
        INDArray before = network.params().dup();
        network.fit(PoissonSampler.of(new Source(new INDArray[] {left, right}, new INDArray[] {labels, left}), plan));
        check(network.lastStep().clipped(), reference, before.sub(network.params()), 1e-10);
    }

    private static ComputationGraphConfiguration twoByTwo(IUpdater updater) {
        return TestNetworks.base(updater, DataType.DOUBLE)
                .graphBuilder()
                .addInputs("left", "right")
                .addLayer("a", new DenseLayer.Builder().nIn(5).nOut(4).build(), "left")
                .addLayer("b", new DenseLayer.Builder().nIn(3).nOut(4).build(), "right")
                .addVertex("both", new MergeVertex(), "a", "b")
                .addLayer("c", new DenseLayer.Builder().nIn(8).nOut(6).build(), "both")
                .addLayer("class", TestNetworks.output().nIn(6).build(), "c")
                .addLayer(
                        "value",
                        new OutputLayer.Builder(LossFunction.MSE).nIn(6).nOut(5).build(),
                        "c")
                .setOutputs("class", "value")
                .build();
    }

    private record Source(INDArray[] features, INDArray[] labels) implements ExampleSource {
        @Override
        public int size() {
            return EXAMPLES;
        }

        @Override
        public long[][] featureShapes() {
            return new long[][] {{5}, {3}};
        }

        @Override
        public long[][] labelShapes() {
            return new long[][] {{3}, {5}};
        }

        @Override
        public DataType dataType() {
            return DataType.DOUBLE;
        }

        @Override
        public void read(int[] indices, INDArray[] featureRows, INDArray[] labelRows) {
            for (int i = 0; i < indices.length; i++) {
                for (int k = 0; k < 2; k++) {
                    featureRows[k].putRow(i, features[k].getRow(indices[i]));
                    labelRows[k].putRow(i, labels[k].getRow(indices[i]));
                }
            }
        }
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
            for (int i = 0; i < n; i++) {
                gradients[i] = gradient(network, data.get(i));
            }
            return of(gradients);
        }

        static Reference of(double[][] gradients) {
            double[] norms = new double[gradients.length];
            for (int i = 0; i < norms.length; i++) {
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
