package org.veil4j.he.nn.graph;

import java.util.Arrays;
import org.veil4j.he.circuit.PolynomialEvaluator;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;

/** A polynomial activation as it is best computed under encryption. */
public sealed interface ActivationForm {
    /** Beyond this shift of the argument a completed square would lose too many bits to cancellation. */
    double MAX_SQUARE_SHIFT = 32;

    /**
     * No activation at all: affine.
     *
     * @param map of each element for itself
     */
    record Line(AffineMap map) implements ActivationForm {}

    /**
     * A quadratic completed to a square: {@code factor[k] * (x[k] + inner[k])^2 + outer[k]}. One multiplication and no level
     * for its coefficients.
     *
     * @param inner added to each element before it is squared
     * @param factor for the next affine function to take up
     * @param outer likewise
     */
    record Square(double[] inner, double[] factor, double[] outer) implements ActivationForm {}

    /**
     * Anything else.
     *
     * @param coefficients [element][power], lowest first, of one length, of degree 2 to {@link PolynomialEvaluator#MAX_DEGREE}
     */
    record General(double[][] coefficients) implements ActivationForm {}

    /**
     * The form of an activation; highest powers that are zero everywhere do not count.
     *
     * @throws IllegalArgumentException naming the layer, if its degree is over {@link PolynomialEvaluator#MAX_DEGREE}
     */
    static ActivationForm of(Polynomial p) {
        int n = p.shape().size();
        int plane = p.shape().height() * p.shape().width();
        int degree = p.degree();
        double[][] c = new double[n][];
        for (int k = 0; k < n; k++) {
            c[k] = p.coefficients()[p.coefficients().length == 1 ? 0 : k / plane];
        }
        while (degree > 0 && allZero(c, degree)) {
            degree--;
        }
        if (degree > PolynomialEvaluator.MAX_DEGREE) {
            throw new IllegalArgumentException(
                    "layer " + p.name() + ": degree=" + degree + ", must be at most " + PolynomialEvaluator.MAX_DEGREE);
        }
        if (degree <= 1) {
            double[] scale = new double[n];
            double[] shift = new double[n];
            for (int k = 0; k < n; k++) {
                shift[k] = c[k][0];
                scale[k] = degree == 0 ? 0 : c[k][1];
            }
            return new Line(new AffineMap(SparseMatrix.diagonal(scale), shift));
        }
        return degree == 2 && completesToSquare(c) ? square(c) : general(c, degree);
    }

    private static Square square(double[][] c) {
        double[] inner = new double[c.length];
        double[] factor = new double[c.length];
        double[] outer = new double[c.length];
        for (int k = 0; k < c.length; k++) {
            inner[k] = c[k][1] / (2 * c[k][2]);
            factor[k] = c[k][2];
            outer[k] = c[k][0] - c[k][2] * inner[k] * inner[k];
        }
        return new Square(inner, factor, outer);
    }

    private static General general(double[][] c, int degree) {
        double[][] rows = new double[c.length][];
        for (int k = 0; k < c.length; k++) {
            rows[k] = Arrays.copyOf(c[k], degree + 1);
        }
        return new General(rows);
    }

    private static boolean allZero(double[][] coefficients, int power) {
        for (double[] c : coefficients) {
            if (c[power] != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean completesToSquare(double[][] coefficients) {
        for (double[] c : coefficients) {
            if (!(Math.abs(c[1]) <= 2 * MAX_SQUARE_SHIFT * Math.abs(c[2])) || c[2] == 0) {
                return false;
            }
        }
        return true;
    }
}
