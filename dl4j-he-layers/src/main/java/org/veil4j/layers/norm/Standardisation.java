package org.veil4j.layers.norm;

/**
 * The map from raw weights w to standardised ones, an output channel at a time: {@code u = (w - mean(w)) r} with
 * {@code r = 1 / sqrt(sum((w - mean(w))^2) + eps)}, so u has mean 0 and length 1 (variance 1/fan-in), and the convolution
 * uses {@code gain * u}. All in double. Source: Qiao et al., Micro-Batch Training with Batch-Channel Normalization and Weight
 * Standardization, 2019; Brock et al., ICLR 2021.
 */
final class Standardisation {
    /** A difference smaller than this part of its terms has lost too many digits. */
    private static final double CANCELLED = 1e-3;

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

    /**
     * The squared L2 norm of what {@link #pullBack} gives, gains and raw weights together, from sums over the gradient alone:
     * {@code |g - mean(g) - u <g, u>|^2 = |g|^2 - fanIn mean(g)^2 - (2 - |u|^2) <g, u>^2}, as u sums to 0. Where that cancels, the
     * difference is summed itself. Reads only, so several threads may call it.
     *
     * @param gradient effective weights from {@code at}
     * @param at first element
     * @return not finite if an element is not
     */
    double squaredNormOfPullBack(double[] gradient, int at) {
        double total = 0;
        for (int o = 0; o < outputs; o++) {
            int from = o * fanIn;
            int end = from + fanIn;
            double sum0 = 0;
            double sum1 = 0;
            double along0 = 0;
            double along1 = 0;
            double squares0 = 0;
            double squares1 = 0;
            int i = from;
            for (; i + 1 < end; i += 2) { // two chains of additions each: one would wait for itself
                double g0 = gradient[at + i];
                double g1 = gradient[at + i + 1];
                sum0 += g0;
                sum1 += g1;
                along0 += g0 * unit[i];
                along1 += g1 * unit[i + 1];
                squares0 += g0 * g0;
                squares1 += g1 * g1;
            }
            if (i < end) {
                sum0 += gradient[at + i];
                along0 += gradient[at + i] * unit[i];
                squares0 += gradient[at + i] * gradient[at + i];
            }
            double mean = (sum0 + sum1) / fanIn;
            double along = along0 + along1;
            double squares = squares0 + squares1;
            double r = inverse[o];
            double rest = squares - fanIn * mean * mean - (1 + eps * r * r) * along * along;
            if (rest < CANCELLED * squares) {
                rest = squaredDistance(gradient, at, from, mean, along);
            }
            double factor = gain[o] * r;
            total += along * along + factor * factor * rest;
        }
        return total;
    }

    private double squaredDistance(double[] gradient, int at, int from, double mean, double along) {
        double sum = 0;
        for (int i = from; i < from + fanIn; i++) {
            double d = gradient[at + i] - mean - unit[i] * along;
            sum += d * d;
        }
        return sum;
    }
}
