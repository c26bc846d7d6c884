package org.veil4j.dp.gradient;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Input gradient of a convolution without the weight gradient that ND4J computes beside it. With stride 1 it is a convolution
 * of the output gradients with the kernels rotated by half a turn, as fast as the forward pass (ND4J's conv2d_input_bp
 * takes ten times as long).
 */
final class InputGradient {
    private InputGradient() {}

    /** Whether {@link #compute} can do it: stride 1, no dilation, the same padding on both sides and less than the kernel. */
    static boolean isConvolution(ConvolutionGeometry g) {
        return g.isDense()
                && g.padTop() < g.kernelH()
                && g.padLeft() < g.kernelW()
                && g.inH() + 2 * g.padTop() == g.paddedH()
                && g.inW() + 2 * g.padLeft() == g.paddedW();
    }

    /** Whether {@link #computePointwise} can do it: a 1x1 kernel with a stride, no padding. */
    static boolean isPointwise(ConvolutionGeometry g) {
        return g.kernelH() == 1
                && g.kernelW() == 1
                && g.padTop() == 0
                && g.padLeft() == 0
                && g.paddedH() <= g.inH()
                && g.paddedW() <= g.inW();
    }

    /** Writes the input gradient to out, {@code [examples, in, inH, inW]}: zeros but at the pixels that are read. */
    static void computePointwise(ConvolutionGeometry g, INDArray weights, INDArray delta, INDArray out) {
        INDArray read = Scratch.current()
                .array(Scratch.NATIVE_B, delta.dataType(), delta.size(0), g.inChannels(), g.outH(), g.outW());
        NativeOps.convolve(Transfer.dense(delta), rotated(g, weights, delta.dataType()), 0, 0, read);
        out.assign(0);
        INDArrayIndex all = NDArrayIndex.all();
        out.get(
                        all,
                        all,
                        NDArrayIndex.interval(0, g.strideH(), g.paddedH()),
                        NDArrayIndex.interval(0, g.strideW(), g.paddedW()))
                .assign(read);
    }

    /** Writes the input gradient to out, {@code [examples, in, inH, inW]}. */
    static void compute(ConvolutionGeometry g, INDArray weights, INDArray delta, INDArray out) {
        NativeOps.convolve(
                Transfer.dense(delta),
                rotated(g, weights, delta.dataType()),
                g.kernelH() - 1 - g.padTop(),
                g.kernelW() - 1 - g.padLeft(),
                out);
    }

    /** The kernels rotated by half a turn, channels exchanged: [in, out, kernelH, kernelW]. */
    private static INDArray rotated(ConvolutionGeometry g, INDArray weights, DataType type) {
        Scratch scratch = Scratch.current();
        int in = g.inChannels();
        int window = g.kernelH() * g.kernelW();
        double[] w = scratch.doubles(Scratch.HOST_A, g.weights());
        double[] rotated = scratch.doubles(Scratch.HOST_B, g.weights());
        Transfer.get(Transfer.dense(weights), 0, g.weights(), w, 0);
        for (int o = 0; o < g.outChannels(); o++) {
            for (int c = 0; c < in; c++) {
                int from = (o * in + c) * window;
                int to = (c * g.outChannels() + o) * window + window - 1;
                for (int k = 0; k < window; k++) {
                    rotated[to - k] = w[from + k];
                }
            }
        }
        INDArray kernels = scratch.array(Scratch.NATIVE_A, type, in, g.outChannels(), g.kernelH(), g.kernelW());
        Transfer.put(rotated, g.weights(), kernels);
        return kernels;
    }
}
