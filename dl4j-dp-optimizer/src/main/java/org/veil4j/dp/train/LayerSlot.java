package org.veil4j.dp.train;

import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.dp.gradient.PerExampleGradient;

/**
 * A layer and its place among the flattened parameters.
 *
 * @param index position among the layers with parameters
 * @param prefix DL4J's name of the layer in gradient maps
 * @param layer the live implementation
 * @param offset index of its first parameter
 * @param length number of its parameters
 */
record LayerSlot(int index, String prefix, Layer layer, int offset, int length) {
    /** Whether the layer is trained; frozen layers are not. */
    boolean isTrained() {
        return layer instanceof PerExampleGradient;
    }

    PerExampleGradient gradients() {
        return (PerExampleGradient) layer;
    }

    /** Adds the views of this layer's gradient to a network's gradient map. */
    void addViews(Gradient gradient) {
        Map<String, INDArray> views = layer.conf()
                .getLayer()
                .initializer()
                .getGradientsFromFlattened(layer.conf(), layer.getGradientsViewArray());
        for (Map.Entry<String, INDArray> view : views.entrySet()) {
            gradient.setGradientFor(prefix + "_" + view.getKey(), view.getValue());
        }
    }
}
