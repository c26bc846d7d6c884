package org.veil4j.layers.conv;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/**
 * Average pooling that costs nothing under encryption: with no activation between them it folds into the convolution
 * or dense layer next to it, because it is linear with the same weights for every image.
 *
 * <p>The layer made here is Deeplearning4j's own {@code SubsamplingLayer} in mode {@code Truncate} without padding:
 * every window lies inside the image, so each output is the plain mean of {@code kernel * kernel} values and there is
 * no border rule to reproduce. Rows and columns that do not fill a window are dropped, as Deeplearning4j does.
 */
public final class AveragePooling {
    private AveragePooling() {}

    /**
     * Makes the layer for square windows.
     *
     * @param kernel height and width of the window, at least 1
     * @param stride step in both directions, at least 1
     * @return a stock pooling layer
     * @throws IllegalArgumentException when one is not positive
     */
    public static SubsamplingLayer of(int kernel, int stride) {
        if (kernel < 1 || stride < 1) {
            throw new IllegalArgumentException(
                    "kernel=" + kernel + " stride=" + stride + ": both must be at least 1 pixel");
        }
        return new SubsamplingLayer.Builder(
                        SubsamplingLayer.PoolingType.AVG, new int[] {kernel, kernel}, new int[] {stride, stride})
                .convolutionMode(ConvolutionMode.Truncate)
                .build();
    }
}
