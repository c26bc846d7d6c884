package org.veil4j.dp.gradient;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Weighted sum of the examples' weight gradients of an undilated convolution with stride 1, without the input gradient that
 * ND4J's backward operation computes beside it. With examples and channels exchanged it is itself a convolution: input
 * channels are the images, examples the channels, the scaled output gradients the kernels. As fast as the forward pass.
 */
final class WeightGradient {
    private WeightGradient() {}

    /**
     * Adds {@code sum_n factors[n] * gradient_n} in the order [out, in, kernelH, kernelW].
     *
     * @param input padded, {@code [examples, in, paddedH, paddedW]}
     * @param delta {@code [examples, out, outH, outW]}
     */
    static void add(ConvolutionGeometry g, INDArray input, INDArray delta, double[] factors, double[] target, int at) {
        int examples = factors.length;
        Scratch scratch = Scratch.current();
        INDArray x =
                scratch.array(Scratch.NATIVE_A, input.dataType(), g.inChannels(), examples, g.paddedH(), g.paddedW());
        INDArray d = scratch.array(Scratch.NATIVE_B, input.dataType(), g.outChannels(), examples, g.outH(), g.outW());
        INDArray out = scratch.array(
                Scratch.NATIVE_C, input.dataType(), g.inChannels(), g.outChannels(), g.kernelH(), g.kernelW());
        x.assign(input.permute(1, 0, 2, 3));
        d.assign(delta.permute(1, 0, 2, 3));
        INDArray scale = scratch.array(Scratch.NATIVE_D, input.dataType(), examples);
        Transfer.put(factors, examples, scale);
        Nd4j.getExecutioner().exec(new BroadcastMulOp(d, scale, d, 1));
        INDArrayIndex all = NDArrayIndex.all();
        for (int n = 0; n < examples; n++) {
            if (factors[n] == 0) { // 0 * NaN is NaN: such an example must be gone from both sides
                x.get(all, NDArrayIndex.point(n), all, all).assign(0);
                d.get(all, NDArrayIndex.point(n), all, all).assign(0);
            }
        }
        NativeOps.convolve(x, d, 0, 0, out);
        addExchanged(g, out, target, at);
    }

    private static void addExchanged(ConvolutionGeometry g, INDArray out, double[] target, int at) {
        int window = g.kernelH() * g.kernelW();
        double[] values = Scratch.current().doubles(Scratch.HOST_A, g.weights());
        Transfer.get(out, 0, g.weights(), values, 0);
        for (int o = 0; o < g.outChannels(); o++) {
            for (int c = 0; c < g.inChannels(); c++) {
                int from = (c * g.outChannels() + o) * window;
                int to = at + (o * g.inChannels() + c) * window;
                for (int k = 0; k < window; k++) {
                    target[to + k] += values[from + k];
                }
            }
        }
    }
}
