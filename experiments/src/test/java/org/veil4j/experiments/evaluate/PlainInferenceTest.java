package org.veil4j.experiments.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.layers.conv.OneDnnConvolution;

class PlainInferenceTest {
    @Test
    void fast_stockConvolution_isReplacedAndComputesTheSame() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(new BatchNormalization())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(9, 9, 2))
                .build());
        network.init();
        network.fit(random(8), Nd4j.eye(3).get(org.nd4j.linalg.indexing.NDArrayIndex.indices(0, 1, 2, 0, 1, 2, 0, 1)));
        ComputationGraph stock = network.toComputationGraph();
        ComputationGraph fast = PlainInference.fast(stock);
        assertThat(fast.getLayer(0).conf().getLayer()).isInstanceOf(OneDnnConvolution.class);
        assertThat(fast.params()).isNotSameAs(stock.params());
        INDArray input = random(5);
        assertThat(fast.outputSingle(input).distance2(stock.outputSingle(input)))
                .as("seed 5")
                .isLessThan(1e-5);
        assertThat(PlainInference.fast(fast)).isSameAs(fast);
    }

    private static INDArray random(int count) {
        Nd4j.getRandom().setSeed(count);
        return Nd4j.rand(DataType.FLOAT, count, 2, 9, 9);
    }
}
