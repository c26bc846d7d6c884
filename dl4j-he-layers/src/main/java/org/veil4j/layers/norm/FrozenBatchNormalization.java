package org.veil4j.layers.norm;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Batch normalisation with constant statistics, and so an affine map: the same in training and in inference, no example
 * touches another, and it folds into its neighbours for encryption. Under differential privacy the statistics must come from
 * public data, for the guarantee does not cover them: give them here, or have {@link PublicStatistics} measure them. They are
 * part of the configuration, not parameters: no updater, no clipping and no noise reaches them. Without statistics the mean
 * is 0 and the variance 1.
 */
public class FrozenBatchNormalization extends ChannelNormalization {
    private static final long serialVersionUID = 1L;

    private double[] mean = new double[0];
    private double[] variance = new double[0];

    /** For deserialisation only; use {@link Builder}. */
    public FrozenBatchNormalization() {}

    /**
     * Creates the layer from its builder.
     *
     * @param builder the settings
     */
    protected FrozenBatchNormalization(Builder builder) {
        super(builder);
        setMean(builder.mean);
        setVariance(builder.variance);
    }

    /**
     * The means.
     *
     * @return a copy, one a channel; empty where none are set
     */
    public double[] getMean() {
        return mean.clone();
    }

    /**
     * Sets the means (deserialisation; see {@link #setStatistics}).
     *
     * @param mean one a channel, finite
     */
    public void setMean(double[] mean) {
        for (double m : mean) {
            if (!Double.isFinite(m)) {
                throw new IllegalArgumentException("mean=" + m + ": must be finite; check the public data");
            }
        }
        this.mean = mean.clone();
    }

    /**
     * The variances.
     *
     * @return a copy, one a channel; empty where none are set
     */
    public double[] getVariance() {
        return variance.clone();
    }

    /**
     * Sets the variances (deserialisation; see {@link #setStatistics}).
     *
     * @param variance one a channel, finite, at least 0
     */
    public void setVariance(double[] variance) {
        for (double v : variance) {
            if (!(v >= 0 && v < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "variance=" + v + ": must be finite and at least 0; check the public data");
            }
        }
        this.variance = variance.clone();
    }

    /**
     * Sets both statistics. A network that already runs with this configuration uses them from its next pass on.
     *
     * @param mean one a channel, finite
     * @param variance one a channel, finite, at least 0
     * @throws IllegalArgumentException when a length is not the number of channels, or a value is out of range
     */
    public void setStatistics(double[] mean, double[] variance) {
        if (mean.length != variance.length || (nIn > 0 && mean.length != nIn)) {
            throw new IllegalArgumentException("mean has " + mean.length + " entries, variance " + variance.length
                    + ": both need one for each of the " + nIn + " channels of layer " + getLayerName());
        }
        setMean(mean);
        setVariance(variance);
    }

    double mean(int channel) {
        return mean.length == 0 ? 0 : mean[channel];
    }

    double inverseDeviation(int channel) {
        return 1 / Math.sqrt((variance.length == 0 ? 1 : variance[channel]) + getEps());
    }

    @Override
    void checkChannels(long channels) {
        if ((mean.length != 0 || variance.length != 0) && (mean.length != channels || variance.length != channels)) {
            throw new IllegalArgumentException("mean has " + mean.length + " entries, variance " + variance.length
                    + ": both need one for each of the " + channels + " channels of layer " + getLayerName());
        }
    }

    @Override
    NormalizationImpl<?> implementation(NeuralNetConfiguration conf, DataType type) {
        return new FrozenBatchNormalizationImpl(conf, type);
    }

    @Override
    public FrozenBatchNormalization clone() {
        FrozenBatchNormalization copy = (FrozenBatchNormalization) super.clone();
        copy.mean = mean.clone();
        copy.variance = variance.clone();
        return copy;
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof FrozenBatchNormalization;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FrozenBatchNormalization f
                && super.equals(f)
                && Arrays.equals(f.mean, mean)
                && Arrays.equals(f.variance, variance);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + Arrays.hashCode(mean) + 7 * Arrays.hashCode(variance);
    }

    @Override
    public String toString() {
        return "FrozenBatchNormalization(statistics=" + (mean.length == 0 ? "none" : "set") + ", eps=" + getEps() + ", "
                + super.toString() + ")";
    }

    /** Builder of {@link FrozenBatchNormalization}. */
    @SuppressWarnings("unchecked") // build() narrows a return type that the stock builder leaves to the caller
    public static class Builder extends ChannelNormalization.Builder<Builder> {
        private double[] mean = new double[0];
        private double[] variance = new double[0];

        /** Starts a builder, without statistics. */
        public Builder() {}

        /**
         * Sets the statistics.
         *
         * @param mean one a channel, finite
         * @param variance one a channel, finite, at least 0
         * @return this
         */
        public Builder statistics(double[] mean, double[] variance) {
            this.mean = mean.clone();
            this.variance = variance.clone();
            return this;
        }

        @Override
        public FrozenBatchNormalization build() {
            return new FrozenBatchNormalization(this);
        }
    }
}
