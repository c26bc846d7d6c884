package org.veil4j.experiments.evaluate;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.layers.conv.OneDnnConvolution;
import org.veil4j.zoo.InputNormalisation;

/** What Deeplearning4j itself makes of images in the clear: classes and logits. */
final class PlainInference {
    /** Images that go through the network together. */
    static final int BATCH = 128;

    private PlainInference() {}

    /**
     * The outputs of the network as it is, in its own precision.
     *
     * @return one row an image
     */
    static double[][] outputs(ImageNetwork network, Dataset data) {
        return run(
                network.network(),
                data,
                network.normalisation(),
                network.network().getConfiguration().getDataType());
    }

    /**
     * The outputs before a final softmax, computed in double precision, so that the rounding of floats is not mistaken for
     * an error of the encryption.
     *
     * @return one row an image
     */
    static double[][] logits(ImageNetwork network, Dataset data) {
        ComputationGraph exact = network.network().convertDataType(DataType.DOUBLE);
        if (exact.getOutputLayer(0).conf().getLayer() instanceof BaseLayer layer) {
            IActivation activation = layer.getActivationFn();
            if (activation instanceof ActivationSoftmax) {
                layer.setActivationFn(new ActivationIdentity());
            }
        }
        return run(exact, data, network.normalisation(), DataType.DOUBLE);
    }

    /** The same network with oneDNN convolutions, as fast as Deeplearning4j can be here: the fair opponent. */
    static ComputationGraph fast(ComputationGraph network) {
        String json = network.getConfiguration().toJson();
        String changed = json;
        for (Class<?> stock : new Class<?>[] {ConvolutionLayer.class, Convolution2D.class}) {
            changed = changed.replace('"' + stock.getName() + '"', '"' + OneDnnConvolution.class.getName() + '"');
        }
        if (changed.equals(json)) {
            return network;
        }
        ComputationGraph fast = new ComputationGraph(ComputationGraphConfiguration.fromJson(changed));
        fast.init(network.params(), true);
        return fast;
    }

    /**
     * Images as a network reads them.
     *
     * @param images of shape [count, channels, height, width]
     * @return the same elements, of shape [count, elements] where a layer that takes vectors comes first
     */
    static INDArray shaped(ComputationGraph network, INDArray images) {
        long count = images.size(0);
        return takesVectors(network.getConfiguration()) ? images.reshape(count, images.length() / count) : images;
    }

    private static boolean takesVectors(ComputationGraphConfiguration network) {
        String input = network.getNetworkInputs().get(0);
        return network.getVertices().entrySet().stream()
                .filter(v -> network.getVertexInputs()
                        .getOrDefault(v.getKey(), List.of())
                        .contains(input))
                .map(Map.Entry::getValue)
                .anyMatch(v -> v instanceof LayerVertex layer
                        && layer.getPreProcessor() == null
                        && (layer.getLayerConf().getLayer() instanceof DenseLayer
                                || layer.getLayerConf().getLayer() instanceof BaseOutputLayer));
    }

    private static double[][] run(
            ComputationGraph network, Dataset data, InputNormalisation normalisation, DataType type) {
        double[][] rows = new double[data.size()][];
        for (int from = 0; from < data.size(); from += BATCH) {
            int count = Math.min(BATCH, data.size() - from);
            INDArray input = type == DataType.DOUBLE
                    ? exactFeatures(data, from, count, normalisation)
                    : data.features(from, count, normalisation);
            INDArray output = network.outputSingle(shaped(network, input));
            double[][] part = output.reshape(count, output.length() / count).toDoubleMatrix();
            System.arraycopy(part, 0, rows, from, count);
        }
        return rows;
    }

    private static INDArray exactFeatures(Dataset data, int from, int count, InputNormalisation normalisation) {
        int elements = data.shape().elements();
        int plane = elements / data.shape().channels();
        double[] mean = normalisation.mean();
        double[] std = normalisation.std();
        double[] values = new double[count * elements];
        for (int i = 0; i < count; i++) {
            byte[] image = data.images()[from + i];
            for (int e = 0; e < elements; e++) {
                int channel = e / plane;
                values[i * elements + e] = ((image[e] & 0xff) - mean[channel]) / std[channel];
            }
        }
        long[] shape = {
            count, data.shape().channels(), data.shape().height(), data.shape().width()
        };
        return Nd4j.create(values, shape, 'c');
    }
}
