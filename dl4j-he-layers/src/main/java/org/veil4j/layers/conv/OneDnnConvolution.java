package org.veil4j.layers.conv;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LayerValidation;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.util.ConvolutionUtils;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The stock 2-D convolution with its oneDNN helper really on: several times faster on a CPU, same parameters, same
 * results up to rounding. Deeplearning4j 1.0.0-M2.1 has the helper but can never create it, because the class that its
 * availability check looks for has moved; this layer installs it.
 *
 * <p>Used for networks in {@code FLOAT} where the ND4J binaries contain oneDNN ({@link OneDnn#isAvailable()});
 * otherwise (double precision, dilation, other binaries, a Deeplearning4j without the helper) the layer is the stock
 * one. A drop-in replacement: change {@code new ConvolutionLayer.Builder(..)} to {@code new OneDnnConvolution.Builder(..)}. Set
 * {@code OMP_WAIT_POLICY=PASSIVE} in the environment when the cores are shared: without it oneDNN's threads spin.
 */
public class OneDnnConvolution extends ConvolutionLayer {
    private static final long serialVersionUID = 1L;

    /** For deserialisation only; use {@link Builder}. */
    public OneDnnConvolution() {}

    /**
     * Creates the layer from its builder.
     *
     * @param builder the settings
     */
    protected OneDnnConvolution(BaseConvBuilder<?> builder) {
        super(builder);
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize,
            DataType type) {
        LayerValidation.assertNInNOutSet(getClass().getSimpleName(), getLayerName(), index, getNIn(), getNOut());
        OneDnnConvolutionImpl layer = implementation(conf, type);
        layer.setListeners(listeners);
        layer.setIndex(index);
        layer.setParamsViewArray(parameters);
        layer.setParamTable(initializer().init(conf, parameters, initialize));
        layer.setConf(conf);
        return layer;
    }

    /**
     * Makes the implementation, not yet given its parameters.
     *
     * @param conf the layer's configuration
     * @param type the network's data type
     * @return a new implementation
     */
    protected OneDnnConvolutionImpl implementation(NeuralNetConfiguration conf, DataType type) {
        return new OneDnnConvolutionImpl(conf, type);
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof OneDnnConvolution;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OneDnnConvolution && super.equals(other);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + 1;
    }

    /** Builder of {@link OneDnnConvolution}, with the options of the stock convolution's builder. */
    @SuppressWarnings("unchecked") // build() narrows a return type that the stock builder leaves to the caller
    public static class Builder extends ConvolutionLayer.Builder {
        /**
         * Starts a builder.
         *
         * @param kernelSize height and width of the kernel
         */
        public Builder(int... kernelSize) {
            super(kernelSize);
        }

        /**
         * Starts a builder.
         *
         * @param kernelSize height and width of the kernel
         * @param stride vertical and horizontal stride
         * @param padding vertical and horizontal padding
         */
        public Builder(int[] kernelSize, int[] stride, int[] padding) {
            super(kernelSize, stride, padding);
        }

        @Override
        public OneDnnConvolution build() {
            ConvolutionUtils.validateConvolutionModePadding(convolutionMode, padding);
            ConvolutionUtils.validateCnnKernelStridePadding(kernelSize, stride, padding);
            return new OneDnnConvolution(this);
        }
    }
}
