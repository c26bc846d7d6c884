package org.veil4j.layers.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.layers.TestNetworks;
import org.veil4j.layers.activation.PolynomialLayer;
import org.veil4j.layers.activation.SquareActivation;

class ActivationRangesTest {
    @Test
    void ranges_ofASmallNetwork_matchTheInputsOfItsPolynomials() {
        MultiLayerNetwork network = TestNetworks.network(
                DataType.FLOAT,
                InputType.feedForward(6),
                new DenseLayer.Builder()
                        .name("square")
                        .nOut(8)
                        .activation(new SquareActivation())
                        .build(),
                new BatchNormalization.Builder().activation(Activation.RELU).build(),
                new DenseLayer.Builder()
                        .nOut(8)
                        .activation(new ActivationIdentity())
                        .build(),
                new PolynomialLayer.Builder(0, 1, 0.5).name("poly").build(),
                new OutputLayer.Builder()
                        .nOut(3)
                        .activation(new ActivationSoftmax())
                        .build());
        INDArray x = TestNetworks.normal(DataType.FLOAT, 64, 6);
        INDArray before = network.output(x).dup();

        List<ActivationRange> ranges =
                ActivationRanges.of(network).add(x).add(x.mul(0.5)).ranges();

        assertThat(ranges).extracting(ActivationRange::layer).containsExactly("square", "poly");
        INDArray z = x.mmul(network.getLayer(0).getParam("W"));
        ActivationRange square = ranges.get(0);
        assertThat(square.min()).isCloseTo(z.minNumber().doubleValue(), within(1e-4));
        assertThat(square.max()).isCloseTo(z.maxNumber().doubleValue(), within(1e-4));
        assertThat(square.count()).isEqualTo(2 * 64 * 8);
        assertThat(square.median()).isPositive().isLessThan(square.p99());
        assertThat(square.p9999()).isLessThanOrEqualTo(square.largest());
        INDArray input = network.feedForward(x).get(3);
        assertThat(ranges.get(1).max()).isCloseTo(input.maxNumber().doubleValue(), within(1e-4));
        assertThat(network.output(x)).isEqualTo(before);
    }
}
