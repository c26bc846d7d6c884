package org.veil4j.dp.gradient;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Buffers of one thread that all layers share and use again: a layer's backward pass and its clipped sum each use
 * them from beginning to end, and nothing in them outlives such a call. They grow to the largest request and stay.
 */
final class Scratch {
    /** Slots of Java arrays; a slot holds one array at a time. */
    static final int CONVERSION = 0;

    static final int HOST_A = 1;
    static final int HOST_B = 2;

    /** Slots of ND4J arrays. */
    static final int NATIVE_A = 0;

    static final int NATIVE_B = 1;
    static final int NATIVE_C = 2;
    static final int NATIVE_D = 3;

    private static final int SLOTS = 4;
    private static final ThreadLocal<Scratch> CURRENT = ThreadLocal.withInitial(Scratch::new);

    private final float[][] floats = new float[SLOTS][0];
    private final double[][] doubles = new double[SLOTS][0];
    private final NativeBuffer[] singles = new NativeBuffer[SLOTS];
    private final NativeBuffer[] longs = new NativeBuffer[SLOTS];

    private Scratch() {
        for (int i = 0; i < SLOTS; i++) {
            singles[i] = new NativeBuffer();
            longs[i] = new NativeBuffer();
        }
    }

    static Scratch current() {
        return CURRENT.get();
    }

    /** An array of at least the length; content undefined. */
    float[] floats(int slot, int length) {
        if (floats[slot].length < length) {
            floats[slot] = new float[length + length / 8];
        }
        return floats[slot];
    }

    /** An array of at least the length; content undefined. */
    double[] doubles(int slot, int length) {
        if (doubles[slot].length < length) {
            doubles[slot] = new double[length + length / 8];
        }
        return doubles[slot];
    }

    /** A dense 'c' array of the shape outside of all workspaces; content undefined. */
    INDArray array(int slot, DataType type, long... shape) {
        return (type == DataType.DOUBLE ? longs : singles)[slot].array(type, shape);
    }
}
