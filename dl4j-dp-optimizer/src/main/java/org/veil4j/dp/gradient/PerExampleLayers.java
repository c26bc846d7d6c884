package org.veil4j.dp.gradient;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.layers.OutputLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Finds the private implementation of a layer. */
public final class PerExampleLayers {
    private PerExampleLayers() {}

    /**
     * The layer itself when it has per-example gradients, otherwise a private twin of a stock convolution, dense or output
     * layer. The twin takes over configuration, parameters (the same views), gradient view, index, listeners, counters
     * and cache mode; put it in the network in place of the stock layer, which must not be used any more. Subclasses of stock
     * layers get no twin: their gradient may differ.
     *
     * @param stock a layer with its parameters set
     * @return a layer that implements {@link PerExampleGradient}, or null when there is no rule for this class
     */
    public static @Nullable Layer privateTwin(Layer stock) {
        if (stock instanceof PerExampleGradient) {
            return stock;
        }
        if (!(stock instanceof AbstractLayer<?> from) || stock.params() == null) {
            return null;
        }
        DataType type = stock.params().dataType();
        AbstractLayer<?> twin = create(from, type);
        if (twin == null) {
            return null;
        }
        twin.setIndex(from.getIndex());
        twin.setListeners(from.getListeners());
        twin.setParamsViewArray(from.params());
        twin.setParamTable(from.paramTable());
        INDArray gradients = from.getGradientsViewArray();
        if (gradients != null) {
            twin.setBackpropGradientsViewArray(gradients);
        }
        twin.setCacheMode(from.getCacheMode());
        twin.setIterationCount(from.getIterationCount());
        twin.setEpochCount(from.getEpochCount());
        twin.allowInputModification(from.isInputModificationAllowed());
        twin.setMaskArray(from.getMaskArray());
        if (from.getInput() != null) {
            twin.setInputMiniBatchSize(from.getInputMiniBatchSize());
        }
        return twin;
    }

    private static @Nullable AbstractLayer<?> create(AbstractLayer<?> from, DataType type) {
        if (from.getClass() == ConvolutionLayer.class) {
            return new PrivateConvolution(from.conf(), type);
        }
        if (from.getClass() == DenseLayer.class) {
            return new PrivateDense(from.conf(), type);
        }
        if (from.getClass() == OutputLayer.class) {
            return new PrivateOutput(from.conf(), type);
        }
        return null;
    }
}
