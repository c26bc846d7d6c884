package org.veil4j.dp.gradient;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Squared norm of one example's convolution gradient from two Gram matrices. The Gram matrix of the patches is never formed as
 * a product: {@code <p_t, p_t'>} is a sum of {@code <x_u, x_u'>} over the kernel's elements, x_u the channels of one pixel, so
 * sums along the kernel's rows, then columns, take kernelW + kernelH terms in place of kernelH * kernelW * channels. All
 * sums run over whole rows of the padded image, so that the JIT makes vector loops of them. These few terms are added in
 * the network's precision, the norm itself in double.
 */
abstract class GhostNorm {
    private final ConvolutionGeometry g;
    private final int width;
    private final int size;

    private GhostNorm(ConvolutionGeometry g) {
        this.g = g;
        this.width = g.paddedW();
        this.size = g.paddedH() * width;
    }

    static GhostNorm of(ConvolutionGeometry g, DataType type) {
        return type == DataType.DOUBLE ? new Doubles(g) : new Floats(g);
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
     * @param pixels dense, Gram matrices of the padded input's pixels (rows and columns that are read only)
     * @param deltas dense, Gram matrices of the output gradients at the output pixels
     * @param i example in both
     * @return the squared norm; tiny negative values by rounding become 0
     */
    final double squared(INDArray pixels, INDArray deltas, int i) {
        load(pixels, deltas, i);
        sumKernelRows();
        double sum = 0;
        int t = 0;
        for (int y = 0; y < g.outH(); y++) {
            for (int x = 0; x < g.outW(); x++, t++) {
                sumKernelColumns(y, x);
                for (int yy = 0, d = t * g.positions(); yy < g.outH(); yy++, d += g.outW()) {
                    sum += product(g.strideH() * yy * width, g.strideW(), d, g.outW());
                }
            }
        }
        return sum < 0 ? 0 : sum;
    }

    /**
     * rowSums[(Y, x)][u] = sum over j of pixels[(Y, strideW x + dilationW j)][u + dilationW j], for all pixels u; those at the
     * right border, whose window leaves the row, are never read.
     */
    private void sumKernelRows() {
        clearRowSums();
        int to = 0;
        for (int y = 0; y < g.paddedH(); y++) {
            for (int x = 0; x < g.outW(); x++, to += size) {
                for (int j = 0; j < g.kernelW(); j++) {
                    int column = g.dilationW() * j;
                    int row = y * width + g.strideW() * x + column;
                    addPixels(to, row * size + column, size - column);
                }
            }
        }
    }

    /** patchGram[u] = sum over i of rowSums[(strideH y + dilationH i, x)][u + dilationH i paddedW]. */
    private void sumKernelColumns(int y, int x) {
        clearPatchGram();
        for (int i = 0; i < g.kernelH(); i++) {
            int down = g.dilationH() * i;
            int row = (g.strideH() * y + down) * g.outW() + x;
            addRowSums(row * size + down * width, size - down * width);
        }
    }

    /** Copies the Gram matrices of example i. */
    abstract void load(INDArray pixels, INDArray deltas, int i);

    abstract void clearRowSums();

    abstract void clearPatchGram();

    /** rowSums[to, to + count) += pixels[from, from + count). */
    abstract void addPixels(int to, int from, int count);

    /** patchGram[0, count) += rowSums[from, from + count). */
    abstract void addRowSums(int from, int count);

    /** Sum over k in [0, count) of patchGram[from + step k] * deltas[at + k]. */
    abstract double product(int from, int step, int at, int count);

    private static final class Floats extends GhostNorm {
        private final float[] pixels;
        private final float[] deltas;
        private final float[] rowSums;
        private final float[] patchGram;

        Floats(ConvolutionGeometry g) {
            super(g);
            pixels = new float[pixelGram(g)];
            deltas = new float[deltaGram(g)];
            patchGram = new float[g.paddedH() * g.paddedW()];
            rowSums = new float[g.paddedH() * g.outW() * patchGram.length];
        }

        @Override
        void load(INDArray pixelGrams, INDArray deltaGrams, int i) {
            Transfer.get(pixelGrams, (long) i * pixels.length, pixels.length, pixels, 0);
            Transfer.get(deltaGrams, (long) i * deltas.length, deltas.length, deltas, 0);
        }

        @Override
        void clearRowSums() {
            Arrays.fill(rowSums, 0);
        }

        @Override
        void clearPatchGram() {
            Arrays.fill(patchGram, 0);
        }

        @Override
        void addPixels(int to, int from, int count) {
            add(rowSums, to, pixels, from, count);
        }

        @Override
        void addRowSums(int from, int count) {
            add(patchGram, 0, rowSums, from, count);
        }

        private static void add(float[] target, int to, float[] source, int from, int count) {
            for (int k = 0; k < count; k++) {
                target[to + k] += source[from + k];
            }
        }

        @Override
        double product(int from, int step, int at, int count) {
            double sum = 0;
            for (int k = 0; k < count; k++) {
                sum += (double) patchGram[from + step * k] * deltas[at + k];
            }
            return sum;
        }
    }

    private static final class Doubles extends GhostNorm {
        private final double[] pixels;
        private final double[] deltas;
        private final double[] rowSums;
        private final double[] patchGram;

        Doubles(ConvolutionGeometry g) {
            super(g);
            pixels = new double[pixelGram(g)];
            deltas = new double[deltaGram(g)];
            patchGram = new double[g.paddedH() * g.paddedW()];
            rowSums = new double[g.paddedH() * g.outW() * patchGram.length];
        }

        @Override
        void load(INDArray pixelGrams, INDArray deltaGrams, int i) {
            Transfer.get(pixelGrams, (long) i * pixels.length, pixels.length, pixels, 0);
            Transfer.get(deltaGrams, (long) i * deltas.length, deltas.length, deltas, 0);
        }

        @Override
        void clearRowSums() {
            Arrays.fill(rowSums, 0);
        }

        @Override
        void clearPatchGram() {
            Arrays.fill(patchGram, 0);
        }

        @Override
        void addPixels(int to, int from, int count) {
            add(rowSums, to, pixels, from, count);
        }

        @Override
        void addRowSums(int from, int count) {
            add(patchGram, 0, rowSums, from, count);
        }

        private static void add(double[] target, int to, double[] source, int from, int count) {
            for (int k = 0; k < count; k++) {
                target[to + k] += source[from + k];
            }
        }

        @Override
        double product(int from, int step, int at, int count) {
            double sum = 0;
            for (int k = 0; k < count; k++) {
                sum += patchGram[from + step * k] * deltas[at + k];
            }
            return sum;
        }
    }
}
