package org.veil4j.layers.norm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Lays out bias (if any), gain and raw weights, one after the other; weights in the order [out, in, height, width]. */
final class StandardizedParameters extends ConvolutionParamInitializer {
    static final StandardizedParameters INSTANCE = new StandardizedParameters();

    private StandardizedParameters() {}

    @Override
    public long numParams(Layer layer) {
        return super.numParams(layer) + ((ConvolutionLayer) layer).getNOut();
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        List<String> keys = new ArrayList<>(super.paramKeys(layer));
        keys.add(WeightStandardizedConvolution.GAIN);
        return keys;
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
        WeightStandardizedConvolution layer = (WeightStandardizedConvolution) conf.getLayer();
        Map<String, INDArray> parts = getGradientsFromFlattened(conf, view);
        Map<String, INDArray> table = new LinkedHashMap<>();
        for (Map.Entry<String, INDArray> part : parts.entrySet()) {
            INDArray array = part.getValue();
            if (part.getKey().equals(WEIGHT_KEY)) {
                array = createWeightMatrix(conf, array.reshape(array.length()), initialize);
            } else if (initialize) {
                array.assign(
                        part.getKey().equals(BIAS_KEY)
                                ? initial(layer.getBiasInit(), 0)
                                : initial(layer.getGainInit(), 1));
            }
            table.put(part.getKey(), array);
            conf.addVariable(part.getKey());
        }
        return table;
    }

    private static double initial(double value, double otherwise) {
        return Double.isNaN(value) ? otherwise : value;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
        ConvolutionLayer layer = (ConvolutionLayer) Objects.requireNonNull(conf.getLayer());
        long out = layer.getNOut();
        int[] kernel = layer.getKernelSize();
        INDArray flat = view.reshape(view.length());
        Map<String, INDArray> parts = new LinkedHashMap<>();
        long at = 0;
        if (layer.hasBias()) {
            parts.put(BIAS_KEY, flat.get(NDArrayIndex.interval(at, at + out)));
            at += out;
        }
        parts.put(WeightStandardizedConvolution.GAIN, flat.get(NDArrayIndex.interval(at, at + out)));
        at += out;
        parts.put(
                WEIGHT_KEY,
                flat.get(NDArrayIndex.interval(at, numParams(conf)))
                        .reshape('c', out, layer.getNIn(), kernel[0], kernel[1]));
        return parts;
    }
}
