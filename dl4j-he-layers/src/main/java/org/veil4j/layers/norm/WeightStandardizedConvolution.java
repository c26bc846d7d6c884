package org.veil4j.layers.norm;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.util.ConvolutionUtils;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.veil4j.layers.conv.OneDnnConvolution;
import org.veil4j.layers.conv.OneDnnConvolutionImpl;

/**
 * A convolution whose weights are standardised in each output channel, to mean 0 and variance 1/fan-in, times a trainable
 * gain, plus a bias: normalisation of the weights instead of the activations. No statistic of the data is involved, so it may be
 * trained with differential privacy; with trained weights it is an ordinary convolution, so it folds for encryption.
 *
 * <p>Parameters, in this order: bias {@code b} (unless switched off), gain {@value #GAIN}, one value an output channel each
 * (from {@code biasInit} and {@code gainInit}, 0 and 1 unless set), and the raw weights {@code W}. Weight decay acts on the raw
 * weights, whose length means nothing here. Everything else as in {@link OneDnnConvolution}. Cost beside the convolution: a few
 * operations a weight.
 */
public class WeightStandardizedConvolution extends OneDnnConvolution {
    /** Key of the gains. */
    public static final String GAIN = "g";

    private static final long serialVersionUID = 1L;

    private double eps = 1e-6;

    /** For deserialisation only; use {@link Builder}. */
    public WeightStandardizedConvolution() {}

    /**
     * Creates the layer from its builder.
     *
     * @param builder the settings
     */
    protected WeightStandardizedConvolution(Builder builder) {
        super(builder);
        this.eps = builder.eps;
    }

    /**
     * Added to the sum of squared weights, so that a constant kernel divides by no zero.
     *
     * @return positive
     */
    public double getEps() {
        return eps;
    }

    /**
     * Sets what is added to the sum of squared weights (deserialisation).
     *
     * @param eps positive
     */
    public void setEps(double eps) {
        this.eps = checked(eps);
    }

    private static double checked(double eps) {
        if (!(eps > 0 && eps < 1)) {
            throw new IllegalArgumentException("eps=" + eps + ": must be in (0, 1); 1e-6 is usual");
        }
        return eps;
    }

    /**
     * The weights that a trained layer convolves with: gain and standardisation multiplied out.
     *
     * @param layer an initialised layer of this kind
     * @return in the order [out, in, height, width]
     * @throws IllegalArgumentException for a layer of another kind
     */
    public static double[] effectiveWeights(Layer layer) {
        if (layer instanceof BaseWrapperLayer w) { // frozen in transfer learning
            return effectiveWeights(w.getUnderlying());
        }
        if (!(layer instanceof WeightStandardizedConvolutionImpl l)) {
            throw new IllegalArgumentException("layer=" + layer.getClass().getSimpleName()
                    + ": must be a WeightStandardizedConvolution; other convolutions use their parameter W as it is");
        }
        double[] weights = new double
                [Math.toIntExact(
                        l.getParam(ConvolutionParamInitializer.WEIGHT_KEY).length())];
        l.standardise().effective(weights);
        return weights;
    }

    /** Inputs of one output value: channels times kernel. */
    int fanIn() {
        return Math.toIntExact(getNIn() * getKernelSize()[0] * getKernelSize()[1]);
    }

    @Override
    protected OneDnnConvolutionImpl implementation(NeuralNetConfiguration conf, DataType type) {
        return new WeightStandardizedConvolutionImpl(conf, type);
    }

    @Override
    public ParamInitializer initializer() {
        return StandardizedParameters.INSTANCE;
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof WeightStandardizedConvolution;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WeightStandardizedConvolution w && super.equals(w) && w.eps == eps;
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + Double.hashCode(eps);
    }

    @Override
    public String toString() {
        return "WeightStandardizedConvolution(eps=" + eps + ", " + super.toString() + ")";
    }

    /** Builder of {@link WeightStandardizedConvolution}, with the options of the stock convolution's builder. */
    @SuppressWarnings("unchecked") // build() narrows a return type that the stock builder leaves to the caller
    public static class Builder extends OneDnnConvolution.Builder {
        private double eps = 1e-6;

        /**
         * Starts a builder.
         *
         * @param kernelSize height and width of the kernel
         */
        public Builder(int... kernelSize) {
            super(kernelSize);
        }

        /**
         * Sets what is added to the sum of squared weights.
         *
         * @param eps in (0, 1); default 1e-6
         * @return this
         */
        public Builder eps(double eps) {
            this.eps = checked(eps);
            return this;
        }

        @Override
        public WeightStandardizedConvolution build() {
            ConvolutionUtils.validateConvolutionModePadding(convolutionMode, padding);
            ConvolutionUtils.validateCnnKernelStridePadding(kernelSize, stride, padding);
            return new WeightStandardizedConvolution(this);
        }
    }
}
