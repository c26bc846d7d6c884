package org.veil4j.layers.kernel;

import java.nio.FloatBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Float. Loops run from 0 over plain arrays with loop-invariant offsets, so that C2 vectorises them; sums have eight
 * accumulators, since it does not reorder float additions by itself. {@link DoubleElements} is the same text in double.
 */
final class FloatElements extends Elements {
    private float[] x = new float[0];
    private float[] d = new float[0];
    private float[] t = new float[0];
    private @Nullable FloatBuffer values;
    private @Nullable FloatBuffer gradients;
    private @Nullable FloatBuffer output;

    @Override
    public void bind(INDArray values, @Nullable INDArray gradients, @Nullable INDArray output, int window) {
        this.values = NativeArrays.bytes(values, DataType.FLOAT).asFloatBuffer();
        this.gradients = gradients == null
                ? null
                : NativeArrays.bytes(gradients, DataType.FLOAT).asFloatBuffer();
        this.output = output == null
                ? null
                : NativeArrays.bytes(output, DataType.FLOAT).asFloatBuffer();
        if (x.length < window) {
            x = new float[window];
            t = new float[window];
        }
        if (gradients != null && d.length < window) {
            d = new float[window];
        }
    }

    @Override
    public void takeOutputAsGradients() {
        gradients = output;
    }

    @Override
    public void release() {
        values = null;
        gradients = null;
        output = null;
    }

    @Override
    public void loadValues(int at, int length) {
        Objects.requireNonNull(values).get(at, x, 0, length);
    }

    @Override
    public void loadGradients(int at, int length) {
        Objects.requireNonNull(gradients).get(at, d, 0, length);
    }

    @Override
    public void storeValues(int at, int length) {
        Objects.requireNonNull(output).put(at, x, 0, length);
    }

    @Override
    public void storeGradients(int at, int length) {
        Objects.requireNonNull(output).put(at, d, 0, length);
    }

    @Override
    public double sum(int from, int length) {
        return sum(x, from, length);
    }

    @Override
    public double sumGradients(int from, int length) {
        return sum(d, from, length);
    }

    private static double sum(float[] v, int from, int length) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int i = from;
        int last = from + length;
        for (; i <= last - 8; i += 8) {
            s0 += v[i];
            s1 += v[i + 1];
            s2 += v[i + 2];
            s3 += v[i + 3];
            s4 += v[i + 4];
            s5 += v[i + 5];
            s6 += v[i + 6];
            s7 += v[i + 7];
        }
        for (; i < last; i++) {
            s0 += v[i];
        }
        return ((double) s0 + s1) + ((double) s2 + s3) + (((double) s4 + s5) + ((double) s6 + s7));
    }

    @Override
    public double squares(int from, int length, double centre) {
        float m = (float) centre;
        for (int i = 0; i < length; i++) {
            float a = x[from + i] - m;
            t[i] = a * a;
        }
        return sum(t, 0, length);
    }

    @Override
    public double dot(int from, int length, double centre) {
        float m = (float) centre;
        for (int i = 0; i < length; i++) {
            t[i] = d[from + i] * (x[from + i] - m);
        }
        return sum(t, 0, length);
    }

    @Override
    public void affine(int from, int length, double scale, double shift) {
        float a = (float) scale;
        float b = (float) shift;
        for (int i = 0; i < length; i++) {
            x[from + i] = a * x[from + i] + b;
        }
    }

    @Override
    public void relu(int from, int length, double scale, double shift) {
        float a = (float) scale;
        float b = (float) shift;
        for (int i = 0; i < length; i++) {
            float z = a * x[from + i] + b;
            x[from + i] = 0.5f * (z + Math.abs(z)); // exact, and cheaper than a maximum with its rules for NaN
        }
    }

    @Override
    public void polynomial(int from, int length, double scale, double shift, double[] c) {
        float a = (float) scale;
        float b = (float) shift;
        if (c.length == 3) {
            float c0 = (float) c[0];
            float c1 = (float) c[1];
            float c2 = (float) c[2];
            for (int i = 0; i < length; i++) {
                float z = a * x[from + i] + b;
                x[from + i] = (c2 * z + c1) * z + c0;
            }
            return;
        }
        horner(from, length, a, b, c, 0);
        System.arraycopy(t, 0, x, from, length);
    }

    /** t = p(z) for skip 0, p'(z) for skip 1. */
    private void horner(int from, int length, float a, float b, double[] c, int skip) {
        int last = c.length - 1;
        float top = last < skip ? 0 : (float) (skip == 0 ? c[last] : last * c[last]);
        for (int i = 0; i < length; i++) {
            t[i] = top;
        }
        for (int k = last - 1; k >= skip; k--) {
            float ck = (float) (skip == 0 ? c[k] : k * c[k]);
            for (int i = 0; i < length; i++) {
                t[i] = t[i] * (a * x[from + i] + b) + ck;
            }
        }
    }

    /**
     * The mask is min(1, 2 max(0, z) * MAX_VALUE), which is 0 or 1 for every normal z: comparisons would not be vectorised.
     */
    @Override
    public void reluGradient(int from, int length, double scale, double shift) {
        float a = (float) scale;
        float b = (float) shift;
        for (int i = 0; i < length; i++) {
            float z = a * x[from + i] + b;
            float twice = z + Math.abs(z);
            d[from + i] = d[from + i] * Math.min(1f, twice * Float.MAX_VALUE);
        }
    }

    @Override
    public void polynomialGradient(int from, int length, double scale, double shift, double[] c) {
        float a = (float) scale;
        float b = (float) shift;
        if (c.length == 3) {
            float c1 = (float) c[1];
            float c2 = (float) (2 * c[2]);
            for (int i = 0; i < length; i++) {
                d[from + i] = d[from + i] * (c2 * (a * x[from + i] + b) + c1);
            }
            return;
        }
        horner(from, length, a, b, c, 1);
        for (int i = 0; i < length; i++) {
            d[from + i] = d[from + i] * t[i];
        }
    }

    @Override
    public void penalise(int from, int length, double scale, double shift, double limit, double strength) {
        float a = (float) scale;
        float b = (float) shift;
        float r = (float) limit;
        float s = (float) strength;
        for (int i = 0; i < length; i++) {
            float z = a * x[from + i] + b;
            d[from + i] = d[from + i] + s * (z - 0.5f * (Math.abs(z + r) - Math.abs(z - r)));
        }
    }

    @Override
    public void combine(int from, int length, double k0, double k1, double k2) {
        float f0 = (float) k0;
        float f1 = (float) k1;
        float f2 = (float) k2;
        for (int i = 0; i < length; i++) {
            d[from + i] = f0 * d[from + i] + (f1 * x[from + i] + f2);
        }
    }

    @Override
    public void powers(int from, int length, int degree, double[] sums, int at, int step) {
        System.arraycopy(d, from, t, 0, length);
        sums[at] += sum(t, 0, length);
        for (int k = 1; k <= degree; k++) {
            for (int i = 0; i < length; i++) {
                t[i] = t[i] * x[from + i];
            }
            sums[at + k * step] += sum(t, 0, length);
        }
    }
}
