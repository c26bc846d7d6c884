package org.veil4j.dp.gradient;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Squared norm of one example's convolution gradient from two Gram matrices. The Gram matrix of the patches is never formed as
 * a product: {@code <p_t, p_t'>} is a sum of {@code <x_u, x_u'>} over the kernel's elements, x_u the channels of one pixel, so
 * sums along the kernel's rows, then columns, take kernelW + kernelH terms in place of kernelH * kernelW * channels. All
 * sums run over whole rows of the padded image, so that the JIT makes vector loops of them.
 *
 * <p>The terms of {@code sum <d_t, d_t'> <p_t, p_t'>} cancel where the input has a large part that is common to all pixels and the
 * output gradients sum to nearly 0, as behind a normalisation: a clipping factor from what rounding leaves would be no
 * bound at all. So all is in double, and where most of the digits cancel there is no answer.
 */
final class GhostNorm {
    /** What {@link #squared} returns for an example whose gradient has to be computed itself. */
    static final double CANCELLED = -1;

    /**
     * Least part of {@code (sum |d_t| |p_t|)^2}, which bounds the squared norm, for an answer. The same bounds the rounding of the
     * clipped sum, which is computed in the network's precision: its error in one example is at most 32 units of rounding of the
     * norm, and in practice, with random signs, a small part of that.
     */
    private static final double LEAST = 0x1p-10;

    private final ConvolutionGeometry g;
    private final int width;
    private final int size;
    private final double[] pixels;
    private final double[] deltas;
    private final double[] rowSums;
    private final double[] patchGram;

    GhostNorm(ConvolutionGeometry g) {
        this.g = g;
        this.width = g.paddedW();
        this.size = g.paddedH() * width;
        this.pixels = new double[pixelGram(g)];
        this.deltas = new double[deltaGram(g)];
        this.patchGram = new double[size];
        this.rowSums = new double[g.paddedH() * g.outW() * size];
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
     * Computes the squared norm over the weights of example i.
     *
     * @param pixelGrams doubles, dense: Gram matrices of the padded input's pixels (rows and columns that are read only)
     * @param deltaGrams doubles, dense: Gram matrices of the output gradients at the output pixels
     * @param i example in both
     * @return the squared norm, not finite if an element is not, or {@link #CANCELLED}
     */
    double squared(INDArray pixelGrams, INDArray deltaGrams, int i) {
        Transfer.get(pixelGrams, (long) i * pixels.length, pixels.length, pixels, 0);
        Transfer.get(deltaGrams, (long) i * deltas.length, deltas.length, deltas, 0);
        sumKernelRows();
        double sum = 0;
        double bound = 0;
        int t = 0;
        for (int y = 0; y < g.outH(); y++) {
            for (int x = 0; x < g.outW(); x++, t++) {
                sumKernelColumns(y, x);
                for (int yy = 0, d = t * g.positions(); yy < g.outH(); yy++, d += g.outW()) {
                    sum += product(g.strideH() * yy * width, g.strideW(), d, g.outW());
                }
                double patch = patchGram[g.strideH() * y * width + g.strideW() * x];
                bound += Math.sqrt(patch * deltas[t * g.positions() + t]);
            }
        }
        return sum < LEAST * bound * bound ? CANCELLED : sum;
    }

    /**
     * rowSums[(Y, x)][u] = sum over j of pixels[(Y, strideW x + dilationW j)][u + dilationW j], for all pixels u; those at the
     * right border, whose window leaves the row, are never read.
     */
    private void sumKernelRows() {
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

    /** Sum over k in [0, count) of patchGram[from + step k] * deltas[at + k]. */
    private double product(int from, int step, int at, int count) {
        double sum = 0;
        for (int k = 0; k < count; k++) {
            sum += patchGram[from + step * k] * deltas[at + k];
        }
        return sum;
    }
}
