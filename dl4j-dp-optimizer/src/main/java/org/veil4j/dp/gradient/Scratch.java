package org.veil4j.dp.gradient;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Buffers of one thread that all layers share and use again: a layer's backward pass and its clipped sum each use
 * them from beginning to end, and nothing in them outlives such a call. They grow to the largest request and stay.
 */
final class Scratch {
    /** Slots of Java arrays; a slot holds one array at a time. */
    static final int CONVERSION = 0;

    static final int HOST_A = 1;
    static final int HOST_B = 2;
    static final int HOST_C = 3;

    /** Slots of ND4J arrays. */
    static final int NATIVE_A = 0;

    static final int NATIVE_B = 1;
    static final int NATIVE_C = 2;
    static final int NATIVE_D = 3;

    private static final int SLOTS = 4;
    private static final ThreadLocal<Scratch> CURRENT = ThreadLocal.withInitial(Scratch::new);

    private final float[][] floats = new float[SLOTS][0];
    private final double[][] doubles = new double[SLOTS][0];
    private final @Nullable INDArray[] singles = new @Nullable INDArray[SLOTS];
    private final @Nullable INDArray[] longs = new @Nullable INDArray[SLOTS];

    private Scratch() {}

    static Scratch current() {
        return CURRENT.get();
    }

    /** An array of at least the length; content undefined. */
    float[] floats(int slot, int length) {
        if (floats[slot].length < length) {
            floats[slot] = new float[length];
        }
        return floats[slot];
    }

    /** An array of at least the length; content undefined. */
    double[] doubles(int slot, int length) {
        if (doubles[slot].length < length) {
            doubles[slot] = new double[length];
        }
        return doubles[slot];
    }

    /** A dense 'c' array of the shape outside of all workspaces; content undefined. */
    INDArray array(int slot, DataType type, long... shape) {
        @Nullable INDArray[] arrays = type == DataType.DOUBLE ? longs : singles;
        long length = 1;
        for (long s : shape) {
            length *= s;
        }
        INDArray a = arrays[slot];
        if (a == null || a.length() < length) {
            a = detached(type, length);
            arrays[slot] = a;
        }
        INDArray part = a.length() == length ? a : a.get(NDArrayIndex.interval(0, length));
        return part.reshape('c', shape);
    }

    /** A new dense 'c' array outside of all workspaces; content undefined. */
    static INDArray detached(DataType type, long... shape) {
        return Nd4j.createUninitializedDetached(type, 'c', shape);
    }
}
