package org.veil4j.dp.train;

import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Says that a flattened gradient buffer holds a private gradient for the update in progress on the thread that made the
 * seal. Bound to the buffer, so that no other network's gradient passes, not even on that thread.
 */
final class GradientSeal {
    private final DataBuffer buffer;
    private final Thread owner = Thread.currentThread();

    GradientSeal(INDArray flattenedGradients) {
        buffer = root(flattenedGradients);
    }

    boolean covers(INDArray gradient) {
        return owner == Thread.currentThread() && root(gradient) == buffer;
    }

    /** Whether two arrays lie in one buffer. */
    static boolean sameBuffer(INDArray a, INDArray b) {
        return root(a) == root(b);
    }

    private static DataBuffer root(INDArray array) {
        DataBuffer data = array.data();
        DataBuffer original = data.originalDataBuffer();
        while (original != null && original != data) {
            data = original;
            original = data.originalDataBuffer();
        }
        return data;
    }
}
