package org.veil4j.he.ring.kernel;

/**
 * Tables of the transforms that work on a matrix of R rows and C columns: log R layers among the rows, one power of psi a
 * value (the twist), which makes the rest cyclic, and log C layers among the columns. Immutable; about 2 (R + C) + N / 4
 * doubles for each direction. Internal.
 */
public final class NttTables {
    /** Rows that share a vector of high powers. */
    public static final int LOW = 8;

    /** log2 of the number of rows. */
    public final int logRows;
    /** log2 of the number of columns. */
    public final int logColumns;

    /** The tables of one direction. */
    public static final class Direction {
        /** Factors of the row layers: entry m + i for group i of m. */
        public final double[] rows;
        /** The same divided by p. */
        public final double[] rowRatios;
        /** Factors of the column layers: entry m + i for group i of m. */
        public final double[] columns;
        /** The same divided by p. */
        public final double[] columnRatios;
        /**
         * Power of psi for place c of row r: the product of high[r / 8][c] and low[r mod 8][c]. Over many primes, reading
         * one table of N from the L3 cache would cost more than the second product.
         */
        public final double[][] low;
        /** See {@link #low}; the inverse direction has 1/N in it. */
        public final double[][] high;

        private Direction(int logRows, int logColumns, long psi, long scale, long p) {
            rows = rowFactors(logRows, logColumns, psi, p);
            columns = columnFactors(logRows, logColumns, psi, p);
            rowRatios = ratios(rows, p);
            columnRatios = ratios(columns, p);
            low = new double[LOW][1 << logColumns];
            high = new double[(1 << logRows) / LOW][1 << logColumns];
            for (int i = 0; i < LOW; i++) {
                powers(low[i], LongMod.power(psi, NttOrder.reverse(i, logRows) << 1, p), 1, p);
            }
            for (int i = 0; i < high.length; i++) {
                powers(high[i], LongMod.power(psi, NttOrder.reverse(LOW * i, logRows) << 1 | 1, p), scale, p);
            }
        }
    }

    /** Tables of {@link NttTransform#forward}. */
    public final Direction forward;
    /** Tables of {@link NttTransform#inverse}. */
    public final Direction inverse;

    /**
     * Builds the tables. Cost: about N modular products.
     *
     * @param logN 10 to 17
     * @param p a prime below 2^50 that is 1 modulo 2N
     */
    public NttTables(int logN, long p) {
        logRows = NttOrder.logRows(logN);
        logColumns = logN - logRows;
        long psi = NttOrder.root(logN, p);
        forward = new Direction(logRows, logColumns, psi, 1, p);
        inverse = new Direction(logRows, logColumns, LongMod.inverse(psi, p), LongMod.inverse(1L << logN, p), p);
    }

    private static double[] rowFactors(int logRows, int logColumns, long psi, long p) {
        double[] f = new double[1 << logRows];
        for (int i = 1; i < f.length; i++) {
            long e = (long) NttOrder.reverse(i, logRows) << logColumns;
            f[i] = LongMod.balance(LongMod.power(psi, e, p), p);
        }
        return f;
    }

    private static double[] columnFactors(int logRows, int logColumns, long psi, long p) {
        int columns = 1 << logColumns;
        double[] f = new double[columns];
        long root = LongMod.power(psi, 2L << logRows, p);
        f[1] = 1;
        for (int s = 2, log = 1; s < columns; s <<= 1, log++) {
            for (int e = 0; e < s; e++) {
                long exponent = (long) (columns / (2 * s)) * NttOrder.reverse(e, log);
                f[s + e] = LongMod.balance(LongMod.power(root, exponent, p), p);
            }
        }
        return f;
    }

    private static double[] ratios(double[] f, long p) {
        double[] ratios = new double[f.length];
        for (int i = 0; i < f.length; i++) {
            ratios[i] = f[i] / p;
        }
        return ratios;
    }

    /** row[c] = scale rho^c. */
    private static void powers(double[] row, long rho, long scale, long p) {
        long power = scale;
        for (int c = 0; c < row.length; c++) {
            row[c] = LongMod.balance(power, p);
            power = LongMod.multiply(power, rho, p);
        }
    }
}
