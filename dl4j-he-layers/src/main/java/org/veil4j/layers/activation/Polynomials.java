package org.veil4j.layers.activation;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Checks, derivative and Horner evaluation, shared by the polynomial activations. */
final class Polynomials {
    private Polynomials() {}

    /** A checked copy: at least one coefficient, all finite. */
    static double[] checked(double[] coefficients) {
        if (coefficients == null || coefficients.length == 0) {
            throw new IllegalArgumentException(
                    "coefficients=[]: at least one is needed, lowest degree first; a constant has one");
        }
        for (int i = 0; i < coefficients.length; i++) {
            if (!Double.isFinite(coefficients[i])) {
                throw new IllegalArgumentException(
                        "coefficients[" + i + "]=" + coefficients[i] + ": must be finite; check what computed it");
            }
        }
        return coefficients.clone();
    }

    /** Refuses a penalty that is negative or not finite. */
    static void checkPenalty(double limit, double strength) {
        if (!(limit >= 0 && limit < Double.POSITIVE_INFINITY)
                || !(strength >= 0 && strength < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("penaltyLimit=" + limit + " penaltyStrength=" + strength
                    + ": both must be finite and at least 0; a strength of 0 means none");
        }
    }

    /** The gradient of the penalty at z, in a new array. */
    static INDArray excess(INDArray z, double limit, double strength) {
        INDArray inside = Transforms.min(Transforms.max(z, -limit, true), limit, true);
        return z.sub(inside).muli(strength);
    }

    /** Coefficients of the derivative; {@code [0]} for a constant. */
    static double[] derivative(double[] c) {
        double[] d = new double[Math.max(1, c.length - 1)];
        for (int i = 1; i < c.length; i++) {
            d[i - 1] = i * c[i];
        }
        return d;
    }

    /** Replaces each element z of the array by the polynomial at z, and returns the array. */
    static INDArray evaluateInPlace(INDArray z, double[] c) {
        int d = c.length - 1;
        if (d == 0) {
            return z.assign(c[0]);
        }
        if (d == 1) {
            return z.muli(c[1]).addi(c[0]);
        }
        INDArray x = z.dup(z.ordering());
        z.muli(c[d]).addi(c[d - 1]);
        for (int i = d - 2; i >= 0; i--) {
            z.muli(x);
            if (c[i] != 0) {
                z.addi(c[i]);
            }
        }
        return z;
    }
}
