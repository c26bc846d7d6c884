package org.veil4j.dp.gradient;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Per-example gradients of a dense layer. Example i's weight gradient is the outer product of its input a_i and its output
 * gradient d_i, so its squared norm is {@code ||a_i||^2 ||d_i||^2} (and {@code ||d_i||^2} for the bias), and the clipped sum is
 * one matrix product with scaled output gradients: nothing of the size of the weights is kept for an example. Layout of a
 * gradient: weights {@code [in, out]} in 'f' order, then the bias if there is one, as DL4J flattens a dense layer.
 *
 * <p>Memory: a copy of the layer's input and output gradient. Cost: the ordinary weight gradient. Not thread-safe.
 */
public final class DenseExampleGradients {
    private final boolean hasBias;
    private final NativeBuffer inputBuffer = new NativeBuffer();
    private final NativeBuffer deltaBuffer = new NativeBuffer();
    private @Nullable INDArray keptInput;
    private @Nullable INDArray keptDelta;
    private double[] squaredNorms = {};
    private boolean captured;

    /**
     * Creates the kernel.
     *
     * @param hasBias whether the layer has a bias
     */
    public DenseExampleGradients(boolean hasBias) {
        this.hasBias = hasBias;
    }

    /**
     * Captures a batch. Both arrays may live in a workspace: what is needed later is copied.
     *
     * @param input {@code [examples, in]}, float or double
     * @param delta gradient of the loss with respect to the pre-activations, {@code [examples, out]}, of the same type
     * @throws IllegalArgumentException when a shape or type does not fit
     */
    public void capture(INDArray input, INDArray delta) {
        captured = false;
        if (input.rank() != 2 || delta.rank() != 2 || input.size(0) != delta.size(0)) {
            throw new IllegalArgumentException(
                    "input=" + Arrays.toString(input.shape()) + " delta=" + Arrays.toString(delta.shape())
                            + ": must be [examples, in] and [examples, out]; sequences are not supported");
        }
        DataType type = input.dataType();
        if (type != delta.dataType() || (type != DataType.FLOAT && type != DataType.DOUBLE)) {
            throw new IllegalArgumentException("input type=" + type + " delta type=" + delta.dataType()
                    + ": must both be FLOAT or both DOUBLE; set the network's data type");
        }
        INDArray a = inputBuffer.array(type, input.shape()).assign(input);
        INDArray d = deltaBuffer.array(type, delta.shape()).assign(delta);
        norms(a, d);
        keptInput = a;
        keptDelta = d;
        captured = true;
    }

    /** Forgets what was captured; buffers stay for the next batch. */
    public void clear() {
        captured = false;
    }

    /**
     * Adds each example's squared norm, bias included; see {@link PerExampleGradient#addSquaredNorms}.
     *
     * @param squaredNorms one entry an example
     */
    public void addSquaredNorms(double[] squaredNorms) {
        int examples = (int) input().size(0);
        Checks.length("squaredNorms", squaredNorms, examples);
        for (int i = 0; i < examples; i++) {
            squaredNorms[i] += this.squaredNorms[i];
        }
    }

    /**
     * Adds the weighted sum of the gradients; see {@link PerExampleGradient#addWeightedSum}.
     *
     * @param factors one entry an example
     * @param target receives weights and bias from {@code offset}
     * @param offset first element
     */
    public void addWeightedSum(double[] factors, double[] target, int offset) {
        INDArray a = input();
        INDArray d = Checks.captured(keptDelta);
        int examples = (int) a.size(0);
        int in = (int) a.size(1);
        int out = (int) d.size(1);
        Checks.weightedSum(factors, examples, target, offset, in * out + (hasBias ? out : 0));
        Scratch scratch = Scratch.current();
        INDArray scaled = scratch.array(Scratch.NATIVE_A, a.dataType(), examples, out);
        double[] deltas = scratch.doubles(Scratch.HOST_A, examples * out);
        Transfer.get(d, 0, examples * out, deltas, 0);
        boolean zero = scale(deltas, factors, out);
        Transfer.put(deltas, examples * out, scaled);
        INDArray inputs = zero ? withoutRows(a, factors) : a;
        // Row o of scaled^T a is column o of the weights: 'f' order [in, out] without a transpose.
        INDArray product = scratch.array(Scratch.NATIVE_C, a.dataType(), out, in);
        Nd4j.gemm(inputs, scaled, product.transpose(), true, false, 1.0, 0.0);
        double[] weights = scratch.doubles(Scratch.HOST_B, in * out);
        Transfer.get(product, 0, in * out, weights, 0);
        for (int k = 0; k < in * out; k++) {
            target[offset + k] += weights[k];
        }
        if (hasBias) {
            int bias = offset + in * out;
            for (int i = 0; i < examples; i++) {
                for (int o = 0; o < out; o++) {
                    target[bias + o] += deltas[i * out + o];
                }
            }
        }
    }

    /** Multiplies row i by its factor; rows of factor 0 become exact zeros. Tells whether there was one. */
    private static boolean scale(double[] rows, double[] factors, int length) {
        boolean zero = false;
        for (int i = 0; i < factors.length; i++) {
            double f = factors[i];
            if (f == 0) {
                zero = true;
                Arrays.fill(rows, i * length, (i + 1) * length, 0);
            } else if (f != 1) {
                for (int o = 0; o < length; o++) {
                    rows[i * length + o] *= f;
                }
            }
        }
        return zero;
    }

    /** A copy in which rows of factor 0 are zeros: 0 * NaN is NaN, also inside a matrix product. */
    private static INDArray withoutRows(INDArray a, double[] factors) {
        INDArray copy = Scratch.current().array(Scratch.NATIVE_B, a.dataType(), a.size(0), a.size(1));
        copy.assign(a);
        for (int i = 0; i < factors.length; i++) {
            if (factors[i] == 0) {
                Patches.slice(copy, i, 1).assign(0);
            }
        }
        return copy;
    }

    private void norms(INDArray a, INDArray d) {
        int examples = (int) a.size(0);
        if (squaredNorms.length < examples) {
            squaredNorms = new double[examples];
        }
        Scratch scratch = Scratch.current();
        for (int i = 0; i < examples; i++) {
            double deltas = rowNorm(scratch, d, i);
            squaredNorms[i] = rowNorm(scratch, a, i) * deltas + (hasBias ? deltas : 0);
        }
    }

    private static double rowNorm(Scratch scratch, INDArray a, int i) {
        int length = (int) a.size(1);
        double[] row = scratch.doubles(Scratch.HOST_A, length);
        Transfer.get(a, (long) i * length, length, row, 0);
        double sum = 0;
        for (int k = 0; k < length; k++) {
            sum += row[k] * row[k];
        }
        return sum;
    }

    private INDArray input() {
        INDArray a = Checks.captured(keptInput);
        if (!captured) {
            Checks.captured(null);
        }
        return a;
    }
}
