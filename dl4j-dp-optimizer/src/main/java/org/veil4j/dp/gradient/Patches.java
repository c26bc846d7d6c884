package org.veil4j.dp.gradient;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.convolution.Convolution;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The patches that a convolution reads ("im2col"), one column an output pixel. ND4J's operation takes 2 ns an element; copying
 * runs of a row takes a quarter of that, so floats are gathered here and doubles, where speed does not matter, there.
 */
final class Patches {
    private Patches() {}

    /**
     * Patches of examples [first, first + count).
     *
     * @param g the convolution
     * @param input dense, {@code [examples, channels, height, width]}
     * @return dense {@code [count, patch, positions]}; in scratch slot NATIVE_A or a view of the input
     */
    static INDArray of(ConvolutionGeometry g, INDArray input, int first, int count) {
        if (g.isPointwise()) {
            return slice(input, first, count).reshape('c', count, g.patch(), g.positions());
        }
        INDArray out = Scratch.current().array(Scratch.NATIVE_A, input.dataType(), count, g.patch(), g.positions());
        if (input.dataType() == DataType.FLOAT) {
            gather(g, input, first, count, out);
        } else {
            INDArray six =
                    out.reshape('c', new long[] {count, g.inChannels(), g.kernelH(), g.kernelW(), g.outH(), g.outW()});
            Convolution.im2col(
                    slice(input, first, count),
                    g.kernelH(),
                    g.kernelW(),
                    g.strideH(),
                    g.strideW(),
                    g.padTop(),
                    g.padLeft(),
                    g.dilationH(),
                    g.dilationW(),
                    !isTruncated(g), // tells the operation which formula its output size obeys
                    six);
        }
        return out;
    }

    /** Whether the output has the size of mode Truncate: equal padding on both sides, incomplete windows dropped. */
    private static boolean isTruncated(ConvolutionGeometry g) {
        int readH = g.dilationH() * (g.kernelH() - 1) + 1;
        int readW = g.dilationW() * (g.kernelW() - 1) + 1;
        return g.outH() == (g.inH() + 2 * g.padTop() - readH) / g.strideH() + 1
                && g.outW() == (g.inW() + 2 * g.padLeft() - readW) / g.strideW() + 1;
    }

    /** Examples [first, first + count) of a dense array, as a dense view. */
    static INDArray slice(INDArray a, int first, int count) {
        if (first == 0 && count == a.size(0)) {
            return a;
        }
        long each = a.length() / a.size(0);
        long[] shape = a.shape().clone();
        shape[0] = count;
        return a.reshape('c', new long[] {a.length()})
                .get(NDArrayIndex.interval(first * each, (first + count) * each))
                .reshape('c', shape);
    }

    private static void gather(ConvolutionGeometry g, INDArray input, int first, int count, INDArray out) {
        int pixels = g.inChannels() * g.inH() * g.inW();
        int size = g.patch() * g.positions();
        Scratch scratch = Scratch.current();
        float[] images = scratch.floats(Scratch.HOST_A, count * pixels);
        float[] columns = scratch.floats(Scratch.HOST_B, ExampleLoop.workers() * size);
        Transfer.get(input, (long) first * pixels, count * pixels, images, 0);
        ExampleLoop.run(count, 0.6 * size, (worker, from, to) -> {
            for (int i = from; i < to; i++) {
                gather(g, images, i * pixels, columns, worker * size);
                Transfer.put(columns, worker * size, size, out, (long) i * size);
            }
        });
    }

    /** One example: patch element (channel, i, j) of all output pixels, element after element. */
    private static void gather(ConvolutionGeometry g, float[] image, int from, float[] columns, int at) {
        int to = at;
        for (int c = 0; c < g.inChannels(); c++) {
            int plane = from + c * g.inH() * g.inW();
            for (int i = 0; i < g.kernelH(); i++) {
                for (int j = 0; j < g.kernelW(); j++) {
                    shifted(
                            g,
                            image,
                            plane,
                            i * g.dilationH() - g.padTop(),
                            j * g.dilationW() - g.padLeft(),
                            columns,
                            to);
                    to += g.positions();
                }
            }
        }
    }

    /** The plane as the output pixels see it through one kernel element: moved by (dy, dx), every stride-th pixel. */
    private static void shifted(
            ConvolutionGeometry g, float[] image, int plane, int dy, int dx, float[] columns, int at) {
        int stride = g.strideW();
        int width = g.outW();
        // Output columns x with 0 <= stride * x + dx < inW.
        int begin = Math.min(width, dx >= 0 ? 0 : (-dx + stride - 1) / stride);
        int last = g.inW() - 1 - dx;
        int end = last < 0 ? begin : Math.max(begin, Math.min(width, last / stride + 1));
        for (int y = 0; y < g.outH(); y++, at += width) {
            int row = g.strideH() * y + dy;
            if (row < 0 || row >= g.inH()) {
                Arrays.fill(columns, at, at + width, 0);
                continue;
            }
            Arrays.fill(columns, at, at + begin, 0);
            int source = plane + row * g.inW() + dx;
            if (stride == 1) {
                System.arraycopy(image, source + begin, columns, at + begin, end - begin);
            } else {
                for (int x = begin; x < end; x++) {
                    columns[at + x] = image[source + stride * x];
                }
            }
            Arrays.fill(columns, at + end, at + width, 0);
        }
    }
}
