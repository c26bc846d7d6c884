package org.veil4j.he.ring.kernel;

/**
 * Transform in plain Java loops. The N coefficients are copied into R rows of C in scratch that stays hot in the L2 cache
 * (one set a thread for each N, shared by all primes); log R layers pair whole rows, one factor a pair; each value is
 * multiplied by its power of psi, which makes the rest a cyclic transform; the rows are transposed; log C layers again pair
 * whole rows with one factor a pair; the copy back transposes again, into {@link NttOrder}. Each half takes the rows twice,
 * a few at a time that fit the L1 cache: first those that are far apart, for its first layers, then neighbours, for the
 * rest. See {@link RowLoops} for the loops, also for the unit k = |x|/p of the ranges.
 */
final class PlainNtt implements NttTransform {
    /** Rows that share a vector of high powers; eight, the number that a transposition takes at a time. */
    private static final int LOW = 8;

    /** Beyond the values of a row: makes its size a multiple of a cache line, so that all rows are aligned alike. */
    private static final int PAD = 6;

    /** Rows of y in a block that the permuting copies take. */
    private static final int OCTALS = 64;

    private static final ThreadLocal<double[][][]> SCRATCH = ThreadLocal.withInitial(() -> new double[64][][]);

    private final int logN;
    private final int logRows;
    private final int logColumns;
    private final int rows;
    private final int columns;
    private final double p;
    private final double pInv;
    /** Factors of the row layers: entry m + i for group i of m; then those of the column layers; each with its ratio to p. */
    private final double[] w;

    private final double[] wp;
    private final double[] iw;
    private final double[] iwp;
    private final double[] g;
    private final double[] gp;
    private final double[] ig;
    private final double[] igp;
    /**
     * Powers of psi for place c of row r: the product of high[r / 8][c] and low[r mod 8][c]; 1/N is in the inverse. Over many
     * primes, reading one table of N from the L3 cache would cost more than the second product.
     */
    private final double[][] low;

    private final double[][] high;
    private final double[][] inverseLow;
    private final double[][] inverseHigh;

    PlainNtt(int logN, long p) {
        this.logN = logN;
        logRows = Math.min(logN / 2, logN - 6);
        logColumns = logN - logRows;
        rows = 1 << logRows;
        columns = 1 << logColumns;
        this.p = p;
        pInv = 1.0 / p;
        long psi = NttOrder.root(logN, p);
        long inversePsi = LongMod.inverse(psi, p);
        w = rowFactors(psi, p);
        iw = rowFactors(inversePsi, p);
        g = columnFactors(psi, p);
        ig = columnFactors(inversePsi, p);
        wp = ratios(w);
        iwp = ratios(iw);
        gp = ratios(g);
        igp = ratios(ig);
        low = new double[LOW][columns];
        high = new double[rows / LOW][columns];
        inverseLow = new double[LOW][columns];
        inverseHigh = new double[rows / LOW][columns];
        long nInv = LongMod.inverse(1L << logN, p);
        for (int i = 0; i < LOW; i++) {
            int e = NttOrder.reverse(i, logRows) << 1;
            powers(low[i], LongMod.power(psi, e, p), 1, p);
            powers(inverseLow[i], LongMod.power(inversePsi, e, p), 1, p);
        }
        for (int i = 0; i < rows / LOW; i++) {
            int e = NttOrder.reverse(LOW * i, logRows) << 1 | 1;
            powers(high[i], LongMod.power(psi, e, p), 1, p);
            powers(inverseHigh[i], LongMod.power(inversePsi, e, p), nInv, p);
        }
    }

    private double[] rowFactors(long psi, long p) {
        double[] f = new double[rows];
        for (int i = 1; i < rows; i++) {
            long e = (long) NttOrder.reverse(i, logRows) << (logN - logRows);
            f[i] = LongMod.balance(LongMod.power(psi, e, p), p);
        }
        return f;
    }

    private double[] columnFactors(long psi, long p) {
        double[] f = new double[columns];
        long root = LongMod.power(psi, 2L * rows, p);
        f[1] = 1;
        for (int s = 2, log = 1; s < columns; s <<= 1, log++) {
            for (int e = 0; e < s; e++) {
                long exponent = (long) (columns / (2 * s)) * NttOrder.reverse(e, log);
                f[s + e] = LongMod.balance(LongMod.power(root, exponent, p), p);
            }
        }
        return f;
    }

    private double[] ratios(double[] f) {
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

    /** Row layers among neighbours; eight rows or more, as the transposition takes eight. */
    private int nearRows() {
        return Math.max(3, logRows / 2);
    }

    /**
     * Row layers take k from 1 to 7.5 in 7 steps, or through 4.1, reduced to 1.6, to 3.9 in 8; the twist brings it to 2;
     * column layers take it to 1/2 in 2 steps and from there to 5.2 in at most 6, and the last one is canonical.
     */
    @Override
    public void forward(double[] a) {
        double[][] x = scratch(2 * logN, rows, columns);
        double[][] y = scratch(2 * logN + 1, columns, rows);
        int near = nearRows();
        int far = logRows - near;
        int stride = 1 << near;
        for (int s = 0; s < stride; s++) {
            for (int r = s; r < rows; r += stride) {
                System.arraycopy(a, r * columns, x[r], 0, columns);
            }
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
        for (int o = 0; o < columns; o += OCTALS) {
            for (int b = o; b < o + OCTALS; b += stride) {
                forward(y, rows, b, 1, near, 0, near - 1, (columns + b) >> near, g, gp, false);
                for (int c = b; c < b + stride; c += 2) {
                    int k = (columns + c) >> 1;
                    RowLoops.butterflyCanonical(y[c], y[c + 1], rows, g[k], gp[k], p, pInv);
                }
            }
            transposeOut(y, a, o, rows, columns);
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
     * after the others; the cyclic ones add, to at most 4, and the twist brings k to 1.25. Row layers alternate so that the
     * last one before the canonical one reduces: k is at most 1.2 after each that does, 2.5 after the others.
     */
    @Override
    public void inverse(double[] a) {
        double[][] x = scratch(2 * logN, rows, columns);
        double[][] y = scratch(2 * logN + 1, columns, rows);
        int near = logColumns / 2;
        int far = logColumns - near;
        int stride = 1 << near;
        for (int o = 0; o < columns; o += OCTALS) {
            transposeIn(a, y, o, rows, columns);
            for (int b = o; b < o + OCTALS; b += stride) {
                inverse(y, rows, b, 1, near, 0, (columns + b) >> near, ig, igp, logColumns - 1);
            }
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
            for (int r = s; r < rows; r += stride) {
                System.arraycopy(x[r], 0, a, r * columns, columns);
            }
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

    /** a[r C + c'] = y[c][r] for 64 rows c, where c' is c with its two lowest octal digits exchanged. */
    private static void transposeOut(double[][] y, double[] a, int from, int rows, int columns) {
        for (int o = from; o < from + OCTALS; o += 8) {
            int c = NttOrder.swapOctal(o);
            double[] b0 = y[c];
            double[] b1 = y[c + 8];
            double[] b2 = y[c + 16];
            double[] b3 = y[c + 24];
            double[] b4 = y[c + 32];
            double[] b5 = y[c + 40];
            double[] b6 = y[c + 48];
            double[] b7 = y[c + 56];
            for (int r = 0, i = o; r < rows; r++, i += columns) {
                a[i] = b0[r];
                a[i + 1] = b1[r];
                a[i + 2] = b2[r];
                a[i + 3] = b3[r];
                a[i + 4] = b4[r];
                a[i + 5] = b5[r];
                a[i + 6] = b6[r];
                a[i + 7] = b7[r];
            }
        }
    }

    /** The inverse of {@link #transposeOut}. */
    private static void transposeIn(double[] a, double[][] y, int from, int rows, int columns) {
        for (int o = from; o < from + OCTALS; o += 8) {
            int c = NttOrder.swapOctal(o);
            double[] b0 = y[c];
            double[] b1 = y[c + 8];
            double[] b2 = y[c + 16];
            double[] b3 = y[c + 24];
            double[] b4 = y[c + 32];
            double[] b5 = y[c + 40];
            double[] b6 = y[c + 48];
            double[] b7 = y[c + 56];
            for (int r = 0, i = o; r < rows; r++, i += columns) {
                b0[r] = a[i];
                b1[r] = a[i + 1];
                b2[r] = a[i + 2];
                b3[r] = a[i + 3];
                b4[r] = a[i + 4];
                b5[r] = a[i + 5];
                b6[r] = a[i + 6];
                b7[r] = a[i + 7];
            }
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
