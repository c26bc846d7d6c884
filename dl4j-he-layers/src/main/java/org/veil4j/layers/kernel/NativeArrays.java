package org.veil4j.layers.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Access to the memory of ND4J arrays, which lives outside of the Java heap. */
public final class NativeArrays {
    private NativeArrays() {}

    /**
     * Whether an array's elements follow each other in 'c' order (last index fastest), without gaps.
     *
     * @param array any
     * @return true when its memory can be read as one row
     */
    public static boolean isContiguous(INDArray array) {
        long expected = 1;
        for (int i = array.rank() - 1; i >= 0; i--) {
            long size = array.size(i);
            if (size != 1 && array.stride(i) != expected) { // the stride of a dimension of size 1 means nothing
                return false;
            }
            expected *= size;
        }
        return !array.isEmpty();
    }

    /**
     * The memory of an array, shared. Cost: no copy; a few hundred nanoseconds. The array must outlive the buffer.
     *
     * @param array contiguous (see {@link #isContiguous}), float or double
     * @return its bytes in native order, position 0
     * @throws IllegalArgumentException for another array, or one of 2 GiB or more
     */
    static ByteBuffer bytes(INDArray array, DataType type) {
        if (array.dataType() != type || !isContiguous(array)) {
            throw new IllegalArgumentException("array=" + array.dataType() + " in order " + array.ordering()
                    + ": must be contiguous and " + type + "; call castTo and dup('c') first");
        }
        long size = array.length() * type.width();
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "array=" + size + " bytes: must be below 2 GiB; use a smaller mini-batch");
        }
        // A view's buffer has the address of the whole and its own offset.
        return new Memory(array.data().address() + array.offset() * type.width(), size)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder());
    }

    /**
     * Copies a small array, such as a row of parameters, to the heap.
     *
     * @param array float or double, contiguous
     * @param out receives its elements in 'c' order; at least as long
     */
    public static void read(INDArray array, double[] out) {
        int n = (int) array.length();
        ByteBuffer bytes = bytes(array, array.dataType());
        if (array.dataType() == DataType.DOUBLE) {
            bytes.asDoubleBuffer().get(0, out, 0, n);
        } else {
            FloatBuffer floats = bytes.asFloatBuffer();
            for (int i = 0; i < n; i++) {
                out[i] = floats.get(i);
            }
        }
    }

    /**
     * Overwrites a small array, such as a row of gradients.
     *
     * @param values its new elements in 'c' order
     * @param array float or double, contiguous
     */
    public static void write(double[] values, INDArray array) {
        int n = (int) array.length();
        ByteBuffer bytes = bytes(array, array.dataType());
        if (array.dataType() == DataType.DOUBLE) {
            bytes.asDoubleBuffer().put(0, values, 0, n);
        } else {
            FloatBuffer floats = bytes.asFloatBuffer();
            for (int i = 0; i < n; i++) {
                floats.put(i, (float) values[i]);
            }
        }
    }

    /**
     * The array itself where it is contiguous and of the type, else a copy in a workspace.
     *
     * @param array any
     * @param type FLOAT or DOUBLE
     * @param workspaces of the layer
     * @param scope for the copy
     * @return contiguous
     */
    public static INDArray contiguous(INDArray array, DataType type, LayerWorkspaceMgr workspaces, ArrayType scope) {
        if (array.dataType() == type && isContiguous(array)) {
            return array;
        }
        INDArray copy = workspaces.createUninitialized(scope, type, array.shape(), 'c');
        return copy.assign(array);
    }

    /** A pointer to memory that somebody else owns. */
    private static final class Memory extends BytePointer {
        Memory(long address, long size) {
            super((Pointer) null);
            this.address = address;
            this.position = 0;
            this.limit = size;
            this.capacity = size;
        }
    }
}
