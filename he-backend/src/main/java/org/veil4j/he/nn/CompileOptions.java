package org.veil4j.he.nn;

import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.rlwe.SecurityLevel;

/**
 * How a network is to be compiled. Immutable; {@link #builder} starts from defaults that suit networks of moderate depth:
 * about 20 bits of precision on the result at 128-bit security.
 */
public final class CompileOptions {
    /** Least log2 of the result's scale. */
    static final int MIN_LOG_OUTPUT_SCALE = 20;

    private final int logN;
    private final LayoutChoice layout;
    private final WeightSecrecy weights;
    private final int batch;
    private final int imagesPerCiphertext;
    private final int logScale;
    private final int logOutputScale;
    private final int weightBits;
    private final SecurityLevel security;
    private final long memoryBudgetBytes;
    private final double[] mean;
    private final double[] standardDeviation;
    private final double inputLow;
    private final double inputHigh;

    private CompileOptions(Builder b) {
        logN = b.logN;
        layout = b.layout;
        weights = b.weights;
        batch = b.batch;
        imagesPerCiphertext = b.imagesPerCiphertext;
        logScale = b.logScale;
        logOutputScale = b.logOutputScale;
        weightBits = b.weightBits;
        security = b.security;
        memoryBudgetBytes = b.memoryBudgetBytes;
        mean = b.mean;
        standardDeviation = b.standardDeviation;
        inputLow = b.inputLow;
        inputHigh = b.inputHigh;
    }

    /** A builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** log2 of the ring degree; 0 lets the compiler choose the smallest that is secure and holds the batch. */
    public int logN() {
        return logN;
    }

    /** How tensors lie in ciphertexts. */
    public LayoutChoice layout() {
        return layout;
    }

    /** Whether the server may know the weights. */
    public WeightSecrecy weights() {
        return weights;
    }

    /** Images that share a ciphertext in the packed layout, a power of two. */
    public int imagesPerCiphertext() {
        return imagesPerCiphertext;
    }

    /** Images that one encrypted batch should hold; the ring degree may give more. */
    public int batch() {
        return batch;
    }

    /** log2 of the scale between layers: fractional bits of the values under encryption. */
    public int logScale() {
        return logScale;
    }

    /** log2 of the scale of the result. */
    public int logOutputScale() {
        return logOutputScale;
    }

    /** Bits of a layer's largest weight after rounding. */
    public int weightBits() {
        return weightBits;
    }

    /** Security level that parameters must reach. */
    public SecurityLevel security() {
        return security;
    }

    /** Memory that the server may use, in bytes; 0 means no limit. */
    public long memoryBudgetBytes() {
        return memoryBudgetBytes;
    }

    /** What the client subtracts from each input element, one number a channel or one for all; a copy. */
    public double[] mean() {
        return mean.clone();
    }

    /** What the client then divides by, one number a channel or one for all; a copy. */
    public double[] standardDeviation() {
        return standardDeviation.clone();
    }

    /** Least input element, before normalisation. */
    public double inputLow() {
        return inputLow;
    }

    /** Largest input element, before normalisation. */
    public double inputHigh() {
        return inputHigh;
    }

    /** What the client does to input elements. */
    InputNormaliser normaliser(TensorShape shape) {
        return InputNormaliser.of(mean, standardDeviation, shape, inputLow, inputHigh);
    }

    /** Sets options; {@link #build} checks them. */
    public static final class Builder {
        private int logN;
        private LayoutChoice layout = LayoutChoice.BATCH;
        private WeightSecrecy weights = WeightSecrecy.PLAIN;
        private int batch = 1;
        private int imagesPerCiphertext = 1;
        private int logScale = 38;
        private int logOutputScale = 36;
        private int weightBits = 28;
        private SecurityLevel security = SecurityLevel.BITS_128;
        private long memoryBudgetBytes;
        private double[] mean = {0};
        private double[] standardDeviation = {1};
        private double inputLow = 0;
        private double inputHigh = 255;

        private Builder() {}

        /** Fixes log2 of the ring degree, 10 to 17; 0, the default, is automatic. */
        public Builder logN(int value) {
            logN = value;
            return this;
        }

        /** Chooses how tensors lie in ciphertexts; default {@link LayoutChoice#BATCH}. */
        public Builder layout(LayoutChoice value) {
            layout = value;
            return this;
        }

        /** Sets whether the server may know the weights; default {@link WeightSecrecy#PLAIN}. */
        public Builder weights(WeightSecrecy value) {
            weights = value;
            return this;
        }

        /**
         * Asks for this many images in a ciphertext of the packed layout, a power of two up to 65,536; default 1. Several take
         * hardly longer than one, as long as a network's tensors leave slots unused.
         */
        public Builder imagesPerCiphertext(int value) {
            imagesPerCiphertext = value;
            return this;
        }

        /** Asks for room for this many images in a batch, 1 to 65,536; default 1. */
        public Builder batch(int value) {
            batch = value;
            return this;
        }

        /** Sets log2 of the scale between layers, 30 to 48; default 38. */
        public Builder logScale(int value) {
            logScale = value;
            return this;
        }

        /**
         * Sets log2 of the result's scale, 20 to logScale; results must stay below 2^(48 - this), in the packed layout
         * below a quarter of that, see {@link ValueRanges}; default 36.
         */
        public Builder logOutputScale(int value) {
            logOutputScale = value;
            return this;
        }

        /** Sets the bits of a layer's largest rounded weight, 12 to 30; default 28. */
        public Builder weightBits(int value) {
            weightBits = value;
            return this;
        }

        /** Sets the security level; default 128 bits. */
        public Builder security(SecurityLevel value) {
            security = value;
            return this;
        }

        /** Refuses a plan whose estimated peak is over this many bytes; 0, the default, is no limit. */
        public Builder memoryBudgetBytes(long value) {
            memoryBudgetBytes = value;
            return this;
        }

        /** Makes the client feed {@code (x - mean[c]) / standardDeviation[c]}; the default is the input as it is. */
        public Builder normalisation(double[] means, double[] standardDeviations) {
            mean = means.clone();
            standardDeviation = standardDeviations.clone();
            return this;
        }

        /**
         * Sets the least and largest input element, before normalisation; default 0 to 255, as pixels are. The client refuses
         * others, since one value beyond what the network was compiled for can spoil all images of a batch. May be infinite:
         * then nothing is refused, and nothing bounds the network's values.
         */
        public Builder inputRange(double low, double high) {
            inputLow = low;
            inputHigh = high;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is out of its range
         */
        public CompileOptions build() {
            require(
                    logN == 0 || logN >= RnsBasis.MIN_LOG_N && logN <= RnsBasis.MAX_LOG_N,
                    "logN",
                    logN,
                    "0 or 10 to 17");
            require(batch >= 1 && batch <= 1 << 16, "batch", batch, "1 to 65,536");
            require(
                    imagesPerCiphertext >= 1
                            && imagesPerCiphertext <= 1 << 16
                            && Integer.bitCount(imagesPerCiphertext) == 1,
                    "imagesPerCiphertext",
                    imagesPerCiphertext,
                    "a power of two up to 65,536");
            require(logScale >= 30 && logScale <= 48, "logScale", logScale, "30 to 48");
            require(
                    logOutputScale >= MIN_LOG_OUTPUT_SCALE && logOutputScale <= logScale,
                    "logOutputScale",
                    logOutputScale,
                    MIN_LOG_OUTPUT_SCALE + " to " + logScale);
            require(weightBits >= 12 && weightBits <= 30, "weightBits", weightBits, "12 to 30");
            if (weights == WeightSecrecy.ENCRYPTED && layout == LayoutChoice.BATCH) {
                throw new IllegalArgumentException(
                        "weights=encrypted: must have the packed layout; set layout to packed, or weights to plain");
            }
            require(memoryBudgetBytes >= 0, "memoryBudgetBytes", memoryBudgetBytes, "0 or more");
            if (!(inputLow < inputHigh)) {
                throw new IllegalArgumentException(
                        "inputRange=" + inputLow + " to " + inputHigh + ": the first must be below the second");
            }
            if (mean.length != standardDeviation.length) {
                throw new IllegalArgumentException("normalisation: " + mean.length + " means and "
                        + standardDeviation.length + " standard deviations, must be equally many");
            }
            for (int c = 0; c < mean.length; c++) {
                if (!Double.isFinite(mean[c])
                        || !(standardDeviation[c] > 0)
                        || Double.isInfinite(standardDeviation[c])) {
                    throw new IllegalArgumentException("normalisation of channel " + c + ": mean=" + mean[c]
                            + ", standardDeviation=" + standardDeviation[c]
                            + ": must be finite, the latter positive");
                }
            }
            return new CompileOptions(this);
        }

        private static void require(boolean ok, String name, long value, String range) {
            if (!ok) {
                throw new IllegalArgumentException(name + "=" + value + ": must be " + range);
            }
        }
    }
}
