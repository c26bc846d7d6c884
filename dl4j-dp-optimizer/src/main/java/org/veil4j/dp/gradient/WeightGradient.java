package org.veil4j.dp.gradient;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
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
        if (input.dataType() == DataType.FLOAT) {
            exchange(input, factors, false, x);
            exchange(delta, factors, true, d);
        } else {
            exchangeDoubles(input, delta, factors, x, d);
        }
        NativeOps.convolve(x, d, 0, 0, out);
        addExchanged(g, out, target, at);
    }

    /**
     * Exchanges examples and channels: source [examples, channels, ...] to target [channels, examples, ...]. Examples of factor 0
     * become zeros, since 0 * NaN is NaN: they must be gone from both sides of a product.
     */
    private static void exchange(INDArray source, double[] factors, boolean scale, INDArray target) {
        int channels = (int) source.size(1);
        int plane = (int) (source.size(2) * source.size(3));
        int size = channels * plane;
        Scratch scratch = Scratch.current();
        float[] from = scratch.floats(Scratch.HOST_A, factors.length * size);
        float[] to = scratch.floats(Scratch.HOST_B, factors.length * size);
        Transfer.get(source, 0, factors.length * size, from, 0);
        ExampleLoop.run(factors.length, 0.3 * size, (worker, first, end) -> {
            for (int n = first; n < end; n++) {
                float f = factors[n] == 0 || scale ? (float) factors[n] : 1;
                for (int c = 0; c < channels; c++) {
                    scaled(from, (n * channels + c) * plane, f, to, (c * factors.length + n) * plane, plane);
                }
            }
        });
        Transfer.put(to, 0, factors.length * size, target, 0);
    }

    private static void scaled(float[] source, int from, float factor, float[] target, int to, int count) {
        if (factor == 0) {
            Arrays.fill(target, to, to + count, 0);
            return;
        }
        for (int k = 0; k < count; k++) {
            target[to + k] = factor * source[from + k];
        }
    }

    /** The same for doubles, by ND4J's operations. */
    private static void exchangeDoubles(INDArray input, INDArray delta, double[] factors, INDArray x, INDArray d) {
        x.assign(input.permute(1, 0, 2, 3));
        d.assign(delta.permute(1, 0, 2, 3));
        INDArray scale = Scratch.current().array(Scratch.NATIVE_D, input.dataType(), factors.length);
        Transfer.put(factors, factors.length, scale);
        Nd4j.getExecutioner().exec(new BroadcastMulOp(d, scale, d, 1));
        INDArrayIndex all = NDArrayIndex.all();
        for (int n = 0; n < factors.length; n++) {
            if (factors[n] == 0) {
                x.get(all, NDArrayIndex.point(n), all, all).assign(0);
                d.get(all, NDArrayIndex.point(n), all, all).assign(0);
            }
        }
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
