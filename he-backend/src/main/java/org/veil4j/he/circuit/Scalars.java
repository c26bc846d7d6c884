package org.veil4j.he.circuit;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import org.veil4j.he.ring.ScalarMatrix;
import org.veil4j.he.rlwe.RlweParameters;

/** What the interpretations share: rounding of weights and checks of operands. */
final class Scalars {
    private Scalars() {}

    /** The primes of a modulus chain, index = level. */
    static double[] primes(RlweParameters parameters) {
        double[] primes = new double[parameters.q().size()];
        for (int i = 0; i < primes.length; i++) {
            primes[i] = parameters.q().modulus(i).p();
        }
        return primes;
    }

    /** The integers that a matrix's entries become at the given scales, one scale a column. */
    static ScalarMatrix round(SparseMatrix matrix, double[] weightScale) {
        int rows = matrix.rows();
        int[] start = new int[rows + 1];
        int[] column = new int[matrix.entries()];
        double[] weight = new double[matrix.entries()];
        for (int r = 0; r < rows; r++) {
            start[r + 1] = matrix.rowStart(r + 1);
            for (int k = matrix.rowStart(r); k < matrix.rowStart(r + 1); k++) {
                column[k] = matrix.column(k);
                weight[k] = roundWeight(matrix.value(k), weightScale[matrix.column(k)], r);
            }
        }
        return ScalarMatrix.of(matrix.columns(), start, column, weight);
    }

    private static double roundWeight(double value, double scale, int row) {
        double w = Math.rint(value * scale);
        if (!(Math.abs(w) <= ScalarMatrix.MAX_WEIGHT)) {
            throw new IllegalArgumentException("weight=" + value + " in row " + row + ": must be below "
                    + ScalarMatrix.MAX_WEIGHT / scale + " at weight scale 2^" + (Math.getExponent(scale))
                    + "; use a smaller weight scale");
        }
        return w;
    }

    /** Checks the operands of a linear map and returns the scale of its products. */
    static <C> double productScale(
            SparseMatrix matrix,
            double[] weightScale,
            List<C> a,
            ToIntFunction<C> level,
            ToIntFunction<C> degree,
            ToDoubleFunction<C> scale) {
        if (a.size() != matrix.columns() || weightScale.length != matrix.columns()) {
            throw new IllegalArgumentException("inputs=" + a.size() + ", weightScale.length=" + weightScale.length
                    + ": must both be the matrix's " + matrix.columns() + " columns");
        }
        C first = a.get(0);
        double product = scale.applyAsDouble(first) * weightScale[0];
        for (int c = 0; c < a.size(); c++) {
            C x = a.get(c);
            if (level.applyAsInt(x) != level.applyAsInt(first) || degree.applyAsInt(x) != degree.applyAsInt(first)) {
                throw new IllegalArgumentException("input " + c + ": level " + level.applyAsInt(x) + ", degree "
                        + degree.applyAsInt(x) + ", must be those of input 0, level " + level.applyAsInt(first)
                        + ", degree " + degree.applyAsInt(first));
            }
            double s = scale.applyAsDouble(x) * weightScale[c];
            if (!(Math.abs(s - product) <= product * 0x1p-40)) {
                throw new IllegalArgumentException("input " + c + ": scale times weight scale is " + s + ", must be "
                        + product + " as for input 0");
            }
        }
        return product;
    }
}
