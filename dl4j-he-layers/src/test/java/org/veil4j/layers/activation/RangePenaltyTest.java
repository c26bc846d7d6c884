package org.veil4j.layers.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.veil4j.layers.TestNetworks;
import org.veil4j.layers.norm.FrozenBatchNormalization;

/** The penalty on inputs of polynomials: its gradient against its definition, and what it does to a training. */
class RangePenaltyTest {
    private static final double LIMIT = 0.4;
    private static final double STRENGTH = 0.7;
    private static final int EXAMPLES = 3;
    private static final PolynomialActivation PENALISED =
            PolynomialActivation.gaussianRelu().withPenalty(LIMIT, STRENGTH);

    /** The definition. */
    private static double penalty(double z) {
        double excess = Math.max(0, Math.abs(z) - LIMIT);
        return STRENGTH / 2 * excess * excess;
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void backprop_ofNoGradient_isThePenaltysDerivative(DataType type) {
        double[] values = {-7, -0.9, -LIMIT, -0.1, 0, 0.39, 0.41, 2.5, 30};
        INDArray row = Nd4j.createFromArray(values).castTo(type).reshape(1, values.length);
        // a contiguous array goes through the fused loop, every second column of another does not
        INDArray wide = Nd4j.zeros(type, 1, 2L * values.length);
        INDArray strided = wide.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2, 2L * values.length))
                .assign(row);
        for (INDArray z : new INDArray[] {row.dup(), strided}) {
            INDArray gradient =
                    PENALISED.backprop(z, Nd4j.zeros(type, 1, values.length)).getFirst();
            for (int i = 0; i < values.length; i++) {
                double h = 1e-5;
                double expected = (penalty(values[i] + h) - penalty(values[i] - h)) / (2 * h);
                assertThat(gradient.getDouble(0, i)).as("z = %s", values[i]).isCloseTo(expected, within(1e-5));
            }
        }
    }

    private static MultiLayerNetwork network(DataType type, PolynomialActivation activation, double learningRate) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(TestNetworks.SEED)
                .dataType(type)
                .updater(new Adam(learningRate))
                .list()
                .layer(new DenseLayer.Builder()
                        .nOut(6)
                        .activation(new ActivationIdentity())
                        .build())
                .layer(new FrozenBatchNormalization.Builder()
                        .activation(activation)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nOut(4)
                        .activation(new ActivationSoftmax())
                        .build())
                .setInputType(InputType.feedForward(5))
                .build());
        network.init();
        return network;
    }

    /** Inputs of the polynomial: statistics are not set, so the normalisation is an affine map of the dense layer's values. */
    private static INDArray inputs(MultiLayerNetwork network, INDArray x) {
        double eps = ((FrozenBatchNormalization)
                        network.getLayerWiseConfigurations().getConf(1).getLayer())
                .getEps();
        INDArray dense = network.feedForwardToLayer(0, x).get(1);
        return dense.mulRowVector(network.getLayer(1).getParam("gamma").div(Math.sqrt(1 + eps)))
                .addRowVector(network.getLayer(1).getParam("beta"));
    }

    private static double objective(MultiLayerNetwork network, INDArray x, INDArray labels) {
        network.setInput(x);
        network.setLabels(labels);
        network.computeGradientAndScore();
        double sum = EXAMPLES * network.score();
        for (double z : inputs(network, x).dup().data().asDouble()) {
            sum += penalty(z);
        }
        return sum;
    }

    @Test
    void gradient_ofANetwork_isThatOfLossPlusPenaltyOfEachExample() {
        MultiLayerNetwork network = network(DataType.DOUBLE, PENALISED, 1e-3);
        INDArray x = TestNetworks.normal(DataType.DOUBLE, EXAMPLES, 5).muli(2);
        INDArray labels = TestNetworks.oneHot(DataType.DOUBLE, EXAMPLES, 4);
        assertThat(Transforms.abs(inputs(network, x)).maxNumber().doubleValue()).isGreaterThan(2 * LIMIT);
        objective(network, x, labels);
        INDArray gradient = network.gradient().gradient().dup();
        INDArray parameters = network.params();
        double h = 1e-6;
        for (long i = 0; i < parameters.length(); i++) {
            double value = parameters.getDouble(i);
            parameters.putScalar(i, value + h);
            double above = objective(network, x, labels);
            parameters.putScalar(i, value - h);
            double below = objective(network, x, labels);
            parameters.putScalar(i, value);
            assertThat(gradient.getDouble(i))
                    .as("parameter %d, seed %d", i, TestNetworks.SEED)
                    .isCloseTo((above - below) / (2 * h), within(1e-6));
        }
    }

    @Test
    void training_withPenalty_keepsInputsNearTheLimit() {
        INDArray x = TestNetworks.normal(DataType.FLOAT, 32, 5).muli(4);
        INDArray labels = TestNetworks.oneHot(DataType.FLOAT, 32, 4);
        double[] largest = new double[2];
        for (int k = 0; k < 2; k++) {
            PolynomialActivation activation =
                    k == 0 ? PolynomialActivation.gaussianRelu() : PENALISED.withPenalty(1, 1);
            MultiLayerNetwork network = network(DataType.FLOAT, activation, 1e-2);
            for (int step = 0; step < 200; step++) {
                network.fit(x, labels);
            }
            largest[k] = Transforms.abs(inputs(network, x)).maxNumber().doubleValue();
        }
        assertThat(largest[0]).as("without, seed %d", TestNetworks.SEED).isGreaterThan(5);
        assertThat(largest[1]).as("with, seed %d", TestNetworks.SEED).isLessThan(2.5);
    }

    @Test
    void withPenalty_valuesOutOfRange_areRefusedByName() {
        PolynomialActivation p = PolynomialActivation.gaussianRelu();
        assertThatThrownBy(() -> p.withPenalty(-1, 0.1)).hasMessageContaining("penaltyLimit=-1.0");
        assertThatThrownBy(() -> p.withPenalty(5, Double.NaN)).hasMessageContaining("penaltyStrength=NaN");
        assertThat(p.withPenalty(5, 0.1)).isNotEqualTo(p);
        assertThat(p.withPenalty(5, 0.1).toString()).contains("0.1 beyond 5.0");
    }
}
