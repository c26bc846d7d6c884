package org.veil4j.dp.gradient;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Memory outside of all workspaces that is used again batch after batch. Poisson sampling gives each batch another size, so
 * arrays are views of the beginning of a store that grows to the largest request.
 */
final class NativeBuffer {
    private @Nullable INDArray store;

    /** A dense 'c' array of the shape. Its content is what was last written at the same places, or undefined. */
    INDArray array(DataType type, long... shape) {
        long length = length(shape);
        INDArray all = store;
        if (all == null || all.dataType() != type || all.length() < length) {
            // A little more than asked for: later batches are somewhat larger.
            all = Nd4j.createUninitializedDetached(type, 'c', length + length / 8);
            store = all;
        }
        INDArray part = all.length() == length ? all : all.get(NDArrayIndex.interval(0, length));
        return part.reshape('c', shape);
    }

    /** Whether {@link #array} would return memory that was returned before. */
    boolean holds(DataType type, long... shape) {
        return store != null && store.dataType() == type && store.length() >= length(shape);
    }

    private static long length(long[] shape) {
        long length = 1;
        for (long s : shape) {
            length *= s;
        }
        return length;
    }
}
