package org.veil4j.experiments.data;

import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;

/**
 * Fits images to the input of a network that was trained on others: bilinear scaling, grey repeated in each channel, pixels
 * normalised. Pixel centres are aligned: output row y reads input row {@code (y + 0.5) * rowsIn / rowsOut - 0.5}, held at the
 * border (PyTorch's {@code align_corners=False}, TensorFlow 2's {@code bilinear} without antialiasing). An image that has the
 * size already is not changed. Meant for enlarging; shrinking to less than half skips pixels. Immutable.
 */
public final class ImageResizer {
    private static final long MAX_ELEMENTS = 1 << 24;

    private final InputShape from;
    private final InputShape to;
    private final InputNormalisation normalisation;
    private final boolean reversed;
    private final Taps rows;
    private final Taps columns;

    /**
     * Creates a resizer.
     *
     * @param from shape of the images
     * @param to shape of the network's input
     * @param normalisation of the network's input, one mean and deviation a channel in the network's order
     * @param reversed whether the network wants the channels in reverse order (blue, green, red)
     * @throws IllegalArgumentException if colour images meet a network for grey ones, or channels do not fit
     */
    public ImageResizer(InputShape from, InputShape to, InputNormalisation normalisation, boolean reversed) {
        if (from.channels() != to.channels() && from.channels() != 1) {
            throw new IllegalArgumentException(
                    "shape=" + to + ": images of " + from
                            + " have another number of channels; only grey ones can be spread to more, so choose another data set");
        }
        if (normalisation.channels() != to.channels()) {
            throw new IllegalArgumentException("normalisation has " + normalisation.channels() + " channels, the input "
                    + to + " " + to.channels() + ": must agree");
        }
        if ((long) to.channels() * to.height() * to.width() > MAX_ELEMENTS) {
            throw new IllegalArgumentException(
                    "shape=" + to + ": must have at most " + MAX_ELEMENTS + " values; scale to fewer rows and columns");
        }
        this.from = from;
        this.to = to;
        this.normalisation = normalisation;
        this.reversed = reversed;
        this.rows = new Taps(from.height(), to.height());
        this.columns = new Taps(from.width(), to.width());
    }

    /**
     * Fits one image.
     *
     * @param image channels first, one unsigned byte a pixel
     * @param out where the values go, channels first
     * @param offset of the first value
     */
    public void apply(byte[] image, float[] out, int offset) {
        int plane = to.height() * to.width();
        int channels = to.channels();
        double[] mean = normalisation.mean();
        double[] std = normalisation.std();
        float[] scaled = new float[plane];
        float[] wide = new float[from.height() * to.width()];
        for (int c = 0; c < channels; c++) {
            int source = from.channels() == 1 ? 0 : reversed ? channels - 1 - c : c;
            if (c == 0 || from.channels() > 1) {
                scale(image, source * from.height() * from.width(), wide, scaled);
            }
            for (int i = 0; i < plane; i++) {
                out[offset + c * plane + i] = (float) ((scaled[i] - mean[c]) / std[c]);
            }
        }
    }

    private void scale(byte[] image, int start, float[] wide, float[] scaled) {
        int width = to.width();
        for (int y = 0; y < from.height(); y++) {
            int row = start + y * from.width();
            for (int x = 0; x < width; x++) {
                float left = image[row + columns.first[x]] & 255;
                float right = image[row + columns.second[x]] & 255;
                wide[y * width + x] = left + columns.weight[x] * (right - left);
            }
        }
        for (int y = 0; y < to.height(); y++) {
            int above = rows.first[y] * width;
            int below = rows.second[y] * width;
            float weight = rows.weight[y];
            for (int x = 0; x < width; x++) {
                scaled[y * width + x] = wide[above + x] + weight * (wide[below + x] - wide[above + x]);
            }
        }
    }

    /** Which two inputs each output lies between, and how far it is from the first, in 0..1. */
    private static final class Taps {
        final int[] first;
        final int[] second;
        final float[] weight;

        Taps(int in, int out) {
            first = new int[out];
            second = new int[out];
            weight = new float[out];
            for (int i = 0; i < out; i++) {
                double position = Math.min(in - 1, Math.max(0, (i + 0.5) * in / out - 0.5));
                first[i] = (int) position;
                second[i] = Math.min(in - 1, first[i] + 1);
                weight[i] = (float) (position - first[i]);
            }
        }
    }
}
