package org.veil4j.layers.norm;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the normalisations share: {@code y = f(gamma[c] * (x - mean) / sqrt(variance + eps) + beta[c])} for each channel c (each
 * feature after a dense layer), where mean and variance come from the kind of normalisation and f is the layer's activation
 * function, the identity unless set. Input and output have the same shape, {@code [n, features]} or
 * {@code [n, channels, height, width]}. Parameters {@value #GAMMA} and {@value #BETA}, shape {@code [1, channels]}, start
 * from {@code gainInit} and {@code biasInit} (1 and 0 unless set); weight decay, L1 and L2 leave them alone.
 */
public abstract class ChannelNormalization extends FeedForwardLayer {
    /** Key of the scales. */
    public static final String GAMMA = "gamma";

    /** Key of the shifts. */
    public static final String BETA = "beta";

    private static final long serialVersionUID = 1L;

    private double eps = 1e-5;

    /** For deserialisation. */
    protected ChannelNormalization() {
        setActivationFn(new ActivationIdentity());
    }

    /**
     * Creates the layer from its builder.
     *
     * @param builder the settings
     */
    protected ChannelNormalization(Builder<?> builder) {
        super(builder);
        this.eps = builder.eps;
        if (getActivationFn() == null) {
            setActivationFn(new ActivationIdentity());
        }
    }

    /**
     * Added to the variance, so that a constant channel divides by no zero.
     *
     * @return positive
     */
    public double getEps() {
        return eps;
    }

    /**
     * Sets what is added to the variance (deserialisation).
     *
     * @param eps positive
     */
    public void setEps(double eps) {
        this.eps = checkedEps(eps);
    }

    private static double checkedEps(double eps) {
        if (!(eps > 0 && eps < 1)) {
            throw new IllegalArgumentException("eps=" + eps + ": must be in (0, 1); 1e-5 is usual");
        }
        return eps;
    }

    /** Makes the implementation, not yet given its parameters. */
    abstract NormalizationImpl<?> implementation(NeuralNetConfiguration conf, DataType type);

    /** Refuses settings that do not fit the number of channels. */
    void checkChannels(long channels) {}

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize,
            DataType type) {
        checkChannels(nIn);
        NormalizationImpl<?> layer = implementation(conf, type);
        layer.setListeners(listeners);
        layer.setIndex(index);
        layer.setParamsViewArray(parameters);
        layer.setParamTable(initializer().init(conf, parameters, initialize));
        layer.setConf(conf);
        return layer;
    }

    @Override
    public ParamInitializer initializer() {
        return NormalizationParameters.AFFINE;
    }

    @Override
    public InputType getOutputType(int index, InputType inputType) {
        checkInput(inputType);
        return inputType;
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        checkInput(inputType);
        if (nIn <= 0 || override) {
            nIn = inputType instanceof InputType.InputTypeConvolutional c
                    ? c.getChannels()
                    : inputType.arrayElementsPerExample();
        }
        nOut = nIn;
        checkChannels(nIn);
    }

    private void checkInput(InputType inputType) {
        boolean convolutional = inputType instanceof InputType.InputTypeConvolutional;
        if (!convolutional && !(inputType instanceof InputType.InputTypeFeedForward)) {
            throw new IllegalArgumentException("input=" + inputType + " of layer " + getLayerName()
                    + ": must be feed-forward or 2-D convolutional; move the layer behind one of these");
        }
        if (inputType instanceof InputType.InputTypeConvolutional c && c.getFormat() == CNN2DFormat.NHWC) {
            throw new IllegalArgumentException(
                    "format=NHWC of layer " + getLayerName() + ": channels must come first; use CNN2DFormat.NCHW");
        }
    }

    @Override
    public @Nullable InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return null;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        long parameters = initializer().numParams(this);
        long updater = getIUpdater() == null ? 0 : getIUpdater().stateSize(2 * nIn);
        long elements = inputType.arrayElementsPerExample();
        return new LayerMemoryReport.Builder(layerName, getClass(), inputType, inputType)
                .standardMemory(parameters, updater)
                .workingMemory(2 * elements, 0, 3 * elements, 2 * nIn)
                .cacheMemory(0, 0)
                .build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ChannelNormalization n && super.equals(n) && n.eps == eps;
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + Double.hashCode(eps);
    }

    /**
     * What the builders share.
     *
     * @param <T> the builder's own type
     */
    public abstract static class Builder<T extends Builder<T>> extends FeedForwardLayer.Builder<T> {
        private double eps = 1e-5;

        /** Starts a builder. */
        protected Builder() {}

        /**
         * Sets what is added to the variance.
         *
         * @param eps in (0, 1); default 1e-5
         * @return this
         */
        @SuppressWarnings("unchecked") // T is the type of this
        public T eps(double eps) {
            this.eps = checkedEps(eps);
            return (T) this;
        }
    }
}
