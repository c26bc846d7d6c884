package org.veil4j.he.ring.kernel.vector;

import org.veil4j.he.ring.kernel.NttTables;
import org.veil4j.he.ring.kernel.NttTransform;

/**
 * Transform in 512-bit vectors on a matrix of R rows and C columns, in four sweeps: the first row layers on sets of rows 16
 * apart, from the caller's array into scratch; the other four row layers on strips of 16 neighbours, with the twist and the
 * way into the transposed matrix; the first column layers on sets of columns 16 apart; the other column layers on 16
 * neighbours, back into the caller's array, in {@link org.veil4j.he.ring.kernel.NttOrder}. What a sweep works on at a time
 * fits an L1 cache of 32 KB. Scratch is this thread's, with rows one cache line longer than their content, so that rows 16
 * apart do not share the lines of the cache. See {@link VectorLoops} for the loops and their ranges.
 */
final class VectorNtt implements NttTransform {
    private static final int LANES = VectorLoops.LANES;

    /** Neighbours that a sweep takes at a time. */
    private static final int NEAR = 16;

    /** Values of a row that a sweep over neighbours takes at a time, at most. */
    private static final int STRIP = 128;

    /**
     * Where data starts in scratch: 16 bytes after a multiple of 64, as where an array of this size starts with objects aligned
     * to 64 bytes (as the launcher asks) or in a region of its own; anywhere else vectors cross cache lines, which costs time.
     */
    private static final int BASE = 6;

    private static final ThreadLocal<double[][]> SCRATCH = ThreadLocal.withInitial(() -> new double[64][]);

    private final int logN;
    private final int rows;
    private final int columns;
    private final int rowStride;
    private final int columnStride;
    private final double p;
    private final NttTables.Direction f;
    private final NttTables.Direction g;

    VectorNtt(int logN, long p) {
        this.logN = logN;
        this.p = p;
        NttTables tables = new NttTables(logN, p);
        f = tables.forward;
        g = tables.inverse;
        rows = 1 << tables.logRows;
        columns = 1 << tables.logColumns;
        rowStride = columns + LANES;
        columnStride = rows + LANES;
    }

    private static boolean odd(int powerOfTwo) {
        return (Integer.numberOfTrailingZeros(powerOfTwo) & 1) == 1;
    }

    @Override
    public void forward(double[] a) {
        double[] x = scratch(2 * logN, rows * rowStride);
        double[] y = scratch(2 * logN + 1, columns * columnStride);
        boolean reduce = false;
        for (int s = 0; s < NEAR; s++) {
            reduce = forwardFarRows(a, x, s);
        }
        int strip = Math.min(columns, STRIP);
        for (int r = 0; r < rows; r += NEAR) {
            for (int c = 0; c < columns; c += strip) {
                forwardNearRows(x, r, c, strip, reduce);
                for (int i = r; i < r + NEAR; i++) {
                    twist(x, i, c, strip, f);
                }
                for (int i = r; i < r + NEAR; i += LANES) {
                    VectorLoops.transpose(
                            x,
                            BASE + i * rowStride + c,
                            rowStride,
                            y,
                            BASE + c * columnStride + i,
                            columnStride,
                            strip,
                            LANES,
                            LANES * columnStride);
                }
            }
        }
        for (int s = 0; s < NEAR; s++) {
            reduce = forwardFarColumns(y, s);
        }
        strip = Math.min(rows, STRIP);
        for (int c = 0; c < columns; c += NEAR) {
            for (int r = 0; r < rows; r += strip) {
                forwardNearColumns(y, a, c, r, strip, reduce);
            }
        }
    }

    /** All layers but the last four among the rows 16 apart from s on; returns whether the next layer has to reduce. */
    private boolean forwardFarRows(double[] a, double[] x, int s) {
        int far = rows / NEAR;
        double[] w = f.rows;
        double[] wp = f.rowRatios;
        int m = odd(far) ? 2 : 4;
        int t = far / m * NEAR;
        int leg = t * columns;
        int step = t * rowStride;
        for (int r = s; r < t; r += NEAR) {
            int o = BASE + r * rowStride;
            if (m == 2) {
                VectorLoops.forward2(a, r * columns, leg, x, o, step, columns, w, wp, 1, p);
            } else {
                VectorLoops.forward4(a, r * columns, leg, x, o, step, columns, w, wp, 1, p);
            }
        }
        return forward4(x, rowStride, s, far, m, m == 4, w, wp, columns);
    }

    /** The first layers, cyclic, among the columns 16 apart from s on, or of all for a small N. */
    private boolean forwardFarColumns(double[] y, int s) {
        int far = columns / NEAR;
        double[] w = f.columns;
        double[] wp = f.columnRatios;
        int t = columns / 4;
        if (far < 4) {
            // Two layers among rows 8 apart.
            if (s < t) {
                cyclic4(y, s, t);
            }
            return true;
        }
        for (int c = s; c < t; c += NEAR) {
            cyclic4(y, c, t);
        }
        int m = 4;
        if (odd(far)) {
            t /= 2;
            for (int i = 0; i < m; i++) {
                for (int c = s + 2 * i * t; c < (2 * i + 1) * t; c += NEAR) {
                    int o = BASE + c * columnStride;
                    int leg = t * columnStride;
                    VectorLoops.forward2(y, o, leg, y, o, leg, rows, w, wp, m + i, p);
                }
            }
            m = 8;
        }
        return forward4(y, columnStride, s, far, m, true, w, wp, rows);
    }

    private void cyclic4(double[] y, int c, int t) {
        int o = BASE + c * columnStride;
        int leg = t * columnStride;
        VectorLoops.cyclic4(y, o, leg, y, o, leg, rows, f.columns, f.columnRatios, 3, p);
    }

    /** Radix-4 passes from m groups on among {@code far} rows of n values, 16 apart from s on, reducing in turn. */
    private boolean forward4(
            double[] x, int stride, int s, int far, int m, boolean reduce, double[] w, double[] wp, int n) {
        boolean next = reduce;
        for (int groups = m; groups < far; groups *= 4) {
            int t = far / (4 * groups) * NEAR;
            int leg = t * stride;
            for (int i = 0; i < groups; i++) {
                for (int r = s + 4 * i * t; r < (4 * i + 1) * t; r += NEAR) {
                    int o = BASE + r * stride;
                    step(x, o, leg, n, w, wp, groups + i, next);
                }
            }
            next = !next;
        }
        return next;
    }

    private void step(double[] x, int o, int leg, int n, double[] w, double[] wp, int k, boolean reduce) {
        if (reduce) {
            VectorLoops.forward4Reduced(x, o, leg, x, o, leg, n, w, wp, k, p);
        } else {
            VectorLoops.forward4(x, o, leg, x, o, leg, n, w, wp, k, p);
        }
    }

    /** The last four layers among 16 rows, for n columns. */
    private void forwardNearRows(double[] x, int row, int column, int n, boolean reduce) {
        int k = (rows + row) / NEAR;
        int o = BASE + row * rowStride + column;
        for (int i = 0; i < 4; i++) {
            step(x, o + i * rowStride, 4 * rowStride, n, f.rows, f.rowRatios, k, reduce);
        }
        for (int i = 0; i < 4; i++) {
            step(x, o + 4 * i * rowStride, rowStride, n, f.rows, f.rowRatios, 4 * k + i, !reduce);
        }
    }

    /** The last four layers among 16 columns for n rows, or three for a small N, into a. */
    private void forwardNearColumns(double[] y, double[] a, int column, int row, int n, boolean reduce) {
        double[] w = f.columns;
        double[] wp = f.columnRatios;
        int o = BASE + column * columnStride + row;
        if (columns < 4 * NEAR) {
            for (int i = 0; i < 2; i++) {
                int k = (columns + column) / 8 + i;
                for (int c = 0; c < 4; c++) {
                    int at = o + (8 * i + c) * columnStride;
                    VectorLoops.forward2(y, at, 4 * columnStride, y, at, 4 * columnStride, n, w, wp, k, p);
                }
            }
        } else {
            for (int i = 0; i < 4; i++) {
                step(y, o + i * columnStride, 4 * columnStride, n, w, wp, (columns + column) / NEAR, reduce);
            }
        }
        for (int i = 0; i < 4; i++) {
            VectorLoops.forward4Last(
                    y,
                    o + 4 * i * columnStride,
                    columnStride,
                    a,
                    (column + 4 * i) * rows + row,
                    rows,
                    n,
                    w,
                    wp,
                    (columns + column) / 4 + i,
                    p);
        }
    }

    private void twist(double[] x, int row, int column, int n, NttTables.Direction tables) {
        int o = BASE + row * rowStride + column;
        double[] high = tables.high[row / NttTables.LOW];
        int low = row % NttTables.LOW;
        if (low == 0) {
            VectorLoops.twist(x, o, high, column, n, p);
        } else {
            VectorLoops.twist2(x, o, high, tables.low[low], column, n, p);
        }
    }

    @Override
    public void inverse(double[] a) {
        double[] x = scratch(2 * logN, rows * rowStride);
        double[] y = scratch(2 * logN + 1, columns * columnStride);
        int strip = Math.min(rows, STRIP);
        for (int c = 0; c < columns; c += NEAR) {
            for (int r = 0; r < rows; r += strip) {
                inverseNearColumns(a, y, c, r, strip);
            }
        }
        for (int s = 0; s < NEAR; s++) {
            inverseFarColumns(y, s);
        }
        strip = Math.min(columns, STRIP);
        for (int r = 0; r < rows; r += NEAR) {
            for (int c = 0; c < columns; c += strip) {
                for (int i = r; i < r + NEAR; i += LANES) {
                    VectorLoops.transpose(
                            y,
                            BASE + c * columnStride + i,
                            columnStride,
                            x,
                            BASE + i * rowStride + c,
                            rowStride,
                            strip * columnStride,
                            LANES * columnStride,
                            LANES);
                }
                for (int i = r; i < r + NEAR; i++) {
                    twist(x, i, c, strip, g);
                }
                inverseNearRows(x, r, c, strip);
            }
        }
        for (int s = 0; s < NEAR; s++) {
            inverseFarRows(x, a, s);
        }
    }

    private void inverseNearColumns(double[] a, double[] y, int column, int row, int n) {
        double[] w = g.columns;
        double[] wp = g.columnRatios;
        int o = BASE + column * columnStride + row;
        for (int i = 0; i < 4; i++) {
            InverseVectorLoops.inverse4(
                    a,
                    (column + 4 * i) * rows + row,
                    rows,
                    y,
                    o + 4 * i * columnStride,
                    columnStride,
                    n,
                    w,
                    wp,
                    (columns + column) / 4 + i,
                    p);
        }
        int leg = 4 * columnStride;
        if (columns < 4 * NEAR) {
            for (int i = 0; i < 2; i++) {
                int k = (columns + column) / 8 + i;
                for (int c = 0; c < 4; c++) {
                    int at = o + (8 * i + c) * columnStride;
                    InverseVectorLoops.inverse2(y, at, leg, y, at, leg, n, w, wp, k, p);
                }
            }
            return;
        }
        for (int i = 0; i < 4; i++) {
            int at = o + i * columnStride;
            InverseVectorLoops.inverse4(y, at, leg, y, at, leg, n, w, wp, (columns + column) / NEAR, p);
        }
    }

    private void inverseFarColumns(double[] y, int s) {
        double[] w = g.columns;
        double[] wp = g.columnRatios;
        int far = columns / NEAR;
        if (far >= 4) {
            inverse4(y, columnStride, s, far, odd(far) ? 8 : 4, w, wp, rows);
            if (odd(far)) {
                int t = columns / 8;
                for (int i = 0; i < 4; i++) {
                    for (int c = s + 2 * i * t; c < (2 * i + 1) * t; c += NEAR) {
                        int o = BASE + c * columnStride;
                        int leg = t * columnStride;
                        InverseVectorLoops.inverse2(y, o, leg, y, o, leg, rows, w, wp, 4 + i, p);
                    }
                }
            }
        }
        int t = columns / 4;
        for (int c = s; c < t; c += NEAR) {
            int o = BASE + c * columnStride;
            int leg = t * columnStride;
            InverseVectorLoops.inverseCyclic4(y, o, leg, y, o, leg, rows, w, wp, 3, p);
        }
    }

    /** Inverse radix-4 passes among {@code far} rows of n values, 16 apart from s on, down to m groups. */
    private void inverse4(double[] x, int stride, int s, int far, int m, double[] w, double[] wp, int n) {
        for (int groups = far / 4; groups >= m; groups /= 4) {
            int t = far / (4 * groups) * NEAR;
            int leg = t * stride;
            for (int i = 0; i < groups; i++) {
                for (int r = s + 4 * i * t; r < (4 * i + 1) * t; r += NEAR) {
                    int o = BASE + r * stride;
                    InverseVectorLoops.inverse4(x, o, leg, x, o, leg, n, w, wp, groups + i, p);
                }
            }
        }
    }

    private void inverseNearRows(double[] x, int row, int column, int n) {
        double[] w = g.rows;
        double[] wp = g.rowRatios;
        int k = (rows + row) / NEAR;
        int o = BASE + row * rowStride + column;
        for (int i = 0; i < 4; i++) {
            int at = o + 4 * i * rowStride;
            InverseVectorLoops.inverse4(x, at, rowStride, x, at, rowStride, n, w, wp, 4 * k + i, p);
        }
        for (int i = 0; i < 4; i++) {
            int at = o + i * rowStride;
            InverseVectorLoops.inverse4(x, at, 4 * rowStride, x, at, 4 * rowStride, n, w, wp, k, p);
        }
    }

    private void inverseFarRows(double[] x, double[] a, int s) {
        double[] w = g.rows;
        double[] wp = g.rowRatios;
        int far = rows / NEAR;
        inverse4(x, rowStride, s, far, odd(far) ? 2 : 4, w, wp, columns);
        int t = far / (odd(far) ? 2 : 4) * NEAR;
        for (int r = s; r < t; r += NEAR) {
            int o = BASE + r * rowStride;
            if (odd(far)) {
                InverseVectorLoops.inverse2Last(x, o, t * rowStride, a, r * columns, t * columns, columns, w, wp, 1, p);
            } else {
                InverseVectorLoops.inverse4Last(x, o, t * rowStride, a, r * columns, t * columns, columns, w, wp, 1, p);
            }
        }
    }

    private static double[] scratch(int slot, int length) {
        double[][] all = SCRATCH.get();
        double[] found = all[slot];
        if (found == null) {
            found = new double[BASE + length + 2];
            all[slot] = found;
        }
        return found;
    }
}
