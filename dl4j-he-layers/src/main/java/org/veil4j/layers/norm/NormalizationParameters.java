package org.veil4j.layers.norm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Lays out the parameters of a normalisation: rows of one value a channel, one after the other. */
final class NormalizationParameters implements ParamInitializer {
    static final NormalizationParameters AFFINE =
            new NormalizationParameters(List.of(ChannelNormalization.GAMMA, ChannelNormalization.BETA));
    static final NormalizationParameters WITH_STATISTICS = new NormalizationParameters(List.of(
            ChannelNormalization.GAMMA,
            ChannelNormalization.BETA,
            FoldableBatchNormalization.MEAN,
            FoldableBatchNormalization.VARIANCE));

    private final List<String> keys;

    private NormalizationParameters(List<String> keys) {
        this.keys = keys;
    }

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        return keys.size() * ((ChannelNormalization) layer).getNIn();
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return keys;
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
        ChannelNormalization layer = (ChannelNormalization) conf.getLayer();
        Map<String, INDArray> table = getGradientsFromFlattened(conf, view);
        if (initialize) {
            table.forEach((key, row) -> row.assign(initial(layer, key)));
        }
        keys.forEach(conf::addVariable);
        return table;
    }

    private static double initial(ChannelNormalization layer, String key) {
        return switch (key) {
            case ChannelNormalization.GAMMA -> Double.isNaN(layer.getGainInit()) ? 1 : layer.getGainInit();
            case ChannelNormalization.BETA -> Double.isNaN(layer.getBiasInit()) ? 0 : layer.getBiasInit();
            case FoldableBatchNormalization.MEAN -> 0;
            default -> 1;
        };
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
        long n = ((ChannelNormalization) Objects.requireNonNull(conf.getLayer())).getNIn();
        INDArray flat = view.reshape(view.length());
        Map<String, INDArray> table = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            table.put(
                    keys.get(i),
                    flat.get(NDArrayIndex.interval(i * n, (i + 1) * n)).reshape(1, n));
        }
        return table;
    }
}
