package org.veil4j.layers.activation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Lays out the coefficients of a {@link PolynomialLayer}: row k of a c-order matrix belongs to {@code z^k}. */
final class PolynomialParameters implements ParamInitializer {
    static final PolynomialParameters INSTANCE = new PolynomialParameters();

    private PolynomialParameters() {}

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        PolynomialLayer p = (PolynomialLayer) layer;
        return (p.degree() + 1) * p.sets();
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return List.of(PolynomialLayer.COEFFICIENTS);
    }

    @Override
    public List<String> weightKeys(Layer layer) {
        return List.of();
    }

    @Override
    public List<String> biasKeys(Layer layer) {
        return List.of();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return false;
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return false;
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
        PolynomialLayer layer = (PolynomialLayer) conf.getLayer();
        Map<String, INDArray> table = split(layer, view);
        if (initialize) {
            INDArray c = Objects.requireNonNull(table.get(PolynomialLayer.COEFFICIENTS));
            double[] initial = layer.getInitialCoefficients();
            for (int k = 0; k < initial.length; k++) {
                for (int set = 0; set < layer.sets(); set++) {
                    c.putScalar(k, set, initial[k]);
                }
            }
        }
        conf.addVariable(PolynomialLayer.COEFFICIENTS);
        return table;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
        return split((PolynomialLayer) conf.getLayer(), view);
    }

    private static Map<String, INDArray> split(PolynomialLayer layer, INDArray view) {
        Map<String, INDArray> table = new LinkedHashMap<>();
        table.put(PolynomialLayer.COEFFICIENTS, view.reshape('c', layer.degree() + 1, layer.sets()));
        return table;
    }
}
