package org.veil4j.he.ring.kernel;

/**
 * Transform in plain Java loops. The N coefficients are copied into R rows of C in scratch that stays hot in the L2 cache
 * (one set a thread for each N, shared by all primes); log R layers pair whole rows, one factor a pair; the rows are
 * transposed; each value is multiplied by its power of psi, which makes the rest a cyclic transform, whose log C layers again
 * pair whole rows with one factor a pair; the copy back transposes again, into {@link NttOrder}. The powers are kept as two
 * small tables whose products they are: over many primes, reading one table of N from the L3 cache costs more than a
 * product. All layers are radix 2 over rows: see {@link RowLoops}, also for the unit k = |x|/p of the ranges.
 */
final class PlainNtt implements NttTransform {
    /** Doubles that a depth-first block may hold, to stay in the L1 cache. */
    private static final int BLOCK = 2048;

    /** Rows of a table of low powers. */
    private static final int LOW = 16;

    private static final ThreadLocal<double[][][]> SCRATCH = ThreadLocal.withInitial(() -> new double[64][][]);

    private final int logN;
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
    /** Powers of psi for place c of column r: the product of low[c mod 16][r] and high[c / 16][r]; 1/N is in the inverse. */
    private final double[][] low;

    private final double[][] high;
    private final double[][] inverseLow;
    private final double[][] inverseHigh;

    PlainNtt(int logN, long p) {
        this.logN = logN;
        int logRows = Math.min(logN / 2, logN - 6);
        rows = 1 << logRows;
        columns = 1 << (logN - logRows);
        this.p = p;
        pInv = 1.0 / p;
        long psi = NttOrder.root(logN, p);
        long inversePsi = LongMod.inverse(psi, p);
        w = rowFactors(psi, logRows, p);
        iw = rowFactors(inversePsi, logRows, p);
        g = columnFactors(psi, p);
        ig = columnFactors(inversePsi, p);
        wp = ratios(w);
        iwp = ratios(iw);
        gp = ratios(g);
        igp = ratios(ig);
        low = new double[LOW][rows];
        high = new double[columns / LOW][rows];
        inverseLow = new double[LOW][rows];
        inverseHigh = new double[columns / LOW][rows];
        long nInv = LongMod.inverse(1L << logN, p);
        for (int r = 0; r < rows; r++) {
            int e = NttOrder.reverse(rows + r, logRows + 1);
            powers(low, high, r, LongMod.power(psi, e, p), 1, p);
            powers(inverseLow, inverseHigh, r, LongMod.power(inversePsi, e, p), nInv, p);
        }
    }

    private double[] rowFactors(long psi, int logRows, long p) {
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

    /** Fills column r: low[i] = rho^i, high[i] = rho^(16 i) scale. */
    private static void powers(double[][] low, double[][] high, int r, long rho, long scale, long p) {
        long power = 1;
        for (double[] row : low) {
            row[r] = LongMod.balance(power, p);
            power = LongMod.multiply(power, rho, p);
        }
        long step = power;
        power = scale;
        for (double[] row : high) {
            row[r] = LongMod.balance(power, p);
            power = LongMod.multiply(power, step, p);
        }
    }

    /**
     * Row layers take k from 1 to 7.5 in 7 steps, the twist brings it to 0.9, column layers take it from there through 1.8 to
     * 7.7 in 7 steps and the last one is canonical; where a half has one layer more, its fifth reduces and k stays below 4.2.
     */
    @Override
    public void forward(double[] a) {
        double[][] x = scratch(2 * logN, rows, columns);
        double[][] y = scratch(2 * logN + 1, columns, rows);
        for (int r = 0; r < rows; r++) {
            System.arraycopy(a, r * columns, x[r], 0, columns);
        }
        int blocks = Math.min(Math.max(1, rows * columns / BLOCK), rows);
        for (int m = 1; m < blocks; m <<= 1) {
            forwardRows(x, 0, m, m);
        }
        for (int b = 0; b < blocks; b++) {
            for (int m = blocks, count = 1; m < rows; m <<= 1, count <<= 1) {
                forwardRows(x, b * count, count, m);
            }
        }
        transpose(x, y, rows, columns);
        int half = columns / 2;
        for (int c = 0; c < half; c++) {
            RowLoops.twist(y[c], low[c % LOW], high[c / LOW], rows, p, pInv);
            RowLoops.twist(y[c + half], low[(c + half) % LOW], high[(c + half) / LOW], rows, p, pInv);
            RowLoops.sumDifference(y[c], y[c + half], rows);
        }
        blocks = Math.min(Math.max(2, rows * columns / BLOCK), half);
        for (int m = 2; m < blocks; m <<= 1) {
            forwardColumns(y, 0, m, m);
        }
        for (int b = 0; b < blocks; b++) {
            for (int m = blocks, count = 1; m < columns; m <<= 1, count <<= 1) {
                forwardColumns(y, b * count, count, m);
            }
        }
        transposeOut(y, a, rows, columns);
    }

    /** Groups [first, first + count) of the layer with m groups of rows. */
    private void forwardRows(double[][] x, int first, int count, int m) {
        int length = rows / m;
        int t = length >> 1;
        boolean reduce = rows > 128 && m == 16;
        for (int i = first; i < first + count; i++) {
            int base = i * length;
            for (int r = base; r < base + t; r++) {
                if (reduce) {
                    RowLoops.butterflyReduced(x[r], x[r + t], columns, w[m + i], wp[m + i], p, pInv);
                } else {
                    RowLoops.butterfly(x[r], x[r + t], columns, w[m + i], wp[m + i], p);
                }
            }
        }
    }

    private void forwardColumns(double[][] y, int first, int count, int m) {
        int length = columns / m;
        int t = length >> 1;
        boolean reduce = columns > 256 && m == 16;
        for (int i = first; i < first + count; i++) {
            int base = i * length;
            for (int r = base; r < base + t; r++) {
                if (t == 1) {
                    RowLoops.butterflyCanonical(y[r], y[r + 1], rows, g[m + i], gp[m + i], p, pInv);
                } else if (reduce) {
                    RowLoops.butterflyReduced(y[r], y[r + t], rows, g[m + i], gp[m + i], p, pInv);
                } else {
                    RowLoops.butterfly(y[r], y[r + t], rows, g[m + i], gp[m + i], p);
                }
            }
        }
    }

    /**
     * Column layers in pairs: k at most 1, then 2, then, the second reducing its sums, at most 1 again; the last one adds, to
     * at most 4, and the twist brings k to 0.9. Row layers in pairs that end before the last, canonical one.
     */
    @Override
    public void inverse(double[] a) {
        double[][] x = scratch(2 * logN, rows, columns);
        double[][] y = scratch(2 * logN + 1, columns, rows);
        transposeIn(a, y, rows, columns);
        int half = columns / 2;
        int blocks = Math.min(Math.max(2, rows * columns / BLOCK), half);
        for (int b = 0; b < blocks; b++) {
            for (int m = half, count = half / blocks; m >= blocks; m >>= 1, count >>= 1) {
                inverseColumns(y, b * count, count, m);
            }
        }
        for (int m = blocks >> 1; m >= 2; m >>= 1) {
            inverseColumns(y, 0, m, m);
        }
        for (int c = 0; c < half; c++) {
            RowLoops.sumDifference(y[c], y[c + half], rows);
            RowLoops.twist(y[c], inverseLow[c % LOW], inverseHigh[c / LOW], rows, p, pInv);
            RowLoops.twist(y[c + half], inverseLow[(c + half) % LOW], inverseHigh[(c + half) / LOW], rows, p, pInv);
        }
        transpose(y, x, columns, rows);
        blocks = Math.min(Math.max(1, rows * columns / BLOCK), rows / 2);
        for (int b = 0; b < blocks; b++) {
            for (int m = rows / 2, count = rows / 2 / blocks; m >= blocks; m >>= 1, count >>= 1) {
                inverseRows(x, b * count, count, m);
            }
        }
        for (int m = blocks >> 1; m >= 1; m >>= 1) {
            inverseRows(x, 0, m, m);
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(x[r], 0, a, r * columns, columns);
        }
    }

    private void inverseColumns(double[][] y, int first, int count, int m) {
        int length = columns / m;
        int t = length >> 1;
        boolean reduce = (log2(t) & 1) == 1;
        for (int i = first; i < first + count; i++) {
            int base = i * length;
            for (int r = base; r < base + t; r++) {
                if (reduce) {
                    RowLoops.inverseReduced(y[r], y[r + t], rows, ig[m + i], igp[m + i], p, pInv);
                } else {
                    RowLoops.inverse(y[r], y[r + t], rows, ig[m + i], igp[m + i], p);
                }
            }
        }
    }

    private void inverseRows(double[][] x, int first, int count, int m) {
        int length = rows / m;
        int t = length >> 1;
        boolean reduce = (log2(m) & 1) == 1;
        for (int i = first; i < first + count; i++) {
            int base = i * length;
            for (int r = base; r < base + t; r++) {
                if (m == 1) {
                    RowLoops.inverseCanonical(x[r], x[r + t], columns, iw[1], iwp[1], p, pInv);
                } else if (reduce) {
                    RowLoops.inverseReduced(x[r], x[r + t], columns, iw[m + i], iwp[m + i], p, pInv);
                } else {
                    RowLoops.inverse(x[r], x[r + t], columns, iw[m + i], iwp[m + i], p);
                }
            }
        }
    }

    /** to[c][r] = from[r][c]: eight source rows at a time, so that each step fills one cache line. */
    private static void transpose(double[][] from, double[][] to, int rows, int columns) {
        for (int r = 0; r < rows; r += 8) {
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
    }

    /** a[r C + c'] = y[c][r], where c' is c with its two lowest octal digits exchanged. */
    private static void transposeOut(double[][] y, double[] a, int rows, int columns) {
        for (int o = 0; o < columns; o += 8) {
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
    private static void transposeIn(double[] a, double[][] y, int rows, int columns) {
        for (int o = 0; o < columns; o += 8) {
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

    private static int log2(int x) {
        return 31 - Integer.numberOfLeadingZeros(x);
    }

    private static double[][] scratch(int slot, int rows, int columns) {
        double[][][] all = SCRATCH.get();
        double[][] found = all[slot];
        if (found == null) {
            found = new double[rows][columns];
            all[slot] = found;
        }
        return found;
    }
}
