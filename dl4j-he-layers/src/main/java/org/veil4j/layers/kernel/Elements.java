package org.veil4j.layers.kernel;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A window of elements on the heap: values x, gradients d. A layer binds its arrays, then works example by example: load a
 * window, run loops over parts of it while it lies in the first-level cache, store it. All positions inside a window
 * count from 0. Sums are accumulated in several independent accumulators of the element type, over one window at most, and
 * given back in double. One implementation a type, so that float networks run in float and double ones in double.
 *
 * <p>Not thread-safe: scratch is reused.
 */
public abstract class Elements {
    Elements() {}

    /**
     * Makes the implementation for a type.
     *
     * @param type FLOAT or DOUBLE
     * @return with empty scratch
     * @throws IllegalArgumentException for another type
     */
    public static Elements of(DataType type) {
        if (type == DataType.FLOAT) {
            return new FloatElements();
        } else if (type == DataType.DOUBLE) {
            return new DoubleElements();
        }
        throw new IllegalArgumentException(
                "dataType=" + type + ": must be FLOAT or DOUBLE; change the network's dataType");
    }

    /**
     * Binds arrays and reserves scratch. Contiguous in 'c' order, of this type; output and inputs may be the same array.
     *
     * @param values to load x from
     * @param gradients to load d from, or null
     * @param output to store to, or null
     * @param window the largest number of elements to be loaded at once
     */
    public abstract void bind(INDArray values, @Nullable INDArray gradients, @Nullable INDArray output, int window);

    /** From now on loads d from the output, where it was stored: for a second pass over changed gradients. */
    public abstract void takeOutputAsGradients();

    /** Forgets the arrays; scratch stays. */
    public abstract void release();

    /**
     * Loads {@code x[0..length)} from the values.
     *
     * @param at position of the first element in the array
     * @param length at most the window
     */
    public abstract void loadValues(int at, int length);

    /**
     * Loads {@code d[0..length)} from the gradients.
     *
     * @param at position of the first element in the array
     * @param length at most the window
     */
    public abstract void loadGradients(int at, int length);

    /**
     * Stores {@code x[0..length)} to the output.
     *
     * @param at position of the first element in the array
     * @param length at most the window
     */
    public abstract void storeValues(int at, int length);

    /**
     * Stores {@code d[0..length)} to the output.
     *
     * @param at position of the first element in the array
     * @param length at most the window
     */
    public abstract void storeGradients(int at, int length);

    /**
     * Sum of x.
     *
     * @param from first position
     * @param length number of elements
     * @return sum of x
     */
    public abstract double sum(int from, int length);

    /**
     * Sum of squared differences.
     *
     * @param from first position
     * @param length number of elements
     * @param centre to subtract
     * @return sum of (x - centre)^2
     */
    public abstract double squares(int from, int length, double centre);

    /**
     * {@code x = scale * x + shift}.
     *
     * @param from first position
     * @param length number of elements
     * @param scale factor
     * @param shift summand
     */
    public abstract void affine(int from, int length, double scale, double shift);

    /**
     * {@code x = max(0, scale * x + shift)}.
     *
     * @param from first position
     * @param length number of elements
     * @param scale factor
     * @param shift summand
     */
    public abstract void relu(int from, int length, double scale, double shift);

    /**
     * {@code x = p(scale * x + shift)}.
     *
     * @param from first position
     * @param length number of elements
     * @param scale factor
     * @param shift summand
     * @param c coefficients of p, lowest degree first, at least one
     */
    public abstract void polynomial(int from, int length, double scale, double shift, double[] c);

    /**
     * {@code d = d * [scale * x + shift > 0]}.
     *
     * @param from first position
     * @param length number of elements
     * @param scale factor
     * @param shift summand
     */
    public abstract void reluGradient(int from, int length, double scale, double shift);

    /**
     * {@code d = d * p'(z)} with {@code z = scale * x + shift}.
     *
     * @param from first position
     * @param length number of elements
     * @param scale factor
     * @param shift summand
     * @param c coefficients of p, lowest degree first, at least one
     */
    public abstract void polynomialGradient(int from, int length, double scale, double shift, double[] c);

    /**
     * {@code d = d + strength * (z - clamp(z, -limit, limit))} with {@code z = scale * x + shift}: the gradient of
     * {@code strength / 2} times the squared excess over the limit. Error: an ulp of the limit, also inside of it.
     *
     * @param from first position
     * @param length number of elements
     * @param scale factor
     * @param shift summand
     * @param limit from which on z is penalised
     * @param strength factor
     */
    public abstract void penalise(int from, int length, double scale, double shift, double limit, double strength);

    /**
     * Sum of d.
     *
     * @param from first position
     * @param length number of elements
     * @return sum of d
     */
    public abstract double sumGradients(int from, int length);

    /**
     * Correlation of values and gradients.
     *
     * @param from first position
     * @param length number of elements
     * @param centre to subtract from x
     * @return sum of d * (x - centre)
     */
    public abstract double dot(int from, int length, double centre);

    /**
     * {@code d = k0 * d + k1 * x + k2}.
     *
     * @param from first position
     * @param length number of elements
     * @param k0 factor of d
     * @param k1 factor of x
     * @param k2 summand
     */
    public abstract void combine(int from, int length, double k0, double k1, double k2);

    /**
     * Gradients of a polynomial's coefficients: {@code sums[at + k * step] += sum of d * x^k}.
     *
     * @param from first position
     * @param length number of elements
     * @param degree of the polynomial
     * @param sums receives the sums
     * @param at position for k = 0
     * @param step between successive k
     */
    public abstract void powers(int from, int length, int degree, double[] sums, int at, int step);
}
