package org.veil4j.he.circuit;

import java.util.ArrayList;
import java.util.List;

/**
 * Evaluates one polynomial with real coefficients in every slot, over the power basis: ceil(log2 d) levels for the
 * powers and one for the coefficients. For the low degrees that networks use; d - 1 multiplications.
 *
 * @param <C> a vector of slots
 */
public final class PolynomialEvaluator<C> {
    /** Largest supported degree. */
    public static final int MAX_DEGREE = 31;

    private final SlotwiseAlgebra<C> algebra;

    /** An evaluator over the given interpretation. */
    public PolynomialEvaluator(SlotwiseAlgebra<C> algebra) {
        this.algebra = algebra;
    }

    /** Levels that a polynomial of the given degree takes: 0 for a constant, 1 for a line, else ceil(log2 d) + 1. */
    public static int levels(int degree) {
        return degree <= 1 ? degree : 33 - Integer.numberOfLeadingZeros(degree - 1);
    }

    /**
     * The value of the polynomial at every slot.
     *
     * @param x degree 1, level at least {@link #levels}
     * @param coefficients lowest power first, finite; degree 1 to {@value #MAX_DEGREE}. Zeros cost what others cost: the
     *     levels depend on the length alone
     * @param scale scale of the result, reached exactly
     * @return degree 1, level({@code x}) - levels(degree)
     */
    public C evaluate(C x, double[] coefficients, double scale) {
        int degree = coefficients.length - 1;
        if (degree < 1 || degree > MAX_DEGREE) {
            throw new IllegalArgumentException("degree=" + degree + ": must be 1 to " + MAX_DEGREE);
        }
        List<C> powers = new ArrayList<>();
        powers.add(x);
        for (int k = 2; k <= degree; k++) {
            int half = Integer.highestOneBit(k - 1);
            C low = powers.get(k - half - 1);
            C high = powers.get(half - 1);
            int level = Math.min(algebra.level(low), algebra.level(high));
            C product = algebra.multiply(algebra.dropToLevel(low, level), algebra.dropToLevel(high, level));
            powers.add(algebra.rescale(algebra.relinearize(product)));
        }
        int level = algebra.level(x) - levels(degree) + 1;
        SparseMatrix.Builder row = new SparseMatrix.Builder(degree);
        double[] weightScale = new double[degree];
        List<C> terms = new ArrayList<>();
        double unit = 1 / algebra.rescaledScale(level, 1);
        for (int k = 1; k <= degree; k++) {
            C term = algebra.dropToLevel(powers.get(k - 1), level);
            terms.add(term);
            weightScale[k - 1] = scale * unit / algebra.scale(term);
            if (coefficients[k] != 0) {
                row.entry(k - 1, coefficients[k]);
            }
        }
        row.endRow();
        C sum = algebra.linearMap(row.build(), weightScale, terms).get(0);
        C result = algebra.rescale(sum);
        algebra.release(sum);
        return algebra.addConstantInPlace(result, coefficients[0]);
    }
}
