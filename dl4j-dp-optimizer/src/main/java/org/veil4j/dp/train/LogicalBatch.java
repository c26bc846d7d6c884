package org.veil4j.dp.train;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The examples of one step, to be had in pieces. */
interface LogicalBatch {
    /** Number of examples, 0 included. */
    int size();

    /** The examples in [from, to), valid until the next call. */
    Examples piece(int from, int to);

    /**
     * Some examples.
     *
     * @param features one array an input, examples first
     * @param labels one array an output, examples first
     */
    record Examples(INDArray[] features, INDArray[] labels) {
        int count() {
            return Math.toIntExact(features[0].size(0));
        }
    }

    /** A batch that lies in arrays, which must be of one length. */
    static LogicalBatch of(INDArray[] features, INDArray[] labels) {
        int size = Math.toIntExact(features[0].size(0));
        for (INDArray array : features) {
            requireSize(array, size);
        }
        for (INDArray array : labels) {
            requireSize(array, size);
        }
        return new LogicalBatch() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Examples piece(int from, int to) {
                return from == 0 && to == size
                        ? new Examples(features, labels)
                        : new Examples(rows(features, from, to), rows(labels, from, to));
            }
        };
    }

    private static void requireSize(INDArray array, int size) {
        if (array.size(0) != size) {
            throw new IllegalArgumentException(
                    "examples=" + array.size(0) + ": must be " + size + ", as in the batch's other arrays");
        }
    }

    /** Views of some rows. */
    static INDArray[] rows(INDArray[] arrays, int from, int to) {
        INDArray[] rows = new INDArray[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            INDArrayIndex[] index = new INDArrayIndex[arrays[i].rank()];
            Arrays.fill(index, NDArrayIndex.all());
            index[0] = NDArrayIndex.interval(from, to);
            rows[i] = arrays[i].get(index);
        }
        return rows;
    }
}
