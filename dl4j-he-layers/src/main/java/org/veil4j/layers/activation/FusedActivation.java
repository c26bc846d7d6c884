package org.veil4j.layers.activation;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.layers.kernel.Elements;
import org.veil4j.layers.kernel.NativeArrays;

/**
 * An activation function that a layer can compute in its own loops: the identity, ReLU, a polynomial. Internal; see
 * {@link org.veil4j.layers.norm}.
 */
public final class FusedActivation {
    private static final int WINDOW = 4096;
    private static final ThreadLocal<Elements> FLOATS = ThreadLocal.withInitial(() -> Elements.of(DataType.FLOAT));
    private static final ThreadLocal<Elements> DOUBLES = ThreadLocal.withInitial(() -> Elements.of(DataType.DOUBLE));

    private final boolean relu;
    private final double @Nullable [] polynomial;
    private final double limit;
    private final double strength;

    private FusedActivation(boolean relu, double @Nullable [] polynomial, double limit, double strength) {
        this.relu = relu;
        this.polynomial = polynomial;
        this.limit = limit;
        this.strength = strength;
    }

    /**
     * Finds the fused form of an activation function.
     *
     * @param activation any
     * @return null when it has none
     */
    public static @Nullable FusedActivation of(IActivation activation) {
        if (activation.getClass() == ActivationIdentity.class) {
            return new FusedActivation(false, null, 0, 0);
        } else if (activation instanceof SquareActivation) {
            return new FusedActivation(false, new double[] {0, 0, 1}, 0, 0);
        } else if (activation.getClass() == ActivationCube.class) {
            return new FusedActivation(false, new double[] {0, 0, 0, 1}, 0, 0);
        } else if (activation instanceof PolynomialActivation p) {
            return new FusedActivation(false, p.getCoefficients(), p.getPenaltyLimit(), p.getPenaltyStrength());
        } else if (activation instanceof ActivationReLU r && isPlain(r)) {
            return new FusedActivation(true, null, 0, 0);
        }
        return null;
    }

    private static boolean isPlain(ActivationReLU r) {
        return (r.getMax() == null || r.getMax() == 0)
                && (r.getThreshold() == null || r.getThreshold() == 0)
                && (r.getNegativeSlope() == null || r.getNegativeSlope() == 0);
    }

    /**
     * Whether nothing has to be done.
     *
     * @return true for the identity
     */
    public boolean isIdentity() {
        return !relu && polynomial == null;
    }

    /**
     * {@code x = f(scale * x + shift)}.
     *
     * @param e window with its values loaded
     * @param from first position
     * @param length number of elements
     * @param scale factor
     * @param shift summand
     */
    public void forward(Elements e, int from, int length, double scale, double shift) {
        if (relu) {
            e.relu(from, length, scale, shift);
        } else if (polynomial != null) {
            e.polynomial(from, length, scale, shift, polynomial);
        } else {
            e.affine(from, length, scale, shift);
        }
    }

    /**
     * {@code d = d * f'(z)} with {@code z = scale * x + shift}, and the penalty's gradient where there is one. The values stay.
     *
     * @param e window with values and gradients loaded
     * @param from first position
     * @param length number of elements
     * @param scale factor
     * @param shift summand
     */
    public void backward(Elements e, int from, int length, double scale, double shift) {
        if (relu) {
            e.reluGradient(from, length, scale, shift);
        } else if (polynomial != null) {
            e.polynomialGradient(from, length, scale, shift, polynomial);
            if (strength > 0) {
                e.penalise(from, length, scale, shift, limit, strength);
            }
        }
    }

    /**
     * Applies the function to a whole array in place.
     *
     * @param z contiguous, float or double
     * @return false when the array is of another kind; nothing was done then
     */
    boolean applyInPlace(INDArray z) {
        if (!fits(z)) {
            return false;
        }
        Elements e = elements(z.dataType());
        e.bind(z, null, z, WINDOW);
        int n = (int) z.length();
        for (int at = 0; at < n; at += WINDOW) {
            int length = Math.min(WINDOW, n - at);
            e.loadValues(at, length);
            forward(e, 0, length, 1, 0);
            e.storeValues(at, length);
        }
        e.release();
        return true;
    }

    /**
     * Replaces z by the gradient with respect to z.
     *
     * @param z contiguous, float or double
     * @param gradient of the function's values, the same kind
     * @return false when an array is of another kind; nothing was done then
     */
    boolean backpropInPlace(INDArray z, INDArray gradient) {
        if (!fits(z) || !fits(gradient) || z.dataType() != gradient.dataType()) {
            return false;
        }
        Elements e = elements(z.dataType());
        e.bind(z, gradient, z, WINDOW);
        int n = (int) z.length();
        for (int at = 0; at < n; at += WINDOW) {
            int length = Math.min(WINDOW, n - at);
            e.loadValues(at, length);
            e.loadGradients(at, length);
            backward(e, 0, length, 1, 0);
            e.storeGradients(at, length);
        }
        e.release();
        return true;
    }

    private static boolean fits(INDArray a) {
        return (a.dataType() == DataType.FLOAT || a.dataType() == DataType.DOUBLE)
                && a.length() < Integer.MAX_VALUE / 8
                && NativeArrays.isContiguous(a);
    }

    private static Elements elements(DataType type) {
        return Objects.requireNonNull((type == DataType.FLOAT ? FLOATS : DOUBLES).get());
    }
}
