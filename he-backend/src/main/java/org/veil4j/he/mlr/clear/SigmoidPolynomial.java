package org.veil4j.he.mlr.clear;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.QRDecomposition;

/**
 * An odd polynomial plus 1/2 that stands for the sigmoid 1 / (1 + e^-x) on an interval around zero. Immutable; equal by its
 * numbers.
 */
public final class SigmoidPolynomial {
    /** Highest degree that can be fitted. */
    public static final int MAX_DEGREE = 15;

    /** The paper's: degree 3, increasing up to |x| = 9.62. */
    public static final SigmoidPolynomial PAPER = paper();

    private static final int NODES = 512;

    private final double[] odd;
    private final double bound;

    private SigmoidPolynomial(double[] odd, double bound) {
        this.odd = odd;
        this.bound = bound;
    }

    private static SigmoidPolynomial paper() {
        double linear = 0.10679534503216294;
        double cubic = -0.00038503259805075;
        return new SigmoidPolynomial(new double[] {linear, cubic}, Math.sqrt(-linear / (3 * cubic)));
    }

    /**
     * A polynomial with given coefficients.
     *
     * @param odd coefficients of x, x^3, x^5, ...; finite, the last one not 0
     * @param bound where it is meant to be used: |x| up to this
     */
    public static SigmoidPolynomial of(double[] odd, double bound) {
        if (odd.length == 0 || odd.length > (MAX_DEGREE + 1) / 2 || odd[odd.length - 1] == 0) {
            throw new IllegalArgumentException("odd=" + Arrays.toString(odd) + ": must be 1 to " + (MAX_DEGREE + 1) / 2
                    + " coefficients, the last one not 0");
        }
        for (double c : odd) {
            if (!Double.isFinite(c)) {
                throw new IllegalArgumentException("odd=" + Arrays.toString(odd) + ": must be finite");
            }
        }
        requireBound(bound);
        return new SigmoidPolynomial(odd.clone(), bound);
    }

    /**
     * The least-squares fit of the sigmoid on [-bound, bound], weighted as Chebyshev nodes are, so that the ends are not
     * neglected.
     *
     * @param degree odd, 1 to {@value #MAX_DEGREE}
     * @param bound 0.5 to 64
     */
    public static SigmoidPolynomial leastSquares(int degree, double bound) {
        if (degree < 1 || degree > MAX_DEGREE || degree % 2 == 0) {
            throw new IllegalArgumentException("degree=" + degree + ": must be odd, 1 to " + MAX_DEGREE);
        }
        requireBound(bound);
        int terms = (degree + 1) / 2;
        double[][] powers = new double[NODES][terms];
        double[] values = new double[NODES];
        for (int i = 0; i < NODES; i++) {
            double t = Math.cos(Math.PI * (2 * i + 1) / (4.0 * NODES)); // the positive half: everything is odd
            double power = t;
            for (int k = 0; k < terms; k++) {
                powers[i][k] = power;
                power *= t * t;
            }
            values[i] = sigmoid(t * bound) - 0.5;
        }
        double[] c = new QRDecomposition(new Array2DRowRealMatrix(powers, false))
                .getSolver()
                .solve(new ArrayRealVector(values, false))
                .toArray();
        double scale = bound;
        for (int k = 0; k < terms; k++) {
            c[k] /= scale;
            scale *= bound * bound;
        }
        return new SigmoidPolynomial(c, bound);
    }

    private static void requireBound(double bound) {
        if (!(bound >= 0.5 && bound <= 64)) {
            throw new IllegalArgumentException("bound=" + bound + ": must be 0.5 to 64");
        }
    }

    /** The sigmoid itself. */
    public static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** The polynomial at x. */
    public double value(double x) {
        double square = x * x;
        double sum = 0;
        for (int k = odd.length - 1; k >= 0; k--) {
            sum = sum * square + odd[k];
        }
        return 0.5 + sum * x;
    }

    /** Degree, odd. */
    public int degree() {
        return 2 * odd.length - 1;
    }

    /** Scores up to this magnitude are what it is good for. */
    public double bound() {
        return bound;
    }

    /** Coefficients of x, x^3, x^5, ...; a copy. */
    public double[] oddCoefficients() {
        return odd.clone();
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof SigmoidPolynomial p && Arrays.equals(p.odd, odd) && p.bound == bound;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(odd) + Double.hashCode(bound);
    }

    @Override
    public String toString() {
        return "SigmoidPolynomial[degree=" + degree() + ", |x| <= " + bound + "]";
    }
}
