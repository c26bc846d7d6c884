package org.veil4j.layers.fit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.layers.activation.PolynomialLayer;
import org.veil4j.layers.check.HeCompatibility;

/**
 * Measures the inputs that each activation of a network sees on given data. Under encryption a polynomial is only as
 * good as the range it is used on, and large values cost precision; a well-trained square network keeps them near 10.
 */
public final class ActivationRanges {
    private final MultiLayerNetwork copy;
    private final Map<Integer, RangeRecorder> recorders = new LinkedHashMap<>();

    private ActivationRanges(MultiLayerNetwork network) {
        MultiLayerConfiguration configuration =
                network.getLayerWiseConfigurations().clone();
        for (int i = 0; i < configuration.getConfs().size(); i++) {
            instrument(i, HeCompatibility.unwrap(configuration.getConf(i).getLayer()));
        }
        copy = new MultiLayerNetwork(configuration);
        copy.init(network.params().dup(), false);
    }

    /**
     * Starts a measurement. The network is copied, and stays as it is.
     *
     * @param network any
     * @return a measurement that has seen nothing yet
     */
    public static ActivationRanges of(MultiLayerNetwork network) {
        return new ActivationRanges(network);
    }

    /**
     * Runs a mini-batch through the copy and records what each activation sees. May be called again and again.
     *
     * @param features normalised as for the network
     * @return this
     */
    public ActivationRanges add(INDArray features) {
        List<INDArray> activations = copy.feedForward(features, false);
        for (Map.Entry<Integer, RangeRecorder> e : recorders.entrySet()) {
            if (layer(e.getKey()) instanceof PolynomialLayer) {
                e.getValue().record(activations.get(e.getKey()));
            }
        }
        return this;
    }

    /**
     * The ranges so far, of every activation that is neither the identity nor at the output, in the network's order.
     *
     * @return one entry an activation
     * @throws IllegalStateException when nothing was added yet
     */
    public List<ActivationRange> ranges() {
        List<ActivationRange> result = new ArrayList<>();
        recorders.values().forEach(r -> result.add(r.result()));
        return result;
    }

    private Layer layer(int index) {
        return HeCompatibility.unwrap(
                copy.getLayerWiseConfigurations().getConf(index).getLayer());
    }

    private void instrument(int index, Layer layer) {
        String name = layer.getLayerName() == null ? "layer " + index : layer.getLayerName();
        if (layer instanceof PolynomialLayer p) {
            recorders.put(index, new RangeRecorder(name, "trainable polynomial of degree " + p.degree()));
        } else if (layer instanceof BaseLayer b && appliesActivation(b) && used(b.getActivationFn())) {
            b.setActivationFn(recording(index, name, b.getActivationFn()));
        } else if (layer instanceof ActivationLayer a && used(a.getActivationFn())) {
            a.setActivationFn(recording(index, name, a.getActivationFn()));
        }
    }

    private RecordingActivation recording(int index, String name, IActivation activation) {
        RangeRecorder recorder = new RangeRecorder(name, activation.toString());
        recorders.put(index, recorder);
        return new RecordingActivation(recorder, activation);
    }

    private static boolean appliesActivation(BaseLayer layer) {
        return !(layer instanceof BaseOutputLayer) && !(layer instanceof BatchNormalization);
    }

    private static boolean used(IActivation activation) {
        return activation != null && !(activation instanceof ActivationIdentity);
    }
}
