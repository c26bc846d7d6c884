package org.veil4j.dp.gradient;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The {@link GradientStrategy#GHOST} way for one convolution: norms from Gram matrices, and the clipped sum as one weight
 * gradient. Examples whose norm the Gram matrices do not give to enough digits (see {@link GhostNorm}) are materialised: norm and
 * contribution come from the same numbers then, whatever the input.
 */
final class GhostGradients {
    private final NativeBuffer inputBuffer = new NativeBuffer();
    private final NativeBuffer deltaBuffer = new NativeBuffer();
    private @Nullable INDArray keptInput;
    private @Nullable INDArray keptDelta;
    private @Nullable ConvolutionGeometry keptGeometry;
    private int paddedExamples;
    private int examples;
    private double[] norms = {};
    private int[] materialised = {};
    private @Nullable ExampleRows rows;
    private @Nullable ExampleRows computedAgain;
    private GhostNorm[] workers = {};
    private @Nullable ConvolutionGeometry workersGeometry;

    /** Copies what is needed later and computes the norms. Both arrays are dense. */
    void capture(ConvolutionGeometry g, INDArray x, INDArray d, int count) {
        examples = count;
        keep(g, x, d, count);
        if (norms.length < count) {
            norms = new double[count];
        }
        computeNorms(g);
        materialise(g);
    }

    /** Adds the squared norms over the weights. */
    void addSquaredNorms(double[] squaredNorms) {
        for (int i = 0; i < examples; i++) {
            squaredNorms[i] += norms[i];
        }
    }

    /** Adds the weighted sum of the weight gradients to target[at...]. */
    void addWeightedSum(double[] factors, double[] target, int at) {
        ConvolutionGeometry g = Checks.captured(keptGeometry);
        double[] others = factors;
        if (materialised.length > 0) {
            others = factors.clone();
            double[] own = new double[materialised.length];
            for (int k = 0; k < own.length; k++) {
                own[k] = factors[materialised[k]];
                others[materialised[k]] = 0;
            }
            Checks.captured(rows).addWeightedSum(own, 0, own.length, target, at);
        }
        if (g.isDense()) {
            WeightGradient.add(g, Checks.captured(keptInput), Checks.captured(keptDelta), others, target, at);
        } else {
            recompute(g, others, target, at);
        }
    }

    private void computeNorms(ConvolutionGeometry g) {
        INDArray input = Checks.captured(keptInput);
        INDArray delta = Checks.captured(keptDelta);
        int pixels = g.paddedH() * g.paddedW();
        int positions = g.positions();
        GhostNorm[] ready = workers(g);
        int chunk = ConvolutionExampleGradients.chunk(
                examples, 2 * ((long) GhostNorm.pixelGram(g) + GhostNorm.deltaGram(g)));
        for (int first = 0; first < examples; first += chunk) {
            int begin = first;
            int count = Math.min(chunk, examples - first);
            Scratch scratch = Scratch.current();
            INDArray xs = doubles(Scratch.NATIVE_C, input, first, count, g.inChannels(), pixels);
            INDArray ds = doubles(Scratch.NATIVE_D, delta, first, count, g.outChannels(), positions);
            INDArray pixelGram = scratch.array(Scratch.NATIVE_A, DataType.DOUBLE, count, pixels, pixels);
            INDArray deltaGram = scratch.array(Scratch.NATIVE_B, DataType.DOUBLE, count, positions, positions);
            NativeOps.batchedProduct(xs, true, xs, false, pixelGram);
            NativeOps.batchedProduct(ds, true, ds, false, deltaGram);
            double nanos = (double) GhostNorm.pixelGram(g) * g.kernelW() / 2;
            ExampleLoop.run(count, nanos, (worker, from, to) -> {
                for (int i = from; i < to; i++) {
                    norms[begin + i] = ready[worker].squared(pixelGram, deltaGram, i);
                }
            });
        }
    }

    /** Examples [first, first + count) as doubles of the shape [count, channels, pixels]. */
    private static INDArray doubles(int slot, INDArray kept, int first, int count, int channels, int pixels) {
        INDArray part = Patches.slice(kept, first, count).reshape('c', count, channels, pixels);
        if (part.dataType() == DataType.DOUBLE) {
            return part;
        }
        INDArray out = Scratch.current().array(slot, DataType.DOUBLE, count, channels, pixels);
        out.assign(part);
        return out;
    }

    /** Computes the gradients, and from them the norms, of the examples that have none yet. */
    private void materialise(ConvolutionGeometry g) {
        int count = 0;
        for (int i = 0; i < examples; i++) {
            count += norms[i] == GhostNorm.CANCELLED ? 1 : 0;
        }
        if (materialised.length != count) {
            materialised = new int[count];
        }
        if (count == 0) {
            return;
        }
        for (int i = 0, k = 0; i < examples; i++) {
            if (norms[i] == GhostNorm.CANCELLED) {
                materialised[k++] = i;
            }
        }
        INDArray input = Checks.captured(keptInput);
        INDArray delta = Checks.captured(keptDelta);
        ExampleRows own = rows(input.dataType());
        own.resize(count, g.weights());
        ConvolutionGeometry padded = padded(g);
        double[] squares = new double[count];
        for (int k = 0; k < count; k++) {
            own.load(ConvolutionExampleGradients.products(padded, input, delta, materialised[k], 1), k, 1);
        }
        own.addSquaredNorms(squares);
        for (int k = 0; k < count; k++) {
            norms[materialised[k]] = squares[k];
        }
    }

    /** One for each worker, made once for a geometry. */
    private GhostNorm[] workers(ConvolutionGeometry g) {
        if (workers.length == 0 || !g.equals(workersGeometry)) {
            workers = new GhostNorm[ExampleLoop.workers()];
            Arrays.setAll(workers, i -> new GhostNorm(g));
            workersGeometry = g;
        }
        return workers;
    }

    /** Copies the part of the input that the output reads, padded, and the output gradients. */
    private void keep(ConvolutionGeometry g, INDArray x, INDArray d, int count) {
        DataType type = x.dataType();
        long[] shape = {count, g.inChannels(), g.paddedH(), g.paddedW()};
        boolean padded = g.equals(keptGeometry) && inputBuffer.holds(type, shape);
        INDArray input = inputBuffer.array(type, shape);
        if (!padded || count > paddedExamples) {
            input.assign(0); // from now on only the inside is written: the padding stays 0
            paddedExamples = count;
        }
        INDArray delta = deltaBuffer.array(type, count, g.outChannels(), g.outH(), g.outW());
        keptGeometry = g;
        keptInput = input;
        keptDelta = delta;
        delta.assign(d);
        int rows = Math.min(g.inH(), g.paddedH() - g.padTop());
        int columns = Math.min(g.inW(), g.paddedW() - g.padLeft());
        inside(input, g.padTop(), rows, g.padLeft(), columns).assign(inside(x, 0, rows, 0, columns));
    }

    private static INDArray inside(INDArray a, int top, int rows, int left, int columns) {
        if (rows == a.size(2) && columns == a.size(3)) {
            return a;
        }
        INDArrayIndex all = NDArrayIndex.all();
        return a.get(all, all, NDArrayIndex.interval(top, top + rows), NDArrayIndex.interval(left, left + columns));
    }

    /** The weighted sum of a strided or dilated convolution whose gradients were not kept: computed again, chunk by chunk. */
    private void recompute(ConvolutionGeometry g, double[] factors, double[] target, int at) {
        INDArray input = Checks.captured(keptInput);
        INDArray delta = Checks.captured(keptDelta);
        ConvolutionGeometry padded = padded(g);
        ExampleRows some = ExampleRows.of(input.dataType(), computedAgain);
        computedAgain = some;
        int chunk = ConvolutionExampleGradients.chunk(examples, (long) g.patch() * g.positions() + g.weights());
        some.resize(chunk, g.weights());
        for (int first = 0; first < examples; first += chunk) {
            int count = Math.min(chunk, examples - first);
            some.load(ConvolutionExampleGradients.products(padded, input, delta, first, count), 0, count);
            some.addWeightedSum(factors, first, count, target, at);
        }
    }

    /** The same convolution of the padded input that was kept. */
    private static ConvolutionGeometry padded(ConvolutionGeometry g) {
        return new ConvolutionGeometry(
                g.inChannels(),
                g.paddedH(),
                g.paddedW(),
                g.outChannels(),
                g.outH(),
                g.outW(),
                g.kernelH(),
                g.kernelW(),
                g.strideH(),
                g.strideW(),
                0,
                0,
                g.dilationH(),
                g.dilationW());
    }

    private ExampleRows rows(DataType type) {
        ExampleRows r = ExampleRows.of(type, rows);
        rows = r;
        return r;
    }
}
