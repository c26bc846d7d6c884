package org.veil4j.layers.activation;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
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
 * A polynomial activation whose coefficients are trained with the network, one set for the layer or one per channel
 * (per feature after a dense layer). Input and output have the same shape: {@code [n, features]} or
 * {@code [n, channels, height, width]} (channels first). Parameter {@value #COEFFICIENTS} has the shape
 * {@code [degree + 1, 1]} or {@code [degree + 1, channels]}, row k holding the coefficients of {@code z^k}.
 *
 * <p>The coefficients are neither weights nor biases for Deeplearning4j: weight decay and L1/L2 leave them alone.
 * Under encryption the layer costs what a {@link PolynomialActivation} of the same degree costs, per-channel
 * coefficients included.
 */
public class PolynomialLayer extends FeedForwardLayer {
    /** Key of the only parameter. */
    public static final String COEFFICIENTS = "c";

    private static final long serialVersionUID = 1L;

    private double[] initialCoefficients = {0, 0, 1};
    private boolean perChannel;
    private double penaltyLimit;
    private double penaltyStrength;

    /** For deserialisation only; use {@link Builder}. */
    public PolynomialLayer() {
        setActivationFn(new ActivationIdentity());
    }

    /**
     * Creates the layer from its builder.
     *
     * @param builder the settings
     */
    protected PolynomialLayer(Builder builder) {
        super(builder);
        this.initialCoefficients = builder.initialCoefficients.clone();
        this.perChannel = builder.perChannel;
        this.penaltyLimit = builder.penaltyLimit;
        this.penaltyStrength = builder.penaltyStrength;
        setActivationFn(new ActivationIdentity());
    }

    /**
     * The coefficients that training starts from.
     *
     * @return a copy, lowest degree first
     */
    public double[] getInitialCoefficients() {
        return initialCoefficients.clone();
    }

    /**
     * Sets the starting coefficients (deserialisation).
     *
     * @param coefficients lowest degree first, at least one, all finite
     */
    public void setInitialCoefficients(double[] coefficients) {
        this.initialCoefficients = Polynomials.checked(coefficients);
    }

    /**
     * Whether each channel has coefficients of its own.
     *
     * @return true for one set per channel, false for one set for the whole layer
     */
    public boolean isPerChannel() {
        return perChannel;
    }

    /**
     * Sets whether each channel has its own coefficients (deserialisation).
     *
     * @param perChannel true for one set per channel
     */
    public void setPerChannel(boolean perChannel) {
        this.perChannel = perChannel;
    }

    /**
     * Where the penalty on inputs begins; see {@link PolynomialActivation}.
     *
     * @return absolute value of an input, at least 0
     */
    public double getPenaltyLimit() {
        return penaltyLimit;
    }

    /**
     * Sets where the penalty begins (deserialisation).
     *
     * @param limit absolute value of an input, at least 0
     */
    public void setPenaltyLimit(double limit) {
        Polynomials.checkPenalty(limit, 0);
        this.penaltyLimit = limit;
    }

    /**
     * How strong the penalty is.
     *
     * @return 0 for none
     */
    public double getPenaltyStrength() {
        return penaltyStrength;
    }

    /**
     * Sets how strong the penalty is (deserialisation).
     *
     * @param strength 0 for none
     */
    public void setPenaltyStrength(double strength) {
        Polynomials.checkPenalty(0, strength);
        this.penaltyStrength = strength;
    }

    /**
     * The degree of the polynomial.
     *
     * @return 0 or more
     */
    public int degree() {
        return initialCoefficients.length - 1;
    }

    /** Number of sets of coefficients. */
    long sets() {
        return perChannel ? nIn : 1;
    }

    @Override
    public PolynomialLayer clone() {
        PolynomialLayer copy = (PolynomialLayer) super.clone();
        copy.initialCoefficients = initialCoefficients.clone();
        return copy;
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize,
            DataType type) {
        PolynomialLayerImpl layer = new PolynomialLayerImpl(conf, type);
        layer.setListeners(listeners);
        layer.setIndex(index);
        layer.setParamsViewArray(parameters);
        Map<String, INDArray> table = initializer().init(conf, parameters, initialize);
        layer.setParamTable(table);
        layer.setConf(conf);
        return layer;
    }

    @Override
    public ParamInitializer initializer() {
        return PolynomialParameters.INSTANCE;
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
    }

    private void checkInput(InputType inputType) {
        boolean convolutional = inputType instanceof InputType.InputTypeConvolutional;
        if (!convolutional
                && !(inputType instanceof InputType.InputTypeFeedForward)
                && !(inputType instanceof InputType.InputTypeConvolutionalFlat)) {
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
        long updater = getIUpdater() == null ? 0 : getIUpdater().stateSize(parameters);
        long elements = inputType.arrayElementsPerExample();
        return new LayerMemoryReport.Builder(layerName, PolynomialLayer.class, inputType, inputType)
                .standardMemory(parameters, updater)
                .workingMemory(0, 0, 0, elements)
                .cacheMemory(0, 0)
                .build();
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof PolynomialLayer;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PolynomialLayer p
                && super.equals(p)
                && p.perChannel == perChannel
                && p.penaltyLimit == penaltyLimit
                && p.penaltyStrength == penaltyStrength
                && Arrays.equals(p.initialCoefficients, initialCoefficients);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + Arrays.hashCode(initialCoefficients) + (perChannel ? 1 : 0);
    }

    @Override
    public String toString() {
        return "PolynomialLayer(degree=" + degree() + ", perChannel=" + perChannel + ", " + super.toString() + ")";
    }

    /** Builder of {@link PolynomialLayer}. */
    @SuppressWarnings("unchecked") // build() narrows a return type that the stock builder leaves to the caller
    public static class Builder extends FeedForwardLayer.Builder<Builder> {
        private final double[] initialCoefficients;
        private boolean perChannel;
        private double penaltyLimit;
        private double penaltyStrength;

        /**
         * Starts a builder.
         *
         * @param initialCoefficients the starting polynomial, lowest degree first; its length fixes the degree
         */
        public Builder(double... initialCoefficients) {
            this.initialCoefficients = Polynomials.checked(initialCoefficients);
        }

        /**
         * Chooses one set of coefficients per channel instead of one for the layer.
         *
         * @param perChannel true for one set per channel; default false
         * @return this
         */
        public Builder perChannel(boolean perChannel) {
            this.perChannel = perChannel;
            return this;
        }

        /**
         * Adds a penalty on large inputs during training; see {@link PolynomialActivation}.
         *
         * @param limit absolute input from which on the penalty grows, at least 0
         * @param strength factor of the penalty, 0 for none
         * @return this
         */
        public Builder penalty(double limit, double strength) {
            Polynomials.checkPenalty(limit, strength);
            this.penaltyLimit = limit;
            this.penaltyStrength = strength;
            return this;
        }

        @Override
        public PolynomialLayer build() {
            return new PolynomialLayer(this);
        }
    }
}
