package org.veil4j.dp.train;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A training set whose examples can be read by number, so that large or augmented sets need no copy in memory. What is
 * written for one example must depend on that example alone (and on fresh random numbers, for augmentation, which nobody knows:
 * a stream from a published seed that all examples share makes each depend on those before it): a normaliser that was fitted
 * to the training set, for instance, is not covered by the guarantee. Called by one thread at a time.
 */
public interface ExampleSource {
    /** Number of examples; constant. */
    int size();

    /** Shape of one example's features without the batch dimension, one array an input of the network. */
    long[][] featureShapes();

    /** Shape of one example's labels without the batch dimension, one array an output of the network. */
    long[][] labelShapes();

    /** Type of the arrays to be written; best the network's. */
    DataType dataType();

    /**
     * Writes examples: number {@code indices[k]} to row k of each array.
     *
     * @param indices distinct numbers in [0, {@link #size}); at least one
     * @param features arrays of shape [indices.length, feature shape], 'c' order; overwritten
     * @param labels arrays of shape [indices.length, label shape], 'c' order; overwritten
     */
    void read(int[] indices, INDArray[] features, INDArray[] labels);
}
