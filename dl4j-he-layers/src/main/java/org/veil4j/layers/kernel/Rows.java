package org.veil4j.layers.kernel;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Moves the rows of images between {@code [n, channels, height, width]} and {@code [channels, n * pixels]}, skipping pixels on
 * the way. Float arrays, contiguous. Cost: one pass over the memory. Not thread-safe: scratch is reused.
 */
public final class Rows {
    private float[] image = new float[0];
    private float[] part = new float[0];

    /** Creates the mover, with empty scratch. */
    public Rows() {}

    /**
     * {@code to[c, i * pixels + p] = from[i, c, p]}.
     *
     * @param from {@code [n, channels, pixels]}
     * @param to {@code [channels, n * pixels]}
     * @param n examples
     * @param channels of the images
     * @param pixels of a channel
     */
    public void exchange(INDArray from, INDArray to, int n, int channels, int pixels) {
        FloatBuffer source = buffer(from);
        FloatBuffer target = buffer(to);
        reserve(channels * pixels, 0);
        for (int i = 0; i < n; i++) {
            source.get(i * channels * pixels, image, 0, channels * pixels);
            for (int c = 0; c < channels; c++) {
                target.put((c * n + i) * pixels, image, c * pixels, pixels);
            }
        }
    }

    /**
     * Takes each strideH-th row and strideW-th column: {@code to[c, (i * outH + y) * outW + x] = from[i, c, strideH y, strideW x]}.
     *
     * @param from {@code [n, channels, h, w]}
     * @param to {@code [channels, n * outH * outW]}
     * @param n examples
     * @param channels of the images
     * @param h height of the images
     * @param w width of the images
     * @param outH rows taken
     * @param outW columns taken
     * @param strideH vertical step
     * @param strideW horizontal step
     */
    public void gather(
            INDArray from,
            INDArray to,
            int n,
            int channels,
            int h,
            int w,
            int outH,
            int outW,
            int strideH,
            int strideW) {
        int pixels = outH * outW;
        if (strideH == 1 && strideW == 1 && pixels == h * w) {
            exchange(from, to, n, channels, pixels);
            return;
        }
        FloatBuffer source = buffer(from);
        FloatBuffer target = buffer(to);
        reserve(channels * h * w, pixels);
        for (int i = 0; i < n; i++) {
            source.get(i * channels * h * w, image, 0, channels * h * w);
            for (int c = 0; c < channels; c++) {
                for (int y = 0; y < outH; y++) {
                    int row = (c * h + y * strideH) * w;
                    for (int x = 0; x < outW; x++) {
                        part[y * outW + x] = image[row + x * strideW];
                    }
                }
                target.put((c * n + i) * pixels, part, 0, pixels);
            }
        }
    }

    /**
     * The transposed of {@link #gather}: what was not taken becomes 0.
     *
     * @param from {@code [channels, n * outH * outW]}
     * @param to {@code [n, channels, h, w]}, overwritten
     * @param n examples
     * @param channels of the images
     * @param h height of the images
     * @param w width of the images
     * @param outH rows taken
     * @param outW columns taken
     * @param strideH vertical step
     * @param strideW horizontal step
     */
    public void scatter(
            INDArray from,
            INDArray to,
            int n,
            int channels,
            int h,
            int w,
            int outH,
            int outW,
            int strideH,
            int strideW) {
        int pixels = outH * outW;
        FloatBuffer source = buffer(from);
        FloatBuffer target = buffer(to);
        reserve(channels * h * w, pixels);
        Arrays.fill(image, 0, channels * h * w, 0f);
        for (int i = 0; i < n; i++) {
            for (int c = 0; c < channels; c++) {
                source.get((c * n + i) * pixels, part, 0, pixels);
                for (int y = 0; y < outH; y++) {
                    int row = (c * h + y * strideH) * w;
                    for (int x = 0; x < outW; x++) {
                        image[row + x * strideW] = part[y * outW + x]; // always the same places: the others stay 0
                    }
                }
            }
            target.put(i * channels * h * w, image, 0, channels * h * w);
        }
    }

    private void reserve(int imageSize, int partSize) {
        if (image.length < imageSize) {
            image = new float[imageSize];
        }
        if (part.length < partSize) {
            part = new float[partSize];
        }
    }

    private static FloatBuffer buffer(INDArray array) {
        return NativeArrays.bytes(array, DataType.FLOAT).asFloatBuffer();
    }
}
