package org.veil4j.dp.gradient;

import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A stock network as reference, and the same network with private layers. Both are driven by plain DL4J calls. */
abstract class Oracle {
    /** Example i's gradient by the stock network on that example alone, flattened as DL4J does. */
    abstract double[] stockGradient(INDArray x, INDArray y, int i);

    /** The whole batch through the stock network. */
    abstract double[] stockBatch(INDArray x, INDArray y);

    /** The whole batch through the network with private layers; gives its flattened gradient. */
    abstract double[] privateBatch(INDArray x, INDArray y);

    /** The layers of the network with private layers, in the order of the flattened gradient. */
    abstract Layer[] layers();

    abstract INDArray privateParameters();

    final void capture(boolean on) {
        for (Layer layer : layers()) {
            if (layer.numParams() > 0) {
                ((PerExampleGradient) layer).capturePerExample(on);
            }
        }
    }

    final double[] squaredNorms(int examples) {
        double[] norms = new double[examples];
        for (Layer layer : layers()) {
            if (layer.numParams() > 0) {
                ((PerExampleGradient) layer).addSquaredNorms(norms);
            }
        }
        return norms;
    }

    final double[] weightedSum(double[] factors) {
        double[] sum = new double[Math.toIntExact(privateParameters().length())];
        int offset = 0;
        for (Layer layer : layers()) {
            if (layer.numParams() > 0) {
                ((PerExampleGradient) layer).addWeightedSum(factors, sum, offset);
                offset += Math.toIntExact(layer.numParams());
            }
        }
        return sum;
    }

    static Oracle of(MultiLayerConfiguration conf) {
        return new OfLayers(conf);
    }

    static Oracle of(ComputationGraphConfiguration conf) {
        return new OfGraph(conf);
    }

    /** Uniform numbers in [-1, 1), the same for the same seed. */
    static INDArray uniform(long seed, DataType type, long... shape) {
        Nd4j.getRandom().setSeed(seed);
        return Nd4j.rand(DataType.DOUBLE, shape).muli(2).subi(1).castTo(type);
    }

    /** One-hot labels. */
    static INDArray labels(DataType type, int examples, int classes) {
        INDArray y = Nd4j.zeros(type, examples, classes);
        for (int i = 0; i < examples; i++) {
            y.putScalar(i, (i * 7) % classes, 1);
        }
        return y;
    }

    static double squared(double[] v) {
        double sum = 0;
        for (double a : v) {
            sum += a * a;
        }
        return sum;
    }

    /** ||a - b|| / ||b||. */
    static double relativeError(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return Math.sqrt(squared(difference) / squared(b));
    }

    private static double[] flat(INDArray a) {
        return a.dup().castTo(DataType.DOUBLE).data().asDouble();
    }

    private static INDArray row(INDArray a, int i) {
        long[] shape = a.shape().clone();
        shape[0] = 1;
        return a.tensorAlongDimension(i, otherDimensions(a)).dup('c').reshape('c', shape);
    }

    private static int[] otherDimensions(INDArray a) {
        int[] dimensions = new int[a.rank() - 1];
        Arrays.setAll(dimensions, d -> d + 1);
        return dimensions;
    }

    private static Layer twin(Layer stock) {
        if (stock.numParams() == 0) {
            return stock;
        }
        return Objects.requireNonNull(PerExampleLayers.privateTwin(stock), () -> "no twin of " + stock.getClass());
    }

    private static void requireStock(Object network, Class<?> stockClass, Layer[] layers) {
        if (network.getClass() != stockClass) {
            throw new AssertionError("the reference must be of the stock class, is " + network.getClass());
        }
        for (Layer layer : layers) {
            if (layer.getClass().getName().contains(".Private")) {
                throw new AssertionError("the reference must have stock layers only, has " + layer.getClass());
            }
        }
    }

    private static final class OfLayers extends Oracle {
        private final MultiLayerNetwork stock;
        private final MultiLayerNetwork swapped;

        OfLayers(MultiLayerConfiguration conf) {
            stock = new MultiLayerNetwork(conf.clone());
            stock.init();
            swapped = new MultiLayerNetwork(conf.clone());
            swapped.init();
            swapped.setParams(stock.params());
            Layer[] layers = swapped.getLayers();
            for (int i = 0; i < layers.length; i++) {
                layers[i] = twin(layers[i]);
            }
        }

        @Override
        double[] stockGradient(INDArray x, INDArray y, int i) {
            return run(row(x, i), row(y, i));
        }

        @Override
        double[] stockBatch(INDArray x, INDArray y) {
            return run(x, y);
        }

        private double[] run(INDArray x, INDArray y) {
            requireStock(stock, MultiLayerNetwork.class, stock.getLayers());
            stock.setInput(x);
            stock.setLabels(y);
            stock.computeGradientAndScore();
            return flat(stock.gradient().gradient());
        }

        @Override
        double[] privateBatch(INDArray x, INDArray y) {
            swapped.setInput(x);
            swapped.setLabels(y);
            swapped.computeGradientAndScore();
            return flat(swapped.gradient().gradient());
        }

        @Override
        Layer[] layers() {
            return swapped.getLayers();
        }

        @Override
        INDArray privateParameters() {
            return swapped.params();
        }
    }

    private static final class OfGraph extends Oracle {
        private final ComputationGraph stock;
        private final ComputationGraph swapped;

        OfGraph(ComputationGraphConfiguration conf) {
            stock = new ComputationGraph(conf.clone());
            stock.init();
            swapped = new ComputationGraph(conf.clone());
            swapped.init();
            swapped.setParams(stock.params());
            Layer[] layers = swapped.getLayers();
            for (GraphVertex vertex : swapped.getVertices()) {
                if (vertex instanceof LayerVertex v) {
                    Layer before = v.getLayer();
                    Layer after = twin(before);
                    v.setLayer(after);
                    for (int i = 0; i < layers.length; i++) {
                        layers[i] = layers[i] == before ? after : layers[i];
                    }
                }
            }
        }

        @Override
        double[] stockGradient(INDArray x, INDArray y, int i) {
            return run(row(x, i), row(y, i));
        }

        @Override
        double[] stockBatch(INDArray x, INDArray y) {
            return run(x, y);
        }

        private double[] run(INDArray x, INDArray y) {
            requireStock(stock, ComputationGraph.class, stock.getLayers());
            stock.setInputs(x);
            stock.setLabels(y);
            stock.computeGradientAndScore();
            return flat(stock.gradient().gradient());
        }

        @Override
        double[] privateBatch(INDArray x, INDArray y) {
            swapped.setInputs(x);
            swapped.setLabels(y);
            swapped.computeGradientAndScore();
            return flat(swapped.gradient().gradient());
        }

        @Override
        Layer[] layers() { // parameters are flattened in topological order, which is not that of getLayers()
            return Arrays.stream(swapped.topologicalSortOrder())
                    .mapToObj(i -> swapped.getVertices()[i])
                    .filter(LayerVertex.class::isInstance)
                    .map(GraphVertex::getLayer)
                    .toArray(Layer[]::new);
        }

        @Override
        INDArray privateParameters() {
            return swapped.params();
        }
    }
}
