package org.veil4j.dp.train;

import java.util.Arrays;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A flattened gradient in native memory and the values that were last published in it. */
final class GradientBuffer {
    private final INDArray flattened;
    private final int length;
    private final float[] floats;
    private final double[] doubles;
    private final float[] floatsRead;
    private final double[] doublesRead;

    GradientBuffer(INDArray flattened) {
        this.flattened = flattened;
        length = Math.toIntExact(flattened.length());
        boolean single = flattened.dataType() == DataType.FLOAT;
        floats = new float[single ? length : 0];
        floatsRead = new float[single ? length : 0];
        doubles = new double[single ? 0 : length];
        doublesRead = new double[single ? 0 : length];
    }

    INDArray array() {
        return flattened;
    }

    /** Writes values over divisor. */
    void publish(double[] values, double divisor) {
        if (floats.length > 0) {
            for (int i = 0; i < length; i++) {
                floats[i] = (float) (values[i] / divisor);
            }
            new FloatPointer(pointer()).put(floats, 0, length);
        } else {
            for (int i = 0; i < length; i++) {
                doubles[i] = values[i] / divisor;
            }
            new DoublePointer(pointer()).put(doubles, 0, length);
        }
    }

    /** Overwrites whatever is there. */
    void erase() {
        flattened.assign(0);
    }

    /** Whether the array still holds, bit for bit, what was published. */
    boolean isUnchanged() {
        if (floats.length > 0) {
            new FloatPointer(pointer()).get(floatsRead, 0, length);
            return Arrays.equals(floats, floatsRead);
        }
        new DoublePointer(pointer()).get(doublesRead, 0, length);
        return Arrays.equals(doubles, doublesRead);
    }

    private Pointer pointer() {
        return flattened.data().addressPointer();
    }
}
