package org.veil4j.dp.train;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A training set that lies in two arrays. They are not copied (unless they are views or of 'f' order): do not change them. */
final class InMemoryExamples implements ExampleSource {
    private final INDArray features;
    private final INDArray labels;

    InMemoryExamples(INDArray features, INDArray labels) {
        if (features.rank() < 2 || labels.rank() < 2) {
            throw new IllegalArgumentException(
                    "shape=" + Arrays.toString(features.shape()) + ", " + Arrays.toString(labels.shape())
                            + ": features and labels must have a batch dimension and one more");
        }
        if (features.size(0) != labels.size(0)) {
            throw new IllegalArgumentException("examples=" + features.size(0) + " and " + labels.size(0)
                    + ": features and labels must be of the same number");
        }
        this.features = contiguous(features);
        this.labels =
                contiguous(labels.dataType() == features.dataType() ? labels : labels.castTo(features.dataType()));
    }

    private static INDArray contiguous(INDArray array) {
        return array.ordering() == 'c' && !array.isView() ? array : array.dup('c');
    }

    @Override
    public int size() {
        return Math.toIntExact(features.size(0));
    }

    @Override
    public long[][] featureShapes() {
        return new long[][] {exampleShape(features)};
    }

    @Override
    public long[][] labelShapes() {
        return new long[][] {exampleShape(labels)};
    }

    private static long[] exampleShape(INDArray array) {
        return Arrays.copyOfRange(array.shape(), 1, array.rank());
    }

    @Override
    public DataType dataType() {
        return features.dataType();
    }

    @Override
    public void read(int[] indices, INDArray[] featureRows, INDArray[] labelRows) {
        copy(features, indices, featureRows[0]);
        copy(labels, indices, labelRows[0]);
    }

    private static void copy(INDArray source, int[] indices, INDArray target) {
        Nd4j.pullRows(rows(source), rows(target), 1, indices);
    }

    private static INDArray rows(INDArray array) {
        return array.rank() == 2 ? array : array.reshape('c', array.size(0), array.length() / array.size(0));
    }
}
