package org.veil4j.layers.conv;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.gradient.ConvolutionGeometry;
import org.veil4j.layers.kernel.Rows;

/**
 * Backward pass of a 1x1 convolution as two matrix products over the pixels that it reads. With a stride, oneDNN takes up to ten
 * times as long for the same. Float; all arrays contiguous.
 */
final class PointwiseBackward {
    private final Rows rows = new Rows();

    /** Whether a convolution reads single pixels, none of them from the padding. */
    static boolean fits(ConvolutionGeometry g) {
        return g.kernelH() == 1
                && g.kernelW() == 1
                && g.padTop() == 0
                && g.padLeft() == 0
                && g.strideH() * (g.outH() - 1) < g.inH()
                && g.strideW() * (g.outW() - 1) < g.inW();
    }

    /**
     * Computes all gradients.
     *
     * @param weights {@code [out, in, 1, 1]}
     * @param input {@code [n, in, inH, inW]}
     * @param delta gradient of the output, {@code [n, out, outH, outW]}
     * @param weightGradient overwritten, like the weights
     * @param inputGradient overwritten, like the input
     */
    void compute(
            ConvolutionGeometry g,
            INDArray weights,
            INDArray input,
            INDArray delta,
            INDArray weightGradient,
            INDArray inputGradient,
            LayerWorkspaceMgr workspaces) {
        int n = (int) input.size(0);
        int in = g.inChannels();
        int out = g.outChannels();
        long pixels = (long) n * g.positions();
        INDArray x =
                workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, DataType.FLOAT, new long[] {in, pixels}, 'c');
        INDArray d =
                workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, DataType.FLOAT, new long[] {out, pixels}, 'c');
        rows.exchange(delta, d, n, out, g.positions());
        rows.gather(input, x, n, in, g.inH(), g.inW(), g.outH(), g.outW(), g.strideH(), g.strideW());
        // A 'c' matrix is the transposed 'f' matrix, which is what gemm writes.
        Nd4j.gemm(x, d, weightGradient.reshape('c', out, in).transpose(), false, true, 1, 0);
        // Gradients of the gathered pixels replace the pixels.
        Nd4j.gemm(d, weights.reshape('c', out, in), x.transpose(), true, false, 1, 0);
        rows.scatter(x, inputGradient, n, in, g.inH(), g.inW(), g.outH(), g.outW(), g.strideH(), g.strideW());
    }
}
