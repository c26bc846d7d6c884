package org.veil4j.layers.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.layers.TestNetworks;

class ActivationsTest {
    private static final InputType IMAGE = InputType.convolutional(6, 5, 2);

    static Stream<IActivation> activations() {
        return Stream.of(
                new SquareActivation(),
                new PolynomialActivation(0.7),
                new PolynomialActivation(0.3, -1.2),
                PolynomialActivation.gaussianRelu(),
                new PolynomialActivation(0.5, 0.1068, 0, -0.000385),
                new PolynomialActivation(0, 0, 0, 1, 0.1, -0.05));
    }

    private static MultiLayerNetwork network(DataType type, IActivation activation) {
        return TestNetworks.network(
                type,
                IMAGE,
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(3)
                        .activation(activation)
                        .build(),
                new DenseLayer.Builder().nOut(5).activation(activation).build(),
                output());
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(4)
                .activation(new ActivationSoftmax())
                .build();
    }

    @ParameterizedTest
    @MethodSource("activations")
    void backprop_afterConvolutionAndDense_matchesFiniteDifferences(IActivation activation) {
        INDArray x = TestNetworks.normal(DataType.DOUBLE, 3, 2, 6, 5);
        assertThat(TestNetworks.gradientsAreRight(
                        network(DataType.DOUBLE, activation), x, TestNetworks.oneHot(DataType.DOUBLE, 3, 4)))
                .as("seed %d", TestNetworks.SEED)
                .isTrue();
    }

    /** A square whose derivative is z instead of 2z: the gradient check must notice. */
    public static final class WrongSquare extends BaseActivationFunction {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.muli(in);
        }

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            return new Pair<>(in.muli(epsilon), null);
        }
    }

    @Test
    void gradientCheck_wrongDerivative_isCaught() {
        INDArray x = TestNetworks.normal(DataType.DOUBLE, 3, 2, 6, 5);
        assertThat(TestNetworks.gradientsAreRight(
                        network(DataType.DOUBLE, new WrongSquare()), x, TestNetworks.oneHot(DataType.DOUBLE, 3, 4)))
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("activations")
    void output_float_agreesWithDouble(IActivation activation) {
        MultiLayerNetwork exact = network(DataType.DOUBLE, activation);
        MultiLayerNetwork single = network(DataType.FLOAT, activation);
        single.setParams(exact.params().castTo(DataType.FLOAT));
        INDArray x = TestNetworks.normal(DataType.DOUBLE, 4, 2, 6, 5);
        assertThat(TestNetworks.relativeDifference(single.output(x.castTo(DataType.FLOAT)), exact.output(x)))
                .isLessThan(1e-4);
    }

    @Test
    void polynomialActivation_cube_equalsStockCube() {
        INDArray x = TestNetworks.normal(DataType.FLOAT, 7, 9);
        INDArray eps = TestNetworks.normal(DataType.FLOAT, 9, 7).transpose().dup('c');
        PolynomialActivation cube = new PolynomialActivation(0, 0, 0, 1);
        ActivationCube stock = new ActivationCube();
        assertThat(TestNetworks.relativeDifference(
                        cube.getActivation(x.dup(), true), stock.getActivation(x.dup(), true)))
                .isLessThan(1e-6);
        assertThat(TestNetworks.relativeDifference(
                        cube.backprop(x.dup(), eps).getFirst(),
                        stock.backprop(x.dup(), eps).getFirst()))
                .isLessThan(1e-6);
    }

    @Test
    void backprop_withPenalty_addsTheExcessOverTheLimit() {
        PolynomialActivation plain = new PolynomialActivation(0.2, 0.5, 0.3);
        PolynomialActivation penalised = plain.withPenalty(2, 0.5);
        for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
            INDArray z = Nd4j.createFromArray(-5.0, -2.0, -1.0, 0.0, 1.9, 2.5, 7.0, 100.0)
                    .castTo(type)
                    .reshape(2, 4);
            INDArray eps = TestNetworks.normal(type, 2, 4);
            double[] excess = {-3, 0, 0, 0, 0, 0.5, 5, 98};
            for (char order : new char[] {'c', 'f'}) { // one in loops of our own, one through ND4J
                INDArray have = penalised.backprop(z.dup(order), eps.dup(order)).getFirst();
                INDArray base = plain.backprop(z.dup(order), eps.dup(order)).getFirst();
                for (int i = 0; i < 8; i++) {
                    assertThat(have.getDouble(i / 4, i % 4) - base.getDouble(i / 4, i % 4))
                            .as("%s, order %s, z %d", type, order, i)
                            .isCloseTo(0.5 * excess[i], within(type == DataType.FLOAT ? 1e-4 : 1e-12));
                }
                assertThat(penalised.getActivation(z.dup(order), true))
                        .isEqualTo(plain.getActivation(z.dup(order), true));
            }
        }
        assertThat(penalised).isNotEqualTo(plain).isEqualTo(plain.withPenalty(2, 0.5));
        MultiLayerConfiguration configuration =
                network(DataType.FLOAT, penalised).getLayerWiseConfigurations();
        assertThat(MultiLayerConfiguration.fromJson(configuration.toJson())).isEqualTo(configuration);
        assertThatThrownBy(() -> plain.withPenalty(-1, 0.5)).hasMessageContaining("penaltyLimit=-1.0");
    }

    @Test
    void getActivation_knownValues_areExact() {
        INDArray z = Nd4j.createFromArray(-2.0, -1.0, 0.0, 0.5, 3.0);
        assertThat(new PolynomialActivation(1, -2, 0, 0.5)
                        .getActivation(z.dup(), false)
                        .toDoubleVector())
                .containsExactly(1, 2.5, 1, 0.0625, 8.5);
        assertThat(new SquareActivation().getActivation(z.dup(), false).toDoubleVector())
                .containsExactly(4, 1, 0, 0.25, 9);
        assertThat(new PolynomialActivation(4).getActivation(z.dup(), false).toDoubleVector())
                .containsOnly(4);
    }

    @ParameterizedTest
    @MethodSource("activations")
    void json_roundTrip_isEqual(IActivation activation) {
        MultiLayerConfiguration configuration =
                network(DataType.FLOAT, activation).getLayerWiseConfigurations();
        MultiLayerConfiguration back = MultiLayerConfiguration.fromJson(configuration.toJson());
        assertThat(back).isEqualTo(configuration);
        assertThat(((ConvolutionLayer) back.getConf(0).getLayer()).getActivationFn())
                .isEqualTo(activation);
    }

    @ParameterizedTest
    @MethodSource("activations")
    void modelSerializer_roundTrip_givesTheSameOutput(IActivation activation) throws IOException {
        MultiLayerNetwork network = network(DataType.FLOAT, activation);
        INDArray x = TestNetworks.normal(DataType.FLOAT, 3, 2, 6, 5);
        assertThat(TestNetworks.savedAndLoaded(network).output(x)).isEqualTo(network.output(x));
    }

    @Test
    void polynomialActivation_badCoefficients_areRefused() {
        assertThatThrownBy(() -> new PolynomialActivation())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one");
        assertThatThrownBy(() -> new PolynomialActivation(1, Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("coefficients[1]=NaN");
    }

    private static MultiLayerNetwork trainable(DataType type, boolean perChannel, double... c) {
        return TestNetworks.network(
                type,
                IMAGE,
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(3)
                        .activation(new ActivationIdentity())
                        .build(),
                new PolynomialLayer.Builder(c).perChannel(perChannel).build(),
                new DenseLayer.Builder()
                        .nOut(5)
                        .activation(new ActivationIdentity())
                        .build(),
                new PolynomialLayer.Builder(c).perChannel(perChannel).build(),
                output());
    }

    @Test
    void polynomialLayer_sharedAndPerChannel_matchFiniteDifferences() {
        INDArray x = TestNetworks.normal(DataType.DOUBLE, 3, 2, 6, 5);
        INDArray y = TestNetworks.oneHot(DataType.DOUBLE, 3, 4);
        for (boolean perChannel : new boolean[] {false, true}) {
            for (double[] c : new double[][] {{0.4}, {0.1, 0.9}, {0.2, 0.5, 0.2}, {0.1, 0.5, 0.1, -0.05}}) {
                MultiLayerNetwork network = trainable(DataType.DOUBLE, perChannel, c);
                assertThat(network.getLayer(1).numParams()).isEqualTo(c.length * (perChannel ? 3L : 1L));
                assertThat(network.getLayer(3).numParams()).isEqualTo(c.length * (perChannel ? 5L : 1L));
                perturb(network);
                assertThat(TestNetworks.gradientsAreRight(network, x, y))
                        .as("degree %d, per channel %s, seed %d", c.length - 1, perChannel, TestNetworks.SEED)
                        .isTrue();
            }
        }
    }

    /** Makes the coefficients of the channels differ. */
    private static void perturb(MultiLayerNetwork network) {
        INDArray c = network.getLayer(1).getParam(PolynomialLayer.COEFFICIENTS);
        c.addi(TestNetworks.normal(DataType.DOUBLE, c.shape()).muli(0.1));
    }

    @Test
    void polynomialLayer_fixedCoefficients_equalsPolynomialActivation() {
        double[] c = {0.2, 0.5, 0.2};
        INDArray x = TestNetworks.normal(DataType.FLOAT, 4, 2, 6, 5);
        for (boolean perChannel : new boolean[] {false, true}) {
            MultiLayerNetwork layer = trainable(DataType.FLOAT, perChannel, c);
            MultiLayerNetwork inline = network(DataType.FLOAT, new PolynomialActivation(c));
            inline.getLayer(0).setParams(layer.getLayer(0).params());
            inline.getLayer(1).setParams(layer.getLayer(2).params());
            inline.getLayer(2).setParams(layer.getLayer(4).params());
            assertThat(TestNetworks.relativeDifference(layer.output(x), inline.output(x)))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void polynomialLayer_saveAndJson_roundTrip() throws IOException {
        MultiLayerNetwork network = trainable(DataType.FLOAT, true, 0.2, 0.5, 0.2);
        network.getLayer(1).getParam(PolynomialLayer.COEFFICIENTS).putScalar(2, 1, 0.75);
        INDArray x = TestNetworks.normal(DataType.FLOAT, 4, 2, 6, 5);
        MultiLayerNetwork back = TestNetworks.savedAndLoaded(network);
        assertThat(back.output(x)).isEqualTo(network.output(x));
        assertThat(back.getLayer(1).getParam(PolynomialLayer.COEFFICIENTS).getDouble(2, 1))
                .isCloseTo(0.75, within(1e-7));
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        assertThat(MultiLayerConfiguration.fromJson(configuration.toJson())).isEqualTo(configuration);
        assertThat(configuration.clone()).isEqualTo(configuration);
    }

    @Test
    void polynomialLayer_channelsLast_isRefused() {
        assertThatThrownBy(() -> TestNetworks.network(
                        DataType.FLOAT,
                        InputType.convolutional(6, 5, 2, CNN2DFormat.NHWC),
                        new PolynomialLayer.Builder(0, 0, 1).build(),
                        output()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NCHW");
    }
}
