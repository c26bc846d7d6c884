package org.veil4j.dp.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Norms and clipped sums of whole networks against a loop of single examples on the stock network. */
class PrivateLayersTest {
    private static final int EXAMPLES = 12;

    /** A network and the shape of its input. */
    record Case(String name, DataType type, Object conf, long[] input, int outputs) {
        @Override
        public String toString() {
            return name + " " + type;
        }

        Oracle oracle() {
            return conf instanceof MultiLayerConfiguration m
                    ? Oracle.of(m)
                    : Oracle.of((ComputationGraphConfiguration) conf);
        }

        INDArray features(int examples, long seed) {
            long[] shape = new long[input.length + 1];
            shape[0] = examples;
            System.arraycopy(input, 0, shape, 1, input.length);
            return Oracle.uniform(seed, type, shape);
        }

        INDArray labels(int examples) {
            return Oracle.labels(type, examples, outputs);
        }

        double tolerance() {
            return type == DataType.DOUBLE ? 1e-10 : 1e-5;
        }
    }

    static List<Case> cases() {
        List<Case> all = new ArrayList<>();
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
            all.add(new Case("convolutions, pooling, dense", type, layers(type), new long[] {2, 12, 10}, 5));
            all.add(new Case("no biases", type, withoutBias(type), new long[] {1, 8, 8}, 4));
            all.add(new Case("dense only, other losses", type, dense(type), new long[] {9}, 3));
            all.add(new Case("residual graph", type, graph(type), new long[] {3, 8, 8}, 4));
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void clippedSum_halfOfTheExamplesClipped_equalsLoopOfSingleExamples(Case c) {
        long seed = 11;
        Oracle oracle = c.oracle();
        oracle.capture(true);
        for (int examples : new int[] {EXAMPLES, 5, EXAMPLES + 3}) { // the batch size may change between calls
            INDArray x = c.features(examples, seed + examples);
            INDArray y = c.labels(examples);
            oracle.privateBatch(x, y);
            double[] squared = oracle.squaredNorms(examples);

            double[][] single = new double[examples][];
            for (int i = 0; i < examples; i++) {
                single[i] = oracle.stockGradient(x, y, i);
                assertThat(Math.sqrt(squared[i]))
                        .as("norm of example %d of %d, seed %d", i, examples, seed)
                        .isCloseTo(Math.sqrt(Oracle.squared(single[i])), within(c, Math.sqrt(squared[i])));
            }
            double[] sorted = Arrays.stream(squared).map(Math::sqrt).sorted().toArray();
            double clip = sorted[examples / 2];
            double[] factors = Arrays.stream(squared)
                    .map(s -> Math.min(1, clip / Math.sqrt(s)))
                    .toArray();
            assertThat(Arrays.stream(factors).filter(f -> f < 1).count())
                    .as("clipped")
                    .isEqualTo((examples - 1) / 2);
            double[] expected = new double[single[0].length];
            for (int i = 0; i < examples; i++) {
                double f = Math.min(1, clip / Math.sqrt(Oracle.squared(single[i])));
                for (int k = 0; k < expected.length; k++) {
                    expected[k] += f * single[i][k];
                }
            }
            assertThat(Oracle.relativeError(oracle.weightedSum(factors), expected))
                    .as("clipped sum of %d examples, seed %d", examples, seed)
                    .isLessThan(c.tolerance());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void weightedSum_factorsOne_equalsStockGradientInItsLayout(Case c) {
        Oracle oracle = c.oracle();
        oracle.capture(true);
        INDArray x = c.features(EXAMPLES, 5);
        INDArray y = c.labels(EXAMPLES);
        oracle.privateBatch(x, y);
        double[] ones = new double[EXAMPLES];
        Arrays.fill(ones, 1);
        assertThat(Oracle.relativeError(oracle.weightedSum(ones), oracle.stockBatch(x, y)))
                .isLessThan(c.tolerance());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void capture_turnedOff_givesStockGradientBitForBit(Case c) {
        Oracle oracle = c.oracle();
        INDArray x = c.features(EXAMPLES, 6);
        INDArray y = c.labels(EXAMPLES);
        assertThat(oracle.privateBatch(x, y)).as("never on").containsExactly(oracle.stockBatch(x, y));
        oracle.capture(true);
        oracle.privateBatch(x, y);
        oracle.capture(false);
        assertThat(oracle.privateBatch(x, y)).as("off again").containsExactly(oracle.stockBatch(x, y));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void weightedSum_examplesWithNaNHaveFactorZero_equalsSumOfTheOthers(Case c) {
        Oracle oracle = c.oracle();
        oracle.capture(true);
        INDArray x = c.features(EXAMPLES, 7);
        INDArray y = c.labels(EXAMPLES);
        oracle.privateBatch(x, y);
        double[] factors = new double[EXAMPLES];
        Arrays.setAll(factors, i -> i % 5 == 1 ? 0 : 0.1 * i);
        double[] expected = oracle.weightedSum(factors);

        INDArray broken = x.dup();
        long each = x.length() / EXAMPLES;
        INDArray flat = broken.reshape('c', EXAMPLES, each);
        flat.putScalar(1, 3, Double.NaN);
        flat.putScalar(6, each - 1, Double.POSITIVE_INFINITY);
        flat.putScalar(11, 0, Double.NEGATIVE_INFINITY);
        oracle.privateBatch(broken, y);
        double[] squared = oracle.squaredNorms(EXAMPLES);
        for (int i = 0; i < EXAMPLES; i++) {
            assertThat(Double.isFinite(squared[i]))
                    .as("norm of example %d is finite", i)
                    .isEqualTo(i % 5 != 1);
        }
        assertThat(oracle.weightedSum(factors)).containsExactly(expected);
    }

    private static org.assertj.core.data.Offset<Double> within(Case c, double value) {
        return org.assertj.core.data.Offset.offset(c.tolerance() * value);
    }

    private static NeuralNetConfiguration.Builder base(DataType type) {
        return new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(type)
                .weightInit(WeightInit.XAVIER)
                .updater(new Sgd(0.1));
    }

    private static MultiLayerConfiguration layers(DataType type) {
        return base(type)
                .list()
                .layer(new ConvolutionLayer.Builder(5, 5)
                        .nOut(4)
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.TANH)
                        .build())
                .layer(new SubsamplingLayer.Builder(
                                SubsamplingLayer.PoolingType.AVG, new int[] {2, 2}, new int[] {2, 2})
                        .build())
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(6)
                        .convolutionMode(ConvolutionMode.Truncate)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(new ActivationLayer(Activation.SIGMOID))
                .layer(new DenseLayer.Builder()
                        .nOut(7)
                        .activation(Activation.SOFTPLUS)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nOut(5)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(12, 10, 2))
                .build();
    }

    private static MultiLayerConfiguration withoutBias(DataType type) {
        return base(type)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(5)
                        .stride(2, 2)
                        .padding(1, 1)
                        .hasBias(false)
                        .activation(Activation.TANH)
                        .build())
                .layer(new ConvolutionLayer.Builder(1, 1)
                        .nOut(3)
                        .hasBias(false)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(6)
                        .hasBias(false)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                        .nOut(4)
                        .hasBias(false)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build();
    }

    private static MultiLayerConfiguration dense(DataType type) {
        return base(type)
                .list()
                .layer(new DenseLayer.Builder()
                        .nOut(8)
                        .activation(Activation.TANH)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(5)
                        .activation(Activation.ELU)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.XENT)
                        .nOut(3)
                        .activation(Activation.SIGMOID)
                        .build())
                .setInputType(InputType.feedForward(9))
                .build();
    }

    private static ComputationGraphConfiguration graph(DataType type) {
        return base(type)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(8, 8, 3))
                .addLayer("stem", same(3, 1, Activation.TANH), "in")
                .addLayer("a", same(3, 2, Activation.TANH), "stem")
                .addLayer("b", same(3, 1, Activation.IDENTITY), "a")
                .addLayer("skip", same(1, 2, Activation.IDENTITY), "stem")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "b", "skip")
                .addLayer(
                        "dense",
                        new DenseLayer.Builder()
                                .nOut(6)
                                .activation(Activation.TANH)
                                .build(),
                        "sum")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                                .nOut(4)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "dense")
                .setOutputs("out")
                .build();
    }

    private static ConvolutionLayer same(int kernel, int stride, Activation activation) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .stride(stride, stride)
                .nOut(6)
                .convolutionMode(ConvolutionMode.Same)
                .activation(activation)
                .build();
    }
}
