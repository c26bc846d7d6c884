package org.veil4j.zoo;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is done to a pixel before it enters the network: {@code (pixel - mean[channel]) / std[channel]}, with pixels on
 * the scale 0..255. It is affine and the same for every image, so that an encrypting client can apply it and a compiler
 * may fold it. Immutable.
 */
public final class InputNormalisation {
    private final double[] mean;
    private final double[] std;
    private final float[][] table;

    /**
     * Creates the normalisation.
     *
     * @param mean to subtract, one a channel, on the scale 0..255
     * @param std to divide by, one a channel, positive, on the scale 0..255
     * @throws IllegalArgumentException when the lengths differ or a value is out of range
     */
    public InputNormalisation(double[] mean, double[] std) {
        if (mean.length == 0 || mean.length != std.length) {
            throw new IllegalArgumentException("mean has " + mean.length + " channels, std " + std.length
                    + ": both need one value for each channel");
        }
        for (int c = 0; c < mean.length; c++) {
            if (!Double.isFinite(mean[c]) || !Double.isFinite(std[c]) || std[c] <= 0) {
                throw new IllegalArgumentException("mean[" + c + "]=" + mean[c] + " std[" + c + "]=" + std[c]
                        + ": must be finite, and std positive");
            }
        }
        this.mean = mean.clone();
        this.std = std.clone();
        this.table = new float[mean.length][256];
        for (int c = 0; c < mean.length; c++) {
            for (int v = 0; v < 256; v++) {
                table[c][v] = (float) ((v - mean[c]) / std[c]);
            }
        }
    }

    /**
     * Measures mean and standard deviation of each channel over a set of images.
     *
     * @param images channels first, one byte (0..255) a pixel
     * @param channels number of channels
     * @return the normalisation that gives each channel mean 0 and deviation 1 over these images
     */
    public static InputNormalisation measure(byte[][] images, int channels) {
        double[] mean = new double[channels];
        double[] std = new double[channels];
        for (int c = 0; c < channels; c++) {
            long sum = 0;
            long squares = 0;
            long count = 0;
            for (byte[] image : images) {
                int plane = image.length / channels;
                for (int i = c * plane; i < (c + 1) * plane; i++) {
                    int v = image[i] & 255;
                    sum += v;
                    squares += (long) v * v;
                }
                count += plane;
            }
            mean[c] = sum / (double) count;
            std[c] = Math.max(1e-3, Math.sqrt(squares / (double) count - mean[c] * mean[c]));
        }
        return new InputNormalisation(mean, std);
    }

    /**
     * What is subtracted.
     *
     * @return a copy, one value a channel
     */
    public double[] mean() {
        return mean.clone();
    }

    /**
     * What is divided by.
     *
     * @return a copy, one value a channel
     */
    public double[] std() {
        return std.clone();
    }

    /**
     * Number of channels.
     *
     * @return 1 or more
     */
    public int channels() {
        return mean.length;
    }

    /**
     * Normalises one image.
     *
     * @param image channels first, one byte a pixel; the length must be a multiple of the channels
     * @param out where the values go
     * @param offset of the first value in {@code out}
     */
    public void apply(byte[] image, float[] out, int offset) {
        int plane = image.length / mean.length;
        for (int c = 0; c < mean.length; c++) {
            float[] t = table[c];
            for (int i = c * plane; i < (c + 1) * plane; i++) {
                out[offset + i] = t[image[i] & 255];
            }
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof InputNormalisation n && Arrays.equals(n.mean, mean) && Arrays.equals(n.std, std);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(mean) * 31 + Arrays.hashCode(std);
    }

    @Override
    public String toString() {
        return "(pixel - " + Arrays.toString(mean) + ") / " + Arrays.toString(std);
    }
}
