package org.veil4j.dp.gradient;

import java.util.Arrays;

/**
 * Squared norm of one example's convolution gradient from two Gram matrices. The Gram matrix of the patches is never formed:
 * {@code <p_t, p_t'>} is a sum of {@code <x_u, x_u'>} over the kernel's elements, x_u the channels of one pixel, so sums along
 * the kernel's rows, then columns, take kernelW + kernelH terms in place of kernelH * kernelW * channels.
 */
final class GhostNorm {
    private final ConvolutionGeometry g;
    private final int strip;
    private final double[] rowSums;

    GhostNorm(ConvolutionGeometry g) {
        this.g = g;
        this.strip = g.paddedH() * g.outW();
        this.rowSums = new double[strip * strip];
    }

    /** Elements of the pixels' Gram matrix. */
    static int pixelGram(ConvolutionGeometry g) {
        int pixels = g.paddedH() * g.paddedW();
        return pixels * pixels;
    }

    /** Elements of the output gradients' Gram matrix. */
    static int deltaGram(ConvolutionGeometry g) {
        return g.positions() * g.positions();
    }

    /**
     * Computes the squared norm over the weights.
     *
     * @param pixels Gram matrix of the padded input's pixels (rows and columns that are read only)
     * @param deltas Gram matrix of the output gradients at the output pixels
     * @return the squared norm; tiny negative values by rounding become 0
     */
    double squared(double[] pixels, double[] deltas) {
        sumKernelRows(pixels);
        double sum = 0;
        int t = 0;
        for (int y = 0; y < g.outH(); y++) {
            for (int x = 0; x < g.outW(); x++, t++) {
                for (int i = 0; i < g.kernelH(); i++) {
                    int q = ((g.strideH() * y + g.dilationH() * i) * g.outW() + x) * strip;
                    sum += product(q + g.dilationH() * i * g.outW(), deltas, t * g.positions());
                }
            }
        }
        return sum < 0 ? 0 : sum;
    }

    /** Sum over output pixels (y', x') of rowSums[q + strideH y' outW + x'] * deltas[d + y' outW + x']. */
    private double product(int q, double[] deltas, int d) {
        double a = 0;
        double b = 0;
        int jump = g.strideH() * g.outW();
        int width = g.outW();
        if (g.strideH() == 1) {
            width = g.positions(); // rows follow each other without a gap
        }
        int even = width & ~1;
        for (int at = d, end = d + g.positions(); at < end; at += width, q += jump) {
            for (int x = 0; x < even; x += 2) {
                a += rowSums[q + x] * deltas[at + x];
                b += rowSums[q + x + 1] * deltas[at + x + 1];
            }
            if (even < width) {
                a += rowSums[q + even] * deltas[at + even];
            }
        }
        return a + b;
    }

    /** rowSums[(Y, x), (Y', x')] = sum over j of pixels[(Y, strideW x + dilationW j), (Y', strideW x' + dilationW j)]. */
    private void sumKernelRows(double[] pixels) {
        int width = g.paddedW();
        int size = g.paddedH() * width;
        Arrays.fill(rowSums, 0);
        for (int row = 0; row < strip; row++) {
            int y = row / g.outW();
            int x = row % g.outW();
            for (int j = 0; j < g.kernelW(); j++) {
                int column = g.dilationW() * j;
                int from = (y * width + g.strideW() * x + column) * size + column;
                int to = row * strip;
                for (int yy = 0; yy < g.paddedH(); yy++, from += width, to += g.outW()) {
                    for (int xx = 0; xx < g.outW(); xx++) {
                        rowSums[to + xx] += pixels[from + g.strideW() * xx];
                    }
                }
            }
        }
    }
}
