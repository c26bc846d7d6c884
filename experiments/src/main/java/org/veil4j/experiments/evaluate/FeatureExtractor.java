package org.veil4j.experiments.evaluate;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.experiments.data.ImageResizer;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;

/** Turns images into the output of a network's body, one feature vector an image, in the clear. Not thread-safe. */
public final class FeatureExtractor {
    /** A gigabyte of floats. */
    private static final long MAX_BATCH_ELEMENTS = 1 << 28;

    private final ComputationGraph body;
    private final InputShape input;
    private final InputNormalisation normalisation;
    private final boolean reversed;
    private final boolean averaged;
    private final boolean flat;

    /**
     * Creates an extractor.
     *
     * @param body whose output becomes features
     * @param input shape that images are scaled to
     * @param normalisation of the pixels, in the order of the body's channels
     * @param reversed whether the body wants blue, green, red
     * @param averaged whether each map of a convolutional output is averaged to one feature; otherwise every value of it is
     *     one, in the order channel, row, column, which is how Deeplearning4j flattens
     */
    public FeatureExtractor(
            NetworkBody body, InputShape input, InputNormalisation normalisation, boolean reversed, boolean averaged) {
        this.body = body.graph();
        this.input = input;
        this.normalisation = normalisation;
        this.reversed = reversed;
        this.averaged = averaged;
        this.flat = takesRows(body.graph().getConfiguration(), input);
    }

    /** Takes one feature vector an image, in order. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes a vector.
         *
         * @param label class index of the image
         * @param features its own array
         * @throws IOException if it cannot be kept
         */
        void accept(int label, float[] features) throws IOException;
    }

    /**
     * Extracts features.
     *
     * @param images to pass through the body
     * @param batch images at a time
     * @param sink takes the features
     * @param progress takes the number of images done
     * @throws IllegalArgumentException if a batch is too large, or the body does not take such images, or its output is no
     *     vector and no maps
     * @throws IOException what the sink throws
     */
    public void extract(Dataset images, int batch, Sink sink, IntConsumer progress) throws IOException {
        ImageResizer resizer = new ImageResizer(images.shape(), input, normalisation, reversed);
        if (batch < 1 || (long) batch * input.elements() > MAX_BATCH_ELEMENTS) {
            throw new IllegalArgumentException("batch=" + batch + ": must be 1 to "
                    + MAX_BATCH_ELEMENTS / input.elements() + " images of " + input + "; choose another --batch");
        }
        for (int from = 0; from < images.size(); from += batch) {
            int count = Math.min(batch, images.size() - from);
            float[] pixels = new float[count * input.elements()];
            for (int i = 0; i < count; i++) {
                resizer.apply(images.images()[from + i], pixels, i * input.elements());
            }
            float[] features = run(pixels, count);
            int length = features.length / count;
            for (int i = 0; i < count; i++) {
                sink.accept(images.labels()[from + i], Arrays.copyOfRange(features, i * length, (i + 1) * length));
            }
            progress.accept(from + count);
        }
    }

    private float[] run(float[] pixels, int count) {
        long[] shape = flat
                ? new long[] {count, input.elements()}
                : new long[] {count, input.channels(), input.height(), input.width()};
        // Closed as soon as they are done with: native memory is not what the garbage collector looks at.
        try (INDArray floats = Nd4j.create(pixels, shape, 'c');
                INDArray in = floats.castTo(body.getConfiguration().getDataType());
                INDArray output = forward(in)) {
            if (output.rank() != 2 && output.rank() != 4) {
                throw new IllegalArgumentException("layer: its output has shape " + Arrays.toString(output.shape())
                        + ", must be a vector or maps for each image; choose another layer");
            }
            INDArray vectors = averaged && output.rank() == 4 ? output.mean(2, 3) : output;
            return vectors.castTo(DataType.FLOAT).dup('c').data().asFloat();
        }
    }

    private INDArray forward(INDArray in) {
        try {
            return body.outputSingle(in);
        } catch (RuntimeException e) { // ND4J has no type of its own for shapes that do not fit
            throw new IllegalArgumentException(
                    "shape=" + input + ": the network does not take it (" + e.getMessage() + "); set --shape", e);
        }
    }

    /** Whether the body starts with a dense layer, which takes images as rows of pixels. */
    private static boolean takesRows(ComputationGraphConfiguration conf, InputShape input) {
        InputType image = InputType.convolutional(input.height(), input.width(), input.channels());
        String name = conf.getNetworkInputs().get(0);
        for (Map.Entry<String, ?> vertex : conf.getVertices().entrySet()) {
            if (conf.getVertexInputs().getOrDefault(vertex.getKey(), List.of()).contains(name)
                    && vertex.getValue() instanceof LayerVertex layer
                    && layer.getPreProcessor() == null
                    && layer.getLayerConf().getLayer().getPreProcessorForInputType(image)
                            instanceof CnnToFeedForwardPreProcessor) {
                return true;
            }
        }
        return false;
    }
}
