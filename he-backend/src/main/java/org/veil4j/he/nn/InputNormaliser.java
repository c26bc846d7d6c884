package org.veil4j.he.nn;

import org.veil4j.he.nn.graph.TensorShape;

/**
 * What becomes of an image's elements before they are encrypted, and which ones are accepted.
 *
 * @param mean subtracted, one number a channel or one for all
 * @param deviation then divided by
 * @param plane elements of a channel
 * @param low least element that is accepted, before normalisation
 * @param high largest
 */
record InputNormaliser(double[] mean, double[] deviation, int plane, double low, double high) {
    static InputNormaliser of(double[] mean, double[] deviation, TensorShape shape, double low, double high) {
        return new InputNormaliser(mean, deviation, shape.height() * shape.width(), low, high);
    }

    /** An element as the network wants it. */
    double normalise(double value, int element) {
        int channel = mean.length == 1 ? 0 : element / plane;
        return (value - mean[channel]) / deviation[channel];
    }

    /**
     * An element of an image as the network wants it.
     *
     * @throws IllegalArgumentException if it is not finite or outside of the range
     */
    double normalise(ImageBatch images, int image, int element) {
        double v = images.value(image, element);
        if (!Double.isFinite(v)) {
            throw new IllegalArgumentException(
                    "image " + image + ", element " + element + ": " + v + ", must be finite");
        }
        if (v < low || v > high) {
            throw new IllegalArgumentException("image " + image + ", element " + element + ": " + v + ", must be from "
                    + low + " to " + high + ", the input range that the network was compiled for; scale the images, or"
                    + " compile for a larger range");
        }
        return normalise(v, element);
    }
}
