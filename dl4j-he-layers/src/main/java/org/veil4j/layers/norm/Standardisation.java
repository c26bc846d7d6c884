package org.veil4j.layers.norm;

/**
 * The map from raw weights w to standardised ones, an output channel at a time: {@code u = (w - mean(w)) r} with
 * {@code r = 1 / sqrt(sum((w - mean(w))^2) + eps)}, so u has mean 0 and length 1 (variance 1/fan-in), and the convolution
 * uses {@code gain * u}. All in double. Source: Qiao et al., Micro-Batch Training with Batch-Channel Normalization and Weight
 * Standardization, 2019; Brock et al., ICLR 2021.
 */
final class Standardisation {
    private final int outputs;
    private final int fanIn;
    private final double eps;
    private final double[] unit;
    private final double[] inverse;
    private final double[] gain;

    Standardisation(int outputs, int fanIn, double eps) {
        this.outputs = outputs;
        this.fanIn = fanIn;
        this.eps = eps;
        this.unit = new double[outputs * fanIn];
        this.inverse = new double[outputs];
        this.gain = new double[outputs];
    }

    int outputs() {
        return outputs;
    }

    int weights() {
        return outputs * fanIn;
    }

    /** Takes raw weights in the order [out, in, height, width] and gains. */
    void set(double[] raw, double[] gains) {
        System.arraycopy(gains, 0, gain, 0, outputs);
        for (int o = 0; o < outputs; o++) {
            int from = o * fanIn;
            double mean = 0;
            for (int i = 0; i < fanIn; i++) {
                mean += raw[from + i];
            }
            mean /= fanIn;
            double squares = 0;
            for (int i = 0; i < fanIn; i++) {
                double c = raw[from + i] - mean;
                squares += c * c;
            }
            double r = 1 / Math.sqrt(squares + eps);
            inverse[o] = r;
            for (int i = 0; i < fanIn; i++) {
                unit[from + i] = (raw[from + i] - mean) * r;
            }
        }
    }

    /** Writes the weights that the convolution uses. */
    void effective(double[] out) {
        for (int o = 0; o < outputs; o++) {
            for (int i = o * fanIn; i < (o + 1) * fanIn; i++) {
                out[i] = gain[o] * unit[i];
            }
        }
    }

    /**
     * Turns a gradient with respect to the effective weights into one with respect to gains and raw weights. Linear in the gradient:
     * {@code dGain = <g, u>}, {@code dRaw = gain r (g - mean(g) - u <g, u>)}.
     *
     * @param gradient effective weights from {@code at}; replaced by that of the raw weights
     * @param at first element
     * @param gains receives the gradient of the gains from {@code gainAt}
     * @param gainAt first element
     */
    void pullBack(double[] gradient, int at, double[] gains, int gainAt) {
        for (int o = 0; o < outputs; o++) {
            int from = o * fanIn;
            double mean = 0;
            double along = 0;
            for (int i = from; i < from + fanIn; i++) {
                mean += gradient[at + i];
                along += gradient[at + i] * unit[i];
            }
            mean /= fanIn;
            gains[gainAt + o] = along;
            double factor = gain[o] * inverse[o];
            for (int i = from; i < from + fanIn; i++) {
                gradient[at + i] = factor * (gradient[at + i] - mean - unit[i] * along);
            }
        }
    }
}
