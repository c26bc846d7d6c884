package org.veil4j.dp.gradient;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The ND4J operations that the kernels call. */
final class NativeOps {
    private static final int CHANNELS_FIRST = 0;
    private static final int WEIGHTS_OUT_IN_HEIGHT_WIDTH = 1;
    private static final int EXPLICIT_PADDING = 0;

    /**
     * Multiply-adds up to which OpenBLAS uses one thread. Just above, waiting for a second thread costs up to two thirds more
     * than it brings, and far more where cores are busy: such products are cut in two.
     */
    private static final long ONE_THREAD = 1 << 18;

    private NativeOps() {}

    /** One matrix product an example: out[n] = op(a[n]) op(b[n]), op the transpose where asked. */
    static void batchedProduct(INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray out) {
        long volume = out.size(1) * out.size(2) * a.size(transposeA ? 1 : 2);
        if (volume <= ONE_THREAD || volume > 2 * ONE_THREAD) {
            product(a, transposeA, b, transposeB, out);
            return;
        }
        long columns = out.size(2);
        long half = columns / 2;
        INDArrayIndex all = NDArrayIndex.all();
        for (INDArrayIndex part :
                new INDArrayIndex[] {NDArrayIndex.interval(0, half), NDArrayIndex.interval(half, columns)}) {
            INDArray bPart = transposeB ? b.get(all, part, all) : b.get(all, all, part);
            product(a, transposeA, bPart, transposeB, out.get(all, all, part));
        }
    }

    private static void product(INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray out) {
        Nd4j.exec(DynamicCustomOp.builder("matmul")
                .addInputs(a, b)
                .addOutputs(out)
                .addIntegerArguments(transposeA ? 1 : 0, transposeB ? 1 : 0, 0)
                .build());
    }

    /** Convolution with stride 1, channels first, weights [out, in, height, width]; padTop = padBottom, padLeft = padRight. */
    static void convolve(INDArray input, INDArray weights, int padH, int padW, INDArray out) {
        Nd4j.exec(DynamicCustomOp.builder("conv2d")
                .addInputs(input, weights)
                .addOutputs(out)
                .addIntegerArguments(
                        (int) weights.size(2),
                        (int) weights.size(3),
                        1,
                        1,
                        padH,
                        padW,
                        1,
                        1,
                        EXPLICIT_PADDING,
                        CHANNELS_FIRST,
                        WEIGHTS_OUT_IN_HEIGHT_WIDTH)
                .build());
    }
}
