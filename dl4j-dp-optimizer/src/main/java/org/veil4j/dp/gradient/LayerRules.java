package org.veil4j.dp.gradient;

import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the private layers refuse, so that a gradient that they do not compute is never taken for exact. */
final class LayerRules {
    private LayerRules() {}

    static void refuseNoise(org.deeplearning4j.nn.api.Layer layer) {
        Layer conf = layer.conf().getLayer();
        if (conf.getIDropout() != null) {
            throw new IllegalArgumentException("dropout=" + conf.getIDropout() + " of layer " + conf.getLayerName()
                    + ": is not supported with per-example gradients; remove it (the noise regularises already)");
        }
        if (conf instanceof BaseLayer base && base.getWeightNoise() != null) {
            throw new IllegalArgumentException("weightNoise=" + base.getWeightNoise() + " of layer "
                    + conf.getLayerName() + ": is not supported with per-example gradients; remove it");
        }
    }

    static void refuseMask(org.deeplearning4j.nn.api.Layer layer, @Nullable INDArray mask) {
        if (mask != null) {
            throw new IllegalArgumentException(
                    "mask of layer " + layer.conf().getLayer().getLayerName()
                            + ": masks are not supported with per-example gradients; remove masks from the data set");
        }
    }
}
