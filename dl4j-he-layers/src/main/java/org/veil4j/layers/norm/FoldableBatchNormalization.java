package org.veil4j.layers.norm;

import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Batch normalisation, several times faster than Deeplearning4j's on a CPU, which at inference is an affine map of each channel
 * with running statistics and so folds for encryption. Batch statistics mix examples: under differential privacy it is
 * refused; use {@link FrozenBatchNormalization}, {@link WeightStandardizedConvolution} or, without encryption,
 * {@link GroupNormalization}.
 *
 * <p>The running statistics are the parameters {@value #MEAN} and {@value #VARIANCE}, as with Deeplearning4j, so that
 * they are saved and copied with the rest; but each training step writes them directly instead of passing them through
 * gradients, so gradient clipping neither sees nor bends them. The first step after initialisation sets them, later ones move them by
 * {@code 1 - decay} of the difference.
 */
public class FoldableBatchNormalization extends ChannelNormalization {
    /** Key of the running means. */
    public static final String MEAN = "mean";

    /** Key of the running variances. */
    public static final String VARIANCE = "var";

    private static final long serialVersionUID = 1L;

    private double decay = 0.9;

    /** For deserialisation only; use {@link Builder}. */
    public FoldableBatchNormalization() {}

    /**
     * Creates the layer from its builder.
     *
     * @param builder the settings
     */
    protected FoldableBatchNormalization(Builder builder) {
        super(builder);
        this.decay = builder.decay;
    }

    /**
     * Part of the running statistics that a step keeps.
     *
     * @return in [0, 1)
     */
    public double getDecay() {
        return decay;
    }

    /**
     * Sets the part of the running statistics that a step keeps (deserialisation).
     *
     * @param decay in [0, 1)
     */
    public void setDecay(double decay) {
        this.decay = checked(decay);
    }

    private static double checked(double decay) {
        if (!(decay >= 0 && decay < 1)) {
            throw new IllegalArgumentException("decay=" + decay + ": must be in [0, 1); 0.9 is usual");
        }
        return decay;
    }

    @Override
    NormalizationImpl<?> implementation(NeuralNetConfiguration conf, DataType type) {
        return new FoldableBatchNormalizationImpl(conf, type);
    }

    @Override
    public ParamInitializer initializer() {
        return NormalizationParameters.WITH_STATISTICS;
    }

    @Override
    public IUpdater getUpdaterByParam(String name) {
        return name.equals(MEAN) || name.equals(VARIANCE) ? new NoOp() : super.getUpdaterByParam(name);
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof FoldableBatchNormalization;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FoldableBatchNormalization b && super.equals(b) && b.decay == decay;
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + Double.hashCode(decay);
    }

    @Override
    public String toString() {
        return "FoldableBatchNormalization(decay=" + decay + ", eps=" + getEps() + ", " + super.toString() + ")";
    }

    /** Builder of {@link FoldableBatchNormalization}. */
    @SuppressWarnings("unchecked") // build() narrows a return type that the stock builder leaves to the caller
    public static class Builder extends ChannelNormalization.Builder<Builder> {
        private double decay = 0.9;

        /** Starts a builder. */
        public Builder() {}

        /**
         * Sets the part of the running statistics that a step keeps.
         *
         * @param decay in [0, 1); default 0.9
         * @return this
         */
        public Builder decay(double decay) {
            this.decay = checked(decay);
            return this;
        }

        @Override
        public FoldableBatchNormalization build() {
            return new FoldableBatchNormalization(this);
        }
    }
}
