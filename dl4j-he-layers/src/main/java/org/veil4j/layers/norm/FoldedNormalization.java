package org.veil4j.layers.norm;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.veil4j.layers.kernel.NativeArrays;

/**
 * A trained normalisation as what it is at inference: {@code scale[c] * x + shift[c]} for each channel, its activation function
 * aside. This is what a compiler for encryption folds into the neighbouring layers. Computed in double.
 */
public final class FoldedNormalization {
    private final double[] scale;
    private final double[] shift;

    private FoldedNormalization(double[] scale, double[] shift) {
        this.scale = scale;
        this.shift = shift;
    }

    /**
     * Folds a layer.
     *
     * @param layer an initialised {@link FoldableBatchNormalization} or {@link FrozenBatchNormalization}
     * @return scale and shift
     * @throws IllegalArgumentException for another layer
     */
    public static FoldedNormalization of(Layer layer) {
        if (layer instanceof BaseWrapperLayer w) { // frozen in transfer learning
            return of(w.getUnderlying());
        }
        double[] mean;
        double[] inverse;
        if (layer instanceof FoldableBatchNormalizationImpl b) {
            int channels = Math.toIntExact(b.layerConf().getNIn());
            mean = row(layer, FoldableBatchNormalization.MEAN, channels);
            inverse = row(layer, FoldableBatchNormalization.VARIANCE, channels);
            for (int c = 0; c < channels; c++) {
                inverse[c] = 1 / Math.sqrt(inverse[c] + b.layerConf().getEps());
            }
        } else if (layer instanceof FrozenBatchNormalizationImpl f) {
            int channels = Math.toIntExact(f.layerConf().getNIn());
            mean = new double[channels];
            inverse = new double[channels];
            for (int c = 0; c < channels; c++) {
                mean[c] = f.layerConf().mean(c);
                inverse[c] = f.layerConf().inverseDeviation(c);
            }
        } else {
            throw new IllegalArgumentException("layer=" + layer.getClass().getSimpleName()
                    + ": must be a FoldableBatchNormalization or FrozenBatchNormalization; others do not fold");
        }
        double[] scale = row(layer, ChannelNormalization.GAMMA, mean.length);
        double[] shift = row(layer, ChannelNormalization.BETA, mean.length);
        for (int c = 0; c < mean.length; c++) {
            scale[c] *= inverse[c];
            shift[c] -= mean[c] * scale[c];
        }
        return new FoldedNormalization(scale, shift);
    }

    private static double[] row(Layer layer, String key, int channels) {
        double[] values = new double[channels];
        NativeArrays.read(layer.getParam(key), values);
        return values;
    }

    /**
     * Factors.
     *
     * @return a copy, one a channel
     */
    public double[] scale() {
        return scale.clone();
    }

    /**
     * Summands.
     *
     * @return a copy, one a channel
     */
    public double[] shift() {
        return shift.clone();
    }
}
