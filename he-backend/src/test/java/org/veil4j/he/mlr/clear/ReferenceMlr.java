package org.veil4j.he.mlr.clear;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/** The three algorithms in matrix form, from the paper's formulas, sharing nothing with what is tested. */
final class ReferenceMlr {
    final RealMatrix x;
    final RealMatrix y;
    RealMatrix w;
    double maxAbsScore;

    /** A problem: rows with the leading one, one-hot labels. */
    ReferenceMlr(double[][] rows, int[] labels, int classes, double start) {
        x = new Array2DRowRealMatrix(rows);
        y = new Array2DRowRealMatrix(rows.length, classes);
        for (int r = 0; r < rows.length; r++) {
            y.setEntry(r, labels[r], 1);
        }
        w = new Array2DRowRealMatrix(classes, rows[0].length).scalarAdd(start);
    }

    /** Runs; sigmoid null means softmax. */
    void run(
            int iterations,
            boolean quadratic,
            double base,
            double decay,
            @Nullable DoubleUnaryOperator sigmoid,
            int batch) {
        RealMatrix v = w;
        double a0 = 0.01;
        double a1 = (1 + Math.sqrt(1 + 4 * a0 * a0)) / 2;
        RealMatrix magnitude = map(x, Math::abs);
        double[] rowSums = magnitude.operate(ones(x.getColumnDimension()));
        double[] bound = magnitude.transpose().operate(rowSums);
        for (int it = 0; it < iterations; it++) {
            int n = x.getRowDimension();
            int first = batch == 0 ? 0 : it * batch % (((n - 1) / batch + 1) * batch);
            int last = batch == 0 ? n - 1 : Math.min(n, first + batch) - 1;
            RealMatrix part = x.getSubMatrix(first, last, 0, x.getColumnDimension() - 1);
            RealMatrix z = part.multiply(v.transpose());
            maxAbsScore = Math.max(maxAbsScore, -min(map(z, s -> -Math.abs(s))));
            RealMatrix p = sigmoid == null ? softmax(z) : map(z, sigmoid);
            RealMatrix residual =
                    y.getSubMatrix(first, last, 0, y.getColumnDimension() - 1).subtract(p);
            RealMatrix g = residual.transpose().multiply(part);
            double gamma = base + decay / (it + 1);
            for (int k = 0; k < bound.length; k++) {
                double factor = gamma * (quadratic ? 4 / (4e-8 + bound[k]) : 1);
                g.setColumnMatrix(k, g.getColumnMatrix(k).scalarMultiply(factor));
            }
            RealMatrix m = w.add(g);
            double eta = (1 - a0) / a1;
            w = m.scalarMultiply(1 - eta).add(v.scalarMultiply(eta));
            v = m;
            a0 = a1;
            a1 = (1 + Math.sqrt(1 + 4 * a0 * a0)) / 2;
        }
    }

    /**
     * Mean loss at the trained weights W, by the formulas: -ln of the right class's softmax; or -sum of ln|P - 1 + Y|, with P the
     * sigmoid itself, of which a polynomial is only the means.
     */
    double loss(boolean softmax) {
        RealMatrix z = x.multiply(w.transpose());
        RealMatrix p = softmax ? softmax(z) : map(z, s -> 1 / (1 + Math.exp(-s)));
        double sum = 0;
        for (int r = 0; r < p.getRowDimension(); r++) {
            for (int c = 0; c < p.getColumnDimension(); c++) {
                double label = y.getEntry(r, c);
                sum -= softmax ? label * Math.log(p.getEntry(r, c)) : Math.log(Math.abs(p.getEntry(r, c) - 1 + label));
            }
        }
        return sum / p.getRowDimension();
    }

    private static RealMatrix softmax(RealMatrix z) {
        RealMatrix e = map(z, Math::exp);
        for (int r = 0; r < e.getRowDimension(); r++) {
            double sum = e.getRowVector(r).getL1Norm();
            e.setRowMatrix(r, e.getRowMatrix(r).scalarMultiply(1 / sum));
        }
        return e;
    }

    private static double min(RealMatrix m) {
        double least = Double.POSITIVE_INFINITY;
        for (int r = 0; r < m.getRowDimension(); r++) {
            least = Math.min(least, m.getRowVector(r).getMinValue());
        }
        return least;
    }

    private static RealMatrix map(RealMatrix m, DoubleUnaryOperator op) {
        RealMatrix result = m.copy();
        for (int r = 0; r < m.getRowDimension(); r++) {
            for (int k = 0; k < m.getColumnDimension(); k++) {
                result.setEntry(r, k, op.applyAsDouble(m.getEntry(r, k)));
            }
        }
        return result;
    }

    private static double[] ones(int n) {
        double[] a = new double[n];
        java.util.Arrays.fill(a, 1);
        return a;
    }
}
