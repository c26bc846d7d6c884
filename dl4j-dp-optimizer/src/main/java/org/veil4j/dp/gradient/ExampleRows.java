package org.veil4j.dp.gradient;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One gradient an example, kept in the network's precision in Java arrays that are used again batch after batch. Norms are
 * taken while a row is still in the cache.
 */
abstract class ExampleRows {
    private int examples;
    private int length;
    private double[] norms = {};

    /** Rows for a network of the type: those of the last batch, or new ones. */
    static ExampleRows of(DataType type, @Nullable ExampleRows last) {
        if (last != null && last.isOf(type)) {
            return last;
        }
        return type == DataType.DOUBLE ? new Doubles() : new Floats();
    }

    /** Sets the shape; the contents are undefined after it. */
    void resize(int examples, int length) {
        this.examples = examples;
        this.length = length;
        allocate(examples, length);
        if (norms.length < examples) {
            norms = new double[examples];
        }
    }

    int examples() {
        return examples;
    }

    int length() {
        return length;
    }

    abstract void allocate(int examples, int length);

    /** Whether these rows suit a network of the type. */
    abstract boolean isOf(DataType type);

    /** Copies row {@code at} of a dense [rows, length] array to row i. */
    abstract void load(int i, INDArray source, int at);

    /** Squared L2 norm of row i, summed in double. */
    abstract double squaredNorm(int i);

    /** Adds factor times elements [from, to) of row i to target[at + from ...]. */
    abstract void addScaled(int i, double factor, double[] target, int at, int from, int to);

    /** Copies rows [0, count) of a dense [count, length] array to rows [first, first + count). */
    void load(INDArray source, int first, int count) {
        ExampleLoop.run(count, 0.5 * length, (worker, from, to) -> {
            for (int i = from; i < to; i++) {
                load(first + i, source, i);
                norms[first + i] = squaredNorm(first + i);
            }
        });
    }

    /** Adds the squared norms of rows [0, examples) to the array. */
    void addSquaredNorms(double[] squaredNorms) {
        for (int i = 0; i < examples; i++) {
            squaredNorms[i] += norms[i];
        }
    }

    /**
     * Adds the weighted sum of rows [0, count) to target[at...]; row i has the factor factors[first + i]. Rows of factor 0 are
     * not read.
     */
    void addWeightedSum(double[] factors, int first, int count, double[] target, int at) {
        ExampleLoop.run(length, 0.8 * count, (worker, from, to) -> {
            for (int i = 0; i < count; i++) {
                double f = factors[first + i];
                if (f != 0) {
                    addScaled(i, f, target, at, from, to);
                }
            }
        });
    }

    private static final class Floats extends ExampleRows {
        private float[][] rows = {};

        @Override
        void allocate(int examples, int length) {
            if (rows.length < examples || rows[0].length != length) {
                rows = new float[examples + examples / 8][length]; // later batches are somewhat larger
            }
        }

        @Override
        boolean isOf(DataType type) {
            return type == DataType.FLOAT;
        }

        @Override
        void load(int i, INDArray source, int at) {
            Transfer.get(source, (long) at * length(), length(), rows[i], 0);
        }

        @Override
        double squaredNorm(int i) {
            float[] row = rows[i];
            int end = row.length & ~3;
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            for (int k = 0; k < end; k += 4) {
                double p = row[k];
                double q = row[k + 1];
                double r = row[k + 2];
                double s = row[k + 3];
                a += p * p;
                b += q * q;
                c += r * r;
                d += s * s;
            }
            for (int k = end; k < row.length; k++) {
                a += (double) row[k] * row[k];
            }
            return a + b + (c + d);
        }

        @Override
        void addScaled(int i, double factor, double[] target, int at, int from, int to) {
            float[] row = rows[i];
            for (int k = from; k < to; k++) {
                target[at + k] += factor * row[k];
            }
        }
    }

    private static final class Doubles extends ExampleRows {
        private double[][] rows = {};

        @Override
        void allocate(int examples, int length) {
            if (rows.length < examples || rows[0].length != length) {
                rows = new double[examples + examples / 8][length]; // later batches are somewhat larger
            }
        }

        @Override
        boolean isOf(DataType type) {
            return type == DataType.DOUBLE;
        }

        @Override
        void load(int i, INDArray source, int at) {
            Transfer.get(source, (long) at * length(), length(), rows[i], 0);
        }

        @Override
        double squaredNorm(int i) {
            double sum = 0;
            for (double x : rows[i]) {
                sum += x * x;
            }
            return sum;
        }

        @Override
        void addScaled(int i, double factor, double[] target, int at, int from, int to) {
            double[] row = rows[i];
            for (int k = from; k < to; k++) {
                target[at + k] += factor * row[k];
            }
        }
    }
}
