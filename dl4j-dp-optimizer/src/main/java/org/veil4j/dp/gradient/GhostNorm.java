package org.veil4j.dp.gradient;

import java.util.Arrays;

/**
 * Squared norm of one example's convolution gradient from two Gram matrices. The Gram matrix of the patches is never formed as
 * a product: {@code <p_t, p_t'>} is a sum of {@code <x_u, x_u'>} over the kernel's elements, x_u the channels of one pixel, so
 * sums along the kernel's rows, then columns, take kernelW + kernelH terms in place of kernelH * kernelW * channels. All
 * sums run over whole rows of the padded image, so that the JIT makes vector loops of them.
 */
final class GhostNorm {
    private final ConvolutionGeometry g;
    private final int width;
    private final int size;
    private final double[] rowSums;
    private final double[] patchGram;

    GhostNorm(ConvolutionGeometry g) {
        this.g = g;
        this.width = g.paddedW();
        this.size = g.paddedH() * width;
        this.rowSums = new double[g.paddedH() * g.outW() * size];
        this.patchGram = new double[size];
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
                sumKernelColumns(y, x);
                sum += product(deltas, t * g.positions());
            }
        }
        return sum < 0 ? 0 : sum;
    }

    /**
     * rowSums[(Y, x)][u] = sum over j of pixels[(Y, strideW x + dilationW j)][u + dilationW j], for all pixels u; those at the
     * right border, whose window leaves the row, are never read.
     */
    private void sumKernelRows(double[] pixels) {
        Arrays.fill(rowSums, 0);
        int to = 0;
        for (int y = 0; y < g.paddedH(); y++) {
            for (int x = 0; x < g.outW(); x++, to += size) {
                for (int j = 0; j < g.kernelW(); j++) {
                    int column = g.dilationW() * j;
                    int row = y * width + g.strideW() * x + column;
                    add(rowSums, to, pixels, row * size + column, size - column);
                }
            }
        }
    }

    /** patchGram[u] = sum over i of rowSums[(strideH y + dilationH i, x)][u + dilationH i paddedW]. */
    private void sumKernelColumns(int y, int x) {
        Arrays.fill(patchGram, 0);
        for (int i = 0; i < g.kernelH(); i++) {
            int down = g.dilationH() * i;
            int row = (g.strideH() * y + down) * g.outW() + x;
            add(patchGram, 0, rowSums, row * size + down * width, size - down * width);
        }
    }

    private static void add(double[] target, int to, double[] source, int from, int count) {
        for (int k = 0; k < count; k++) {
            target[to + k] += source[from + k];
        }
    }

    /** Sum over output pixels (y', x') of patchGram[(strideH y', strideW x')] * deltas[d + y' outW + x']. */
    private double product(double[] deltas, int d) {
        double sum = 0;
        int at = d;
        for (int y = 0; y < g.outH(); y++) {
            int row = g.strideH() * y * width;
            for (int x = 0; x < g.outW(); x++, at++) {
                sum += patchGram[row + g.strideW() * x] * deltas[at];
            }
        }
        return sum;
    }
}
