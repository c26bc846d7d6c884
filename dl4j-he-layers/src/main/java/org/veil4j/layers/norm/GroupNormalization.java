package org.veil4j.layers.norm;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Group normalisation: mean and variance of each example over the channels of a group and all positions; so examples do not
 * mix, and the layer may be trained with differential privacy. It cannot be encrypted, because it divides by a statistic of
 * its input. With one group it is layer normalisation, with a group a channel instance normalisation. Cost: two passes over
 * the data forward and one and a half backward, in the cache. Source: Wu and He, Group Normalization, ECCV 2018.
 */
public class GroupNormalization extends ChannelNormalization {
    private static final long serialVersionUID = 1L;

    private int groups = 1;

    /** For deserialisation only; use {@link Builder}. */
    public GroupNormalization() {}

    /**
     * Creates the layer from its builder.
     *
     * @param builder the settings
     */
    protected GroupNormalization(Builder builder) {
        super(builder);
        this.groups = builder.groups;
    }

    /**
     * Number of groups.
     *
     * @return at least 1, a divisor of the channels
     */
    public int getGroups() {
        return groups;
    }

    /**
     * Sets the number of groups (deserialisation).
     *
     * @param groups at least 1
     */
    public void setGroups(int groups) {
        this.groups = checked(groups);
    }

    private static int checked(int groups) {
        if (groups < 1) {
            throw new IllegalArgumentException("groups=" + groups + ": must be at least 1");
        }
        return groups;
    }

    @Override
    void checkChannels(long channels) {
        if (channels % groups != 0) {
            throw new IllegalArgumentException("groups=" + groups + " of layer " + getLayerName() + ": must divide the "
                    + channels + " channels; use a divisor");
        }
    }

    @Override
    NormalizationImpl<?> implementation(NeuralNetConfiguration conf, DataType type) {
        return new GroupNormalizationImpl(conf, type);
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof GroupNormalization;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GroupNormalization g && super.equals(g) && g.groups == groups;
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + groups;
    }

    @Override
    public String toString() {
        return "GroupNormalization(groups=" + groups + ", eps=" + getEps() + ", " + super.toString() + ")";
    }

    /** Builder of {@link GroupNormalization}. */
    @SuppressWarnings("unchecked") // build() narrows a return type that the stock builder leaves to the caller
    public static class Builder extends ChannelNormalization.Builder<Builder> {
        private final int groups;

        /**
         * Starts a builder.
         *
         * @param groups at least 1; must divide the number of channels
         */
        public Builder(int groups) {
            this.groups = checked(groups);
        }

        @Override
        public GroupNormalization build() {
            return new GroupNormalization(this);
        }
    }
}
