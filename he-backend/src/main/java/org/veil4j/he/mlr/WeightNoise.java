package org.veil4j.he.mlr;

import org.veil4j.he.mlr.clear.SoftmaxHead;
import org.veil4j.he.mlr.encoding.FeatureScaling;

/**
 * How noisy decrypted weights are, measured on the ciphertexts themselves. Numbers in slots are complex. Features, labels, masks,
 * steps and weights are real, and a circuit of sums, products and rotations multiplies a small error by real numbers only: the
 * imaginary part of a decrypted weight is noise alone, with the distribution that the noise of the real part has. That holds for
 * both encodings, and over refreshes too, since these carry the imaginary part on. (The spread of a weight's copies in the diagonal
 * encoding would miss the noise that arises before a gradient is summed over rows, for all copies get the same of that.)
 *
 * <p>The rule for what may be published: multiples of 2^-bits where that is at least 8 times the largest error to be expected among
 * all weights, which for n Gaussian errors of standard deviation sigma is sigma sqrt(2 ln 2n). Few weights are then so close to the
 * middle between two multiples that noise decides where they go; rounding makes what is published nearly independent of the noise,
 * it does not prove that nothing is left.
 *
 * @param deviation standard deviation of the noise of the noisiest column's weights, in units of the head's weights
 * @param weights number of weights
 */
record WeightNoise(double deviation, int weights) {
    private static final double MARGIN = 8;

    /**
     * Measures.
     *
     * @param imaginary imaginary parts of weights in scaled units: class, then column
     * @param scaling says by what a column's weights are multiplied in a head
     */
    static WeightNoise of(double[][] imaginary, FeatureScaling scaling) {
        int classes = imaginary.length;
        int columns = imaginary[0].length;
        double all = 0;
        double[] column = new double[columns];
        for (double[] row : imaginary) {
            for (int k = 0; k < columns; k++) {
                column[k] += row[k] * row[k] / classes;
                all += row[k] * row[k] / classes / columns;
            }
        }
        // A column of few classes may look quiet by chance: it is taken to be as noisy as the average at least.
        double largest = 0;
        for (int k = 0; k < columns; k++) {
            largest = Math.max(largest, Math.sqrt(Math.max(column[k], all)) * scaling.factor(k));
        }
        return new WeightNoise(largest, classes * columns);
    }

    /** The largest error to be expected among all weights. */
    double largest() {
        return deviation * Math.sqrt(2 * Math.log(2.0 * weights));
    }

    /** The most bits behind the binary point that weights may be published with; negative where not even whole numbers are. */
    int publishableBits() {
        double bits = Math.floor(-Math.log(MARGIN * largest()) / Math.log(2));
        return (int) Math.min(bits, SoftmaxHead.MAX_BITS);
    }
}
