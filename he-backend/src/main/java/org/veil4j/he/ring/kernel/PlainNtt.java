package org.veil4j.he.ring.kernel;

/**
 * Transform in plain Java loops. The N coefficients are copied into R rows of C in scratch that stays hot in the L2 cache
 * (one set a thread for each N, shared by all primes); log R layers pair whole rows with one factor a pair; the rows are
 * transposed; log C layers pair whole rows with one factor a column; the copy back transposes again, into
 * {@link NttOrder}. All layers are radix 2 over rows: see {@link RowLoops}.
 */
final class PlainNtt implements NttTransform {
    /** Doubles that a depth-first block may hold, to stay in the L1 cache. */
    private static final int BLOCK = 2048;

    private static final ThreadLocal<double[][][]> SCRATCH = ThreadLocal.withInitial(() -> new double[64][][]);

    private final int logN;
    private final int rows;
    private final int columns;
    private final double p;
    private final double pInv;
    private final double[] w;
    private final double[] wp;
    private final double[] iw;
    private final double[] iwp;
    private final double[][] columnW;
    private final double[][] columnIw;
    private final double scale;
    private final double scaledIw;

    PlainNtt(int logN, long p) {
        this.logN = logN;
        int logRows = Math.min(logN / 2, logN - 6);
        rows = 1 << logRows;
        columns = 1 << (logN - logRows);
        this.p = p;
        pInv = 1.0 / p;
        long psi = NttOrder.root(logN, p);
        double[] powers = NttOrder.powers(logN, psi, p);
        double[] inversePowers = NttOrder.powers(logN, LongMod.inverse(psi, p), p);
        w = new double[rows];
        wp = new double[rows];
        iw = new double[rows];
        iwp = new double[rows];
        for (int i = 0; i < rows; i++) {
            w[i] = powers[i];
            wp[i] = w[i] / p;
            iw[i] = inversePowers[i];
            iwp[i] = iw[i] / p;
        }
        columnW = columnTable(powers);
        columnIw = columnTable(inversePowers);
        long nInv = LongMod.inverse(1L << logN, p);
        scale = LongMod.balance(nInv, p);
        scaledIw = LongMod.balance(LongMod.multiply(nInv, (long) iw[1], p), p);
    }

    /** Row s + e of the table holds, for group e of the layer with s groups, the factor of each of the R columns. */
    private double[][] columnTable(double[] powers) {
        double[][] table = new double[columns][rows];
        for (int s = 1; s < columns; s <<= 1) {
            for (int e = 0; e < s; e++) {
                for (int r = 0; r < rows; r++) {
                    table[s + e][r] = powers[s * (rows + r) + e];
                }
            }
        }
        return table;
    }

    @Override
    public void forward(double[] a) {
        double[][] x = scratch(2 * logN, rows, columns);
        double[][] y = scratch(2 * logN + 1, columns, rows);
        for (int r = 0; r < rows; r++) {
            System.arraycopy(a, r * columns, x[r], 0, columns);
        }
        // Layers are numbered through both halves; each fourth one reduces. Largest k: 5.1, see RowLoops.
        int split = Math.max(1, (rows * columns) / BLOCK);
        int wide = Math.min(split, rows);
        int layer = 0;
        int m = 1;
        for (; m < wide; m <<= 1, layer++) {
            forwardRows(x, 0, m, rows / m, m, layer);
        }
        for (int b = 0; b < m; b++) {
            for (int mm = m, g = 1, d = layer; mm < rows; mm <<= 1, g <<= 1, d++) {
                forwardRows(x, b * g, g, rows / mm, mm, d);
            }
        }
        transpose(x, y, rows, columns);
        layer = log2(rows);
        m = 1;
        for (; m < wide && m < columns / 2; m <<= 1, layer++) {
            forwardColumns(y, 0, m, columns / m, m, layer);
        }
        for (int b = 0; b < m; b++) {
            for (int mm = m, g = 1, d = layer; mm < columns; mm <<= 1, g <<= 1, d++) {
                forwardColumns(y, b * g, g, columns / mm, mm, d);
            }
        }
        transposeOut(y, a, rows, columns);
    }

    /** Groups [first, first + count) of the layer with m groups of {@code length} rows. */
    private void forwardRows(double[][] x, int first, int count, int length, int m, int layer) {
        int t = length >> 1;
        for (int i = first; i < first + count; i++) {
            double f = w[m + i];
            double fp = wp[m + i];
            int base = i * length;
            if ((layer & 3) == 3) {
                for (int r = base; r < base + t; r++) {
                    RowLoops.butterflyReduced(x[r], x[r + t], columns, f, fp, p, pInv);
                }
            } else {
                for (int r = base; r < base + t; r++) {
                    RowLoops.butterfly(x[r], x[r + t], columns, f, fp, p);
                }
            }
        }
    }

    private void forwardColumns(double[][] y, int first, int count, int length, int m, int layer) {
        int t = length >> 1;
        for (int i = first; i < first + count; i++) {
            double[] f = columnW[m + i];
            int base = i * length;
            if (t == 1) {
                RowLoops.butterfliesCanonical(y[base], y[base + 1], f, rows, p, pInv);
            } else if ((layer & 3) == 3) {
                for (int r = base; r < base + t; r++) {
                    RowLoops.butterfliesReduced(y[r], y[r + t], f, rows, p, pInv);
                }
            } else {
                for (int r = base; r < base + t; r++) {
                    RowLoops.butterflies(y[r], y[r + t], f, rows, p, pInv);
                }
            }
        }
    }

    @Override
    public void inverse(double[] a) {
        double[][] x = scratch(2 * logN, rows, columns);
        double[][] y = scratch(2 * logN + 1, columns, rows);
        transposeIn(a, y, rows, columns);
        // Layers are numbered through both halves; each second one reduces the sums. Largest k: 1.9 before a pair of
        // layers, 3.8 between the two, so that no difference exceeds 7.6 p.
        int wide = Math.max(1, (rows * columns) / BLOCK);
        int top = Math.min(wide, columns);
        for (int b = 0; b < top; b++) {
            for (int mm = columns / 2, g = columns / 2 / top, d = 0; g >= 1; mm >>= 1, g >>= 1, d++) {
                inverseColumns(y, b * g, g, columns / mm, mm, d);
            }
        }
        int layer = log2(columns) - log2(top);
        for (int m = top / 2; m >= 1; m >>= 1, layer++) {
            inverseColumns(y, 0, m, columns / m, m, layer);
        }
        transpose(y, x, columns, rows);
        int first = log2(columns);
        top = Math.min(wide, rows);
        for (int b = 0; b < top; b++) {
            for (int mm = rows / 2, g = rows / 2 / top, d = first; g >= 1; mm >>= 1, g >>= 1, d++) {
                inverseRows(x, b * g, g, rows / mm, mm, d);
            }
        }
        layer = first + log2(rows) - log2(top);
        for (int m = top / 2; m >= 1; m >>= 1, layer++) {
            inverseRows(x, 0, m, rows / m, m, layer);
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(x[r], 0, a, r * columns, columns);
        }
    }

    private void inverseColumns(double[][] y, int first, int count, int length, int m, int layer) {
        int t = length >> 1;
        for (int i = first; i < first + count; i++) {
            double[] f = columnIw[m + i];
            int base = i * length;
            if ((layer & 1) == 1) {
                for (int r = base; r < base + t; r++) {
                    RowLoops.inversesReduced(y[r], y[r + t], f, rows, p, pInv);
                }
            } else {
                for (int r = base; r < base + t; r++) {
                    RowLoops.inverses(y[r], y[r + t], f, rows, p, pInv);
                }
            }
        }
    }

    private void inverseRows(double[][] x, int first, int count, int length, int m, int layer) {
        int t = length >> 1;
        for (int i = first; i < first + count; i++) {
            double f = iw[m + i];
            double fp = iwp[m + i];
            int base = i * length;
            if (m == 1) {
                for (int r = base; r < base + t; r++) {
                    RowLoops.inverseCanonical(
                            x[r], x[r + t], columns, scale, scale / p, scaledIw, scaledIw / p, p, pInv);
                }
            } else if ((layer & 1) == 1) {
                for (int r = base; r < base + t; r++) {
                    RowLoops.inverseReduced(x[r], x[r + t], columns, f, fp, p, pInv);
                }
            } else {
                for (int r = base; r < base + t; r++) {
                    RowLoops.inverse(x[r], x[r + t], columns, f, fp, p);
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
