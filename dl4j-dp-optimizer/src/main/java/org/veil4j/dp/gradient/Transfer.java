package org.veil4j.dp.gradient;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/** Bulk copies between dense ND4J arrays (float or double, 'c' order) and Java arrays; nothing is allocated per element. */
final class Transfer {
    private Transfer() {}

    /** The array itself when its elements lie in 'c' order without gaps, otherwise a copy that does. */
    static INDArray dense(INDArray a) {
        boolean dense = a.ordering() == 'c' && Shape.hasDefaultStridesForShape(a);
        return dense ? a : a.dup('c');
    }

    /** Copies elements [first, first + count) of a dense float array to target[at...]. */
    static void get(INDArray a, long first, int count, float[] target, int at) {
        floats(a, first).get(target, at, count);
    }

    /** Copies elements [first, first + count) of a dense float or double array to target[at...]. */
    static void get(INDArray a, long first, int count, double[] target, int at) {
        if (a.dataType() == DataType.DOUBLE) {
            doubles(a, first).get(target, at, count);
            return;
        }
        float[] scratch = Scratch.current().floats(Scratch.CONVERSION, count);
        get(a, first, count, scratch, 0);
        for (int i = 0; i < count; i++) {
            target[at + i] = scratch[i];
        }
    }

    /** Copies source[at, at + count) to elements [first, ...) of a dense float array. */
    static void put(float[] source, int at, int count, INDArray a, long first) {
        floats(a, first).put(source, at, count);
    }

    /** Copies the array's elements, converted to its type. */
    static void put(double[] source, int count, INDArray a) {
        if (a.dataType() == DataType.DOUBLE) {
            doubles(a, 0).put(source, 0, count);
            return;
        }
        float[] scratch = Scratch.current().floats(Scratch.CONVERSION, count);
        for (int i = 0; i < count; i++) {
            scratch[i] = (float) source[i];
        }
        put(scratch, 0, count, a, 0);
    }

    private static FloatPointer floats(INDArray a, long first) {
        Pointer p = a.data().addressPointer();
        return new FloatPointer(p).position(p.position() + first);
    }

    private static DoublePointer doubles(INDArray a, long first) {
        Pointer p = a.data().addressPointer();
        return new DoublePointer(p).position(p.position() + first);
    }
}
