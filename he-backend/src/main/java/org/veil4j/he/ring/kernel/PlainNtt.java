package org.veil4j.he.ring.kernel;

/**
 * Transform in plain Java loops. The N coefficients are copied into R rows of C in scratch that stays hot in the L2 cache
 * (one set a thread for each N, shared by all primes); log R layers pair whole rows, one factor a pair; each value is
 * multiplied by its power of psi, which makes the rest a cyclic transform; the rows are transposed; log C layers again pair
 * whole rows with one factor a pair, and copied back, which is {@link NttOrder}. Each half takes the rows twice, a few at a
 * time that fit the L1 cache: first those that are far apart, for its first layers, then neighbours, for the rest. The
 * caller's array, which may come from the L3 cache or from memory, is copied from its first value to its last, the one
 * order in which the processor fetches well ahead. See {@link RowLoops} for the loops, also for the unit k = |x|/p of the
 * ranges.
 */
final class PlainNtt implements NttTransform {
    /** Rows that share a vector of high powers: also the number that a transposition takes at a time. */
    private static final int LOW = NttTables.LOW;

    /** Beyond the values of a row: makes its size a multiple of a cache line, so that all rows are aligned alike. */
    private static final int PAD = 6;

    private static final ThreadLocal<double[][][]> SCRATCH = ThreadLocal.withInitial(() -> new double[64][][]);

    private final int logN;
    private final int logRows;
    private final int logColumns;
    private final int rows;
    private final int columns;
    private final double p;
    private final double pInv;
    /** Factors, with the ratios to p, of the row layers (w) and the column layers (g), of the inverse ones with i. */
    private final double[] w;

    private final double[] wp;
    private final double[] iw;
    private final double[] iwp;
    private final double[] g;
    private final double[] gp;
    private final double[] ig;
    private final double[] igp;
    private final double[][] low;
    private final double[][] high;
    private final double[][] inverseLow;
    private final double[][] inverseHigh;

    PlainNtt(int logN, long p) {
        this.logN = logN;
        NttTables tables = new NttTables(logN, p);
        logRows = tables.logRows;
        logColumns = tables.logColumns;
        rows = 1 << logRows;
        columns = 1 << logColumns;
        this.p = p;
        pInv = 1.0 / p;
        w = tables.forward.rows;
        wp = tables.forward.rowRatios;
        g = tables.forward.columns;
        gp = tables.forward.columnRatios;
        low = tables.forward.low;
        high = tables.forward.high;
        iw = tables.inverse.rows;
        iwp = tables.inverse.rowRatios;
        ig = tables.inverse.columns;
        igp = tables.inverse.columnRatios;
        inverseLow = tables.inverse.low;
        inverseHigh = tables.inverse.high;
    }

    /** Row layers among neighbours; eight rows or more, as the transposition takes eight. */
    private int nearRows() {
        return Math.max(3, logRows / 2);
    }

    /**
     * Row layers take k from 1 to 7.5 in 7 steps, or through 4.1, reduced to 1.6, to 3.9 in 8; the twist brings it to 0.9;
     * column layers take it to 2.5 in 2 steps and from there to 7.8 in at most 5, or through 5.3 in 3, reduced to 1.7, to
     * 3.2 in 2; the last one is canonical.
     */
    @Override
    public void forward(double[] a) {
        double[][] x = scratch(2 * logN, rows, columns);
        double[][] y = scratch(2 * logN + 1, columns, rows);
        int near = nearRows();
        int far = logRows - near;
        int stride = 1 << near;
        for (int r = 0; r < rows; r++) {
            System.arraycopy(a, r * columns, x[r], 0, columns);
        }
        for (int s = 0; s < stride; s++) {
            forward(x, columns, s, stride, far, 0, far, 1, w, wp, false);
        }
        for (int o = 0; o < rows; o += stride) {
            forward(x, columns, o, 1, near, 0, near, (rows + o) >> near, w, wp, logRows > 7);
            for (int b = o; b < o + stride; b += LOW) {
                twist(x, b, high[b / LOW], low);
                transposeEight(x, y, b, columns);
            }
        }
        near = logColumns / 2;
        far = logColumns - near;
        stride = 1 << near;
        int t = columns / 4;
        for (int s = 0; s < stride; s++) {
            for (int c = s; c < t; c += stride) {
                RowLoops.cyclic4(y[c], y[c + t], y[c + 2 * t], y[c + 3 * t], rows, g[3], gp[3], p, pInv);
            }
            forward(y, rows, s, stride, far, 2, far, 1, g, gp, false);
        }
        for (int b = 0; b < columns; b += stride) {
            forward(y, rows, b, 1, near, 0, near - 1, (columns + b) >> near, g, gp, logColumns > 8);
            for (int c = b; c < b + stride; c += 2) {
                int k = (columns + c) >> 1;
                RowLoops.butterflyCanonical(y[c], y[c + 1], rows, g[k], gp[k], p, pInv);
                System.arraycopy(y[c], 0, a, c * rows, rows);
                System.arraycopy(y[c + 1], 0, a, (c + 1) * rows, rows);
            }
        }
    }

    /** Eight rows from b on, all with the factors {@code highs}, the first of {@code lows} being 1. */
    private void twist(double[][] x, int b, double[] highs, double[][] lows) {
        RowLoops.twist(x[b], highs, columns, p, pInv);
        for (int i = 1; i < LOW; i++) {
            RowLoops.twist2(x[b + i], highs, lows[i], columns, p, pInv);
        }
    }

    /**
     * Layers [from, to) of the transform of a group of 2^log rows of n values, which start at {@code start}, stride apart.
     *
     * @param root m + i for group i of the m that the layers before have made
     * @param f the factors, with entry m + i for group i of m
     * @param reduce whether the first of these layers reduces
     */
    private void forward(
            double[][] x,
            int n,
            int start,
            int stride,
            int log,
            int from,
            int to,
            int root,
            double[] f,
            double[] fp,
            boolean reduce) {
        int j = from;
        for (; j < to && ((reduce && j < from + 2) || ((to - j) & 1) == 1); j++) {
            int t = stride << (log - j - 1);
            for (int i = 0; i < 1 << j; i++) {
                int base = start + 2 * i * t;
                int k = (root << j) + i;
                for (int r = base; r < base + t; r += stride) {
                    if (reduce && j == from) {
                        RowLoops.butterflyReduced(x[r], x[r + t], n, f[k], fp[k], p, pInv);
                    } else {
                        RowLoops.butterfly(x[r], x[r + t], n, f[k], fp[k], p);
                    }
                }
            }
        }
        for (; j < to; j += 2) {
            int t = stride << (log - j - 2);
            for (int i = 0; i < 1 << j; i++) {
                int base = start + 4 * i * t;
                for (int r = base; r < base + t; r += stride) {
                    RowLoops.butterfly4(x[r], x[r + t], x[r + 2 * t], x[r + 3 * t], n, f, fp, (root << j) + i, p);
                }
            }
        }
    }

    /**
     * Column layers alternate so that the last one before the cyclic ones reduces: k is at most 1 after each that does, 2
     * after the others; the cyclic ones add, to at most 4, and the twist brings k to 0.75. Row layers alternate so that the
     * last one before the canonical one reduces: k is at most 1.2 after each that does, 2.5 after the others.
     */
    @Override
    public void inverse(double[] a) {
        double[][] x = scratch(2 * logN, rows, columns);
        double[][] y = scratch(2 * logN + 1, columns, rows);
        int near = logColumns / 2;
        int far = logColumns - near;
        int stride = 1 << near;
        for (int b = 0; b < columns; b += stride) {
            for (int c = b; c < b + stride; c++) {
                System.arraycopy(a, c * rows, y[c], 0, rows);
            }
            inverse(y, rows, b, 1, near, 0, (columns + b) >> near, ig, igp, logColumns - 1);
        }
        int t = columns / 4;
        for (int s = 0; s < stride; s++) {
            inverse(y, rows, s, stride, far, 2, 1, ig, igp, far - 1);
            for (int c = s; c < t; c += stride) {
                RowLoops.inverseCyclic4(y[c], y[c + t], y[c + 2 * t], y[c + 3 * t], rows, ig[3], igp[3], p);
            }
        }
        near = nearRows();
        far = logRows - near;
        stride = 1 << near;
        for (int o = 0; o < rows; o += stride) {
            for (int b = o; b < o + stride; b += LOW) {
                transposeOctet(y, x, b, columns);
                twist(x, b, inverseHigh[b / LOW], inverseLow);
            }
            inverse(x, columns, o, 1, near, 0, (rows + o) >> near, iw, iwp, logRows);
        }
        for (int s = 0; s < stride; s++) {
            inverse(x, columns, s, stride, far, 1, 1, iw, iwp, far);
            for (int r = s; r < rows / 2; r += stride) {
                RowLoops.inverseCanonical(x[r], x[r + rows / 2], columns, iw[1], iwp[1], p, pInv);
            }
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(x[r], 0, a, r * columns, columns);
        }
    }

    /** As {@link #forward}, from layer log - 1, which has the number {@code first}, down to {@code to}; even numbers reduce. */
    private void inverse(
            double[][] x, int n, int start, int stride, int log, int to, int root, double[] f, double[] fp, int first) {
        for (int j = log - 1; j >= to; j--) {
            int t = stride << (log - j - 1);
            boolean reduce = ((first - (log - 1 - j)) & 1) == 0;
            for (int i = 0; i < 1 << j; i++) {
                int base = start + 2 * i * t;
                int k = (root << j) + i;
                for (int r = base; r < base + t; r += stride) {
                    if (reduce) {
                        RowLoops.inverseReduced(x[r], x[r + t], n, f[k], fp[k], p, pInv);
                    } else {
                        RowLoops.inverse(x[r], x[r + t], n, f[k], fp[k], p);
                    }
                }
            }
        }
    }

    /** to[c][r] = from[r][c] for eight rows r, so that each step fills one cache line. */
    private static void transposeEight(double[][] from, double[][] to, int r, int columns) {
        double[] a0 = from[r];
        double[] a1 = from[r + 1];
        double[] a2 = from[r + 2];
        double[] a3 = from[r + 3];
        double[] a4 = from[r + 4];
        double[] a5 = from[r + 5];
        double[] a6 = from[r + 6];
        double[] a7 = from[r + 7];
        for (int c = 0; c < columns; c++) {
            double[] d = to[c];
            d[r] = a0[c];
            d[r + 1] = a1[c];
            d[r + 2] = a2[c];
            d[r + 3] = a3[c];
            d[r + 4] = a4[c];
            d[r + 5] = a5[c];
            d[r + 6] = a6[c];
            d[r + 7] = a7[c];
        }
    }

    /** to[r][c] = from[c][r] for eight rows r of the result. */
    private static void transposeOctet(double[][] from, double[][] to, int r, int columns) {
        double[] a0 = to[r];
        double[] a1 = to[r + 1];
        double[] a2 = to[r + 2];
        double[] a3 = to[r + 3];
        double[] a4 = to[r + 4];
        double[] a5 = to[r + 5];
        double[] a6 = to[r + 6];
        double[] a7 = to[r + 7];
        for (int c = 0; c < columns; c++) {
            double[] d = from[c];
            a0[c] = d[r];
            a1[c] = d[r + 1];
            a2[c] = d[r + 2];
            a3[c] = d[r + 3];
            a4[c] = d[r + 4];
            a5[c] = d[r + 5];
            a6[c] = d[r + 6];
            a7[c] = d[r + 7];
        }
    }

    private static double[][] scratch(int slot, int rows, int columns) {
        double[][][] all = SCRATCH.get();
        double[][] found = all[slot];
        if (found == null) {
            found = new double[rows][columns + PAD];
            all[slot] = found;
        }
        return found;
    }
}
