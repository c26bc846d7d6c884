package org.veil4j.dp.gradient;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Per-example gradients of a 2-D convolution, channels first: captured from the layer's input and the gradient of its
 * pre-activations, then asked for norms and for weighted sums. Layout of a gradient: the bias if there is one, then the weights
 * in 'c' order {@code [out, in, kernelH, kernelW]}, as DL4J flattens a convolution.
 *
 * <p>Buffers are sized by the batch and used again; work space is shared by all layers on a thread. Cost and memory:
 * see {@link GradientStrategy}. Not thread-safe; uses the cores of the common pool inside.
 */
public final class ConvolutionExampleGradients {
    /** Elements of work space that one pass over some examples may take: 2 MiB of floats, what caches hold. */
    private static final int CHUNK_ELEMENTS = 1 << 19;

    private final boolean hasBias;
    private final @Nullable GradientStrategy forced;
    private @Nullable Captured captured;
    private @Nullable ExampleRows rows;
    private final GhostGradients ghost = new GhostGradients();
    private double[] biasGradients = {};

    /** What the last capture was. */
    private record Captured(ConvolutionGeometry geometry, GradientStrategy strategy, int examples, DataType type) {}

    /**
     * Chooses the strategy by cost for each geometry.
     *
     * @param hasBias whether the layer has a bias
     */
    public ConvolutionExampleGradients(boolean hasBias) {
        this(hasBias, null);
    }

    /**
     * Fixes the strategy.
     *
     * @param hasBias whether the layer has a bias
     * @param strategy the strategy, or null to choose by cost
     */
    public ConvolutionExampleGradients(boolean hasBias, @Nullable GradientStrategy strategy) {
        this.hasBias = hasBias;
        this.forced = strategy;
    }

    /**
     * Captures a batch. Both arrays may live in a workspace: what is needed later is copied.
     *
     * @param geometry the convolution
     * @param input {@code [examples, inChannels, inH, inW]}, float or double
     * @param delta gradient of the loss with respect to the pre-activations, {@code [examples, outChannels, outH, outW]}, of the
     *     same type
     * @throws IllegalArgumentException when a shape does not fit
     */
    public void capture(ConvolutionGeometry geometry, INDArray input, INDArray delta) {
        captured = null;
        checkShape("input", input, geometry.inChannels(), geometry.inH(), geometry.inW());
        checkShape("delta", delta, geometry.outChannels(), geometry.outH(), geometry.outW());
        if (input.size(0) != delta.size(0) || input.dataType() != delta.dataType()) {
            throw new IllegalArgumentException("input=" + input.shapeInfoToString() + " delta="
                    + delta.shapeInfoToString() + ": must have the same number of examples and the same type");
        }
        GradientStrategy strategy = forced != null ? forced : GradientStrategy.forConvolution(geometry);
        int examples = (int) input.size(0);
        INDArray x = Transfer.dense(input);
        INDArray d = Transfer.dense(delta);
        if (hasBias) {
            captureBias(geometry, d, examples);
        }
        if (strategy == GradientStrategy.MATERIALISED) {
            captureRows(geometry, x, d, examples);
        } else {
            ghost.capture(geometry, x, d, examples);
        }
        captured = new Captured(geometry, strategy, examples, x.dataType());
    }

    /** Forgets what was captured; buffers stay for the next batch. */
    public void clear() {
        captured = null;
    }

    /**
     * The number of examples captured.
     *
     * @return at least 1
     * @throws IllegalStateException when nothing was captured
     */
    public int examples() {
        return state().examples();
    }

    /**
     * The strategy of the batch that was captured.
     *
     * @return never null
     * @throws IllegalStateException when nothing was captured
     */
    public GradientStrategy strategy() {
        return state().strategy();
    }

    /**
     * Adds each example's squared norm, bias included; see {@link PerExampleGradient#addSquaredNorms}.
     *
     * @param squaredNorms one entry an example
     */
    public void addSquaredNorms(double[] squaredNorms) {
        Captured c = state();
        Checks.length("squaredNorms", squaredNorms, c.examples());
        if (c.strategy() == GradientStrategy.GHOST) {
            ghost.addSquaredNorms(squaredNorms);
        } else {
            rows(c.type()).addSquaredNorms(squaredNorms);
        }
        if (hasBias) {
            int channels = c.geometry().outChannels();
            for (int i = 0; i < c.examples(); i++) {
                for (int k = 0; k < channels; k++) {
                    double b = biasGradients[i * channels + k];
                    squaredNorms[i] += b * b;
                }
            }
        }
    }

    /**
     * Adds the weighted sum of the gradients; see {@link PerExampleGradient#addWeightedSum}.
     *
     * @param factors one entry an example
     * @param target receives bias and weights from {@code offset}
     * @param offset first element
     */
    public void addWeightedSum(double[] factors, double[] target, int offset) {
        Captured c = state();
        ConvolutionGeometry g = c.geometry();
        int bias = hasBias ? g.outChannels() : 0;
        Checks.weightedSum(factors, c.examples(), target, offset, bias + g.weights());
        for (int i = 0; i < c.examples() && bias > 0; i++) {
            double f = factors[i];
            for (int k = 0; k < bias && f != 0; k++) {
                target[offset + k] += f * biasGradients[i * bias + k];
            }
        }
        if (c.strategy() == GradientStrategy.MATERIALISED) {
            rows(c.type()).addWeightedSum(factors, 0, c.examples(), target, offset + bias);
        } else {
            ghost.addWeightedSum(factors, target, offset + bias);
        }
    }

    /**
     * Adds, for each example, what a function makes of its gradient: for layers that transform gradients (weight
     * standardisation). The examples are spread over threads.
     *
     * @param squaredNorms one entry an example
     * @param squaredNorm takes bias (if any) and weights at the start of an array, which may be longer and is used again; must be
     *     safe for use by several threads
     * @throws IllegalStateException unless the strategy is {@link GradientStrategy#MATERIALISED}
     */
    public void addSquaredNorms(double[] squaredNorms, ToDoubleFunction<double[]> squaredNorm) {
        Captured c = state();
        Checks.length("squaredNorms", squaredNorms, c.examples());
        if (c.strategy() != GradientStrategy.MATERIALISED) {
            throw new IllegalStateException(
                    "strategy=GHOST: no single gradients exist; create the kernel with GradientStrategy.MATERIALISED");
        }
        ExampleRows all = rows(c.type());
        int bias = hasBias ? c.geometry().outChannels() : 0;
        int weights = c.geometry().weights();
        ExampleLoop.run(c.examples(), 2.0 * weights, (worker, from, to) -> {
            double[] gradient = Scratch.current().doubles(Scratch.HOST_A, bias + weights);
            for (int i = from; i < to; i++) {
                System.arraycopy(biasGradients, i * bias, gradient, 0, bias);
                Arrays.fill(gradient, bias, bias + weights, 0);
                all.addScaled(i, 1, gradient, bias, 0, weights);
                squaredNorms[i] += squaredNorm.applyAsDouble(gradient);
            }
        });
    }

    private void captureBias(ConvolutionGeometry g, INDArray delta, int examples) {
        int sums = examples * g.outChannels();
        int positions = g.positions();
        if (biasGradients.length < sums) {
            biasGradients = new double[sums];
        }
        double[] gradients = biasGradients;
        int channels = g.outChannels();
        int size = channels * positions;
        ExampleLoop.run(examples, size, (worker, from, to) -> {
            if (delta.dataType() == DataType.FLOAT) {
                float[] values = Scratch.current().floats(Scratch.HOST_A, size);
                for (int i = from; i < to; i++) {
                    Transfer.get(delta, (long) i * size, size, values, 0);
                    for (int k = 0; k < channels; k++) {
                        gradients[i * channels + k] = sum(values, k * positions, (k + 1) * positions);
                    }
                }
            } else {
                double[] values = Scratch.current().doubles(Scratch.HOST_A, size);
                for (int i = from; i < to; i++) {
                    Transfer.get(delta, (long) i * size, size, values, 0);
                    for (int k = 0; k < channels; k++) {
                        gradients[i * channels + k] = sum(values, k * positions, (k + 1) * positions);
                    }
                }
            }
        });
    }

    private static double sum(float[] values, int from, int to) {
        double even = 0;
        double odd = 0;
        int t = from;
        for (; t + 1 < to; t += 2) {
            even += values[t];
            odd += values[t + 1];
        }
        return t < to ? even + odd + values[t] : even + odd;
    }

    private static double sum(double[] values, int from, int to) {
        double sum = 0;
        for (int t = from; t < to; t++) {
            sum += values[t];
        }
        return sum;
    }

    private void captureRows(ConvolutionGeometry g, INDArray x, INDArray d, int examples) {
        ExampleRows all = rows(x.dataType());
        all.resize(examples, g.weights());
        int chunk = chunk(examples, (long) g.patch() * g.positions() + g.weights());
        for (int first = 0; first < examples; first += chunk) {
            int count = Math.min(chunk, examples - first);
            all.load(products(g, x, d, first, count), first, count);
        }
    }

    /** Gradients of examples [first, first + count), {@code [count, outChannels, patch]}, in scratch. */
    static INDArray products(ConvolutionGeometry g, INDArray x, INDArray d, int first, int count) {
        INDArray patches = Patches.of(g, x, first, count);
        INDArray deltas = Patches.slice(d, first, count).reshape('c', count, g.outChannels(), g.positions());
        INDArray out = Scratch.current().array(Scratch.NATIVE_B, x.dataType(), count, g.outChannels(), g.patch());
        NativeOps.batchedProduct(deltas, false, patches, true, out);
        return out;
    }

    private ExampleRows rows(DataType type) {
        ExampleRows r = ExampleRows.of(type, rows);
        rows = r;
        return r;
    }

    static int chunk(int examples, long elementsEach) {
        return (int) Math.max(1, Math.min(examples, CHUNK_ELEMENTS / elementsEach));
    }

    private static void checkShape(String name, INDArray a, int channels, int height, int width) {
        if (a.rank() != 4 || a.size(1) != channels || a.size(2) != height || a.size(3) != width) {
            throw new IllegalArgumentException(name + "=" + Arrays.toString(a.shape()) + ": must be [examples, "
                    + channels + ", " + height + ", " + width + "]");
        }
        if (a.dataType() != DataType.FLOAT && a.dataType() != DataType.DOUBLE) {
            throw new IllegalArgumentException(
                    name + " type=" + a.dataType() + ": must be FLOAT or DOUBLE; set the network's data type");
        }
    }

    private Captured state() {
        return Checks.captured(captured);
    }
}
