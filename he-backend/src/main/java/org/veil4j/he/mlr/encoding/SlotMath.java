package org.veil4j.he.mlr.encoding;

import java.util.List;
import org.veil4j.he.circuit.RepeatedPlain;
import org.veil4j.he.circuit.ScaleAlignment;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;

/**
 * What circuits of training have in common: masks, products, the sigmoid, all at scales that are met exactly.
 *
 * @param <C> a vector of slots
 */
final class SlotMath<C> {
    private final SlotAlgebra<C> algebra;
    private final ScaleAlignment<C> alignment;

    SlotMath(SlotAlgebra<C> algebra) {
        this.algebra = algebra;
        this.alignment = new ScaleAlignment<>(algebra);
    }

    /** a * values, at the level below and at a scale. */
    C masked(C a, RepeatedPlain values, double scale) {
        double valueScale = alignment.factorScale(a, scale);
        return algebra.rescale(algebra.multiplyPlain(a, values.at(algebra.level(a), valueScale)));
    }

    /** Numbers to multiply with; encoded once for a level and scale. */
    RepeatedPlain mask(double[] values) {
        return new RepeatedPlain(algebra, values);
    }

    /** a * b at the level below. */
    C product(C a, C b) {
        return algebra.relinearizeRescale(algebra.multiply(a, b), 1);
    }

    /** a^2 at the level below. */
    C square(C a) {
        return algebra.relinearizeRescale(algebra.sumOfSquares(List.of(a)), 1);
    }

    /**
     * The odd part of a sigmoid polynomial, masked: (p(z) - 1/2) where the mask is 1, 0 where it is 0. The polynomial is
     * factored so that its highest coefficient is absorbed in a scale and all others are added; the mask is applied beside
     * the first squaring. Costs {@link DiagonalEncoding#sigmoidLevels} levels.
     *
     * @param z any level high enough
     * @param scale scale of the result, met exactly
     */
    C maskedSigmoid(C z, SigmoidPolynomial sigmoid, RepeatedPlain mask, double scale) {
        double[] odd = sigmoid.oddCoefficients();
        double leading = odd[odd.length - 1];
        double raw =
                scale * Math.abs(leading); // the scale of p / leading whose reading at `scale` is |leading| times that
        C result = switch (odd.length) {
            case 1 -> masked(z, mask, raw);
            case 2 -> cubic(z, odd, mask, raw);
            case 3 -> quintic(z, odd, mask, raw);
            case 4 -> septic(z, odd, mask, raw);
            default ->
                throw new IllegalArgumentException("degree=" + sigmoid.degree() + ": must be at most "
                        + DiagonalEncoding.MAX_DEGREE + " in an encrypted run");
        };
        C read = algebra.withScale(result, scale);
        return leading < 0 ? algebra.negate(read) : read;
    }

    /** z (u + c1/c3), u = z^2. */
    private C cubic(C z, double[] odd, RepeatedPlain mask, double raw) {
        C u = algebra.addConstant(square(z), odd[0] / odd[1]);
        return product(maskedFor(z, mask, u, raw), u);
    }

    /** z ((u + h)^2 + k). */
    private C quintic(C z, double[] odd, RepeatedPlain mask, double raw) {
        double h = odd[1] / (2 * odd[2]);
        C v = square(algebra.addConstant(square(z), h));
        C q = algebra.addConstant(v, odd[0] / odd[2] - h * h);
        C m = maskedFor(z, mask, q, raw);
        return product(algebra.dropToLevel(m, algebra.level(q)), q);
    }

    /** (z (u + r)) ((u + h)^2 + k), where -r is a real root of the cubic in u. */
    private C septic(C z, double[] odd, RepeatedPlain mask, double raw) {
        double a = odd[2] / odd[3];
        double b = odd[1] / odd[3];
        double c = odd[0] / odd[3];
        double root = realRoot(a, b, c);
        double linear = a + root; // u^3 + a u^2 + b u + c = (u - root)(u^2 + linear u + rest)
        double rest = b + root * linear;
        C u = square(z);
        C left = algebra.addConstant(u, -root);
        double h = linear / 2;
        C right = algebra.addConstant(square(algebra.addConstant(u, h)), rest - h * h);
        // scale(left factor) = m scale(left) / q, times scale(right) / q' = raw
        double m = alignment.factorScale(left, alignment.factorScale(right, raw));
        return product(product(masked(z, mask, m), left), right);
    }

    /** z masked, at the scale that makes its product with q come out at raw. */
    private C maskedFor(C z, RepeatedPlain mask, C q, double raw) {
        return masked(z, mask, alignment.factorScale(q, raw));
    }

    /** A real root of u^3 + a u^2 + b u + c, by bisection between bounds that hold all roots. */
    private static double realRoot(double a, double b, double c) {
        double high = 1 + Math.max(Math.abs(a), Math.max(Math.abs(b), Math.abs(c)));
        double low = -high;
        for (int i = 0; i < 200; i++) {
            double u = (low + high) / 2;
            if (((u + a) * u + b) * u + c > 0) {
                high = u;
            } else {
                low = u;
            }
        }
        return (low + high) / 2;
    }
}
