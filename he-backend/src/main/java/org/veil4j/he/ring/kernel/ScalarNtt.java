package org.veil4j.he.ring.kernel;

/**
 * Transform in 64-bit integers, radix 4, with lazy products after Shoup: for a factor w with |w| at most p/2,
 * s = floor(w 2^64 / p) fits a signed long and r = x w - multiplyHigh(x, s) p lies in (-p/64, p + p/64) for |x| below 2^58.
 * A forward radix-4 step adds at most 3p to a value: 9 steps and a radix-2 one stay below 30p, which is below 2^55, so
 * nothing is reduced before the end. In an inverse step three of four outputs are at most 2.1p for any input and the fourth,
 * the sum, is reduced. Cost: 4 products for 4 values and 2 layers; about the speed of SEAL.
 */
final class ScalarNtt implements NttTransform {
    /** Side of the tiles in which values are transposed: a cache line. */
    private static final int TILE = 8;

    private static final ThreadLocal<long[][]> SCRATCH = ThreadLocal.withInitial(() -> new long[32][]);

    private final int logN;
    private final int n;
    private final long p;
    /** floor(2^64 / p): multiplyHigh(x, one) is x/p, rounded down, or one less. */
    private final long one;

    private final long[] w;
    private final long[] ws;
    private final long[] iw;
    private final long[] iws;
    private final long scale;
    private final long scaleS;

    ScalarNtt(int logN, long p) {
        this.logN = logN;
        this.n = 1 << logN;
        this.p = p;
        one = Long.divideUnsigned(-1L, p);
        long psi = NttOrder.root(logN, p);
        w = new long[n];
        ws = new long[n];
        iw = new long[n];
        iws = new long[n];
        fill(w, ws, NttOrder.powers(logN, psi, p), p);
        fill(iw, iws, NttOrder.powers(logN, LongMod.inverse(psi, p), p), p);
        scale = LongMod.balance(LongMod.inverse(n, p), p);
        scaleS = shoup(scale, p);
    }

    private static void fill(long[] w, long[] ws, double[] powers, long p) {
        for (int i = 0; i < w.length; i++) {
            w[i] = (long) powers[i];
            ws[i] = shoup(w[i], p);
        }
    }

    /** floor(x 2^64 / p) for |x| at most p/2. */
    private static long shoup(long x, long p) {
        long rest = x < 0 ? x + p : x;
        long high = quotient(rest, p);
        long after = remainder(rest, p);
        // For negative x, floor((rest - p) 2^64 / p) = floor(rest 2^64 / p) - 2^64: the same 64 bits.
        return (high << 32) + quotient(after, p);
    }

    /** floor(x 2^32 / p) for x in [0, p), 8 bits at a time. */
    private static long quotient(long x, long p) {
        long q = 0;
        long r = x;
        for (int i = 0; i < 4; i++) {
            r <<= 8;
            q = (q << 8) + r / p;
            r %= p;
        }
        return q;
    }

    /** x 2^32 mod p for x in [0, p). */
    private static long remainder(long x, long p) {
        long r = x;
        for (int i = 0; i < 4; i++) {
            r = (r << 8) % p;
        }
        return r;
    }

    @Override
    public void forward(double[] a) {
        long[] x = scratch();
        for (int i = 0; i < n; i++) {
            x[i] = (long) a[i];
        }
        int t = n;
        int m = 1;
        if ((logN & 1) != 0) {
            t >>= 1;
            forward2(x, t, w[1], ws[1], p);
            m = 2;
        }
        for (; t > 4; m <<= 2) {
            t >>= 2;
            for (int i = 0; i < m; i++) {
                int k = m + i;
                forward4(x, 4 * i * t, t, w[k], ws[k], w[2 * k], ws[2 * k], w[2 * k + 1], ws[2 * k + 1], p);
            }
        }
        forwardTail(x, m, w, ws, p);
        store(x, a, logN, p, one);
    }

    private static void forward2(long[] a, int t, long w, long s, long p) {
        for (int j = 0; j < t; j++) {
            long y = a[j + t];
            long x = a[j];
            long r = y * w - Math.multiplyHigh(y, s) * p;
            a[j] = x + r;
            a[j + t] = x - r;
        }
    }

    private static void forward4(
            long[] a, int from, int t, long w1, long s1, long w2, long s2, long w3, long s3, long p) {
        int t2 = 2 * t;
        int t3 = 3 * t;
        for (int j = from; j < from + t; j++) {
            long x0 = a[j];
            long x1 = a[j + t];
            long x2 = a[j + t2];
            long x3 = a[j + t3];
            long r2 = x2 * w1 - Math.multiplyHigh(x2, s1) * p;
            long r3 = x3 * w1 - Math.multiplyHigh(x3, s1) * p;
            long y0 = x0 + r2;
            long y2 = x0 - r2;
            long y1 = x1 + r3;
            long y3 = x1 - r3;
            long r1 = y1 * w2 - Math.multiplyHigh(y1, s2) * p;
            long r4 = y3 * w3 - Math.multiplyHigh(y3, s3) * p;
            a[j] = y0 + r1;
            a[j + t] = y0 - r1;
            a[j + t2] = y2 + r4;
            a[j + t3] = y2 - r4;
        }
    }

    private static void forwardTail(long[] a, int m, long[] w, long[] s, long p) {
        for (int i = 0; i < m; i++) {
            int j = 4 * i;
            int k = m + i;
            long w1 = w[k];
            long s1 = s[k];
            long x0 = a[j];
            long x1 = a[j + 1];
            long x2 = a[j + 2];
            long x3 = a[j + 3];
            long r2 = x2 * w1 - Math.multiplyHigh(x2, s1) * p;
            long r3 = x3 * w1 - Math.multiplyHigh(x3, s1) * p;
            long y0 = x0 + r2;
            long y2 = x0 - r2;
            long y1 = x1 + r3;
            long y3 = x1 - r3;
            long r1 = y1 * w[2 * k] - Math.multiplyHigh(y1, s[2 * k]) * p;
            long r4 = y3 * w[2 * k + 1] - Math.multiplyHigh(y3, s[2 * k + 1]) * p;
            a[j] = y0 + r1;
            a[j + 1] = y0 - r1;
            a[j + 2] = y2 + r4;
            a[j + 3] = y2 - r4;
        }
    }

    /** Copies out in {@link NttOrder}, balanced: |v| to 30p leaves a remainder in (-p/64, p + p/64). Tiles of 8 x 8. */
    private static void store(long[] x, double[] a, int logN, long p, long one) {
        long half = p >> 1;
        int rows = 1 << NttOrder.logRows(logN);
        int columns = a.length / rows;
        for (int column = 0; column < columns; column += TILE) {
            for (int row = 0; row < rows; row += TILE) {
                for (int c = column; c < column + TILE; c++) {
                    for (int r = row; r < row + TILE; r++) {
                        long v = x[r * columns + c];
                        v -= Math.multiplyHigh(v, one) * p;
                        v -= p & ((half - v) >> 63);
                        a[c * rows + r] = (double) v;
                    }
                }
            }
        }
    }

    private static void load(double[] a, long[] x, int logN) {
        int rows = 1 << NttOrder.logRows(logN);
        int columns = a.length / rows;
        for (int column = 0; column < columns; column += TILE) {
            for (int row = 0; row < rows; row += TILE) {
                for (int r = row; r < row + TILE; r++) {
                    for (int c = column; c < column + TILE; c++) {
                        x[r * columns + c] = (long) a[c * rows + r];
                    }
                }
            }
        }
    }

    @Override
    public void inverse(double[] a) {
        long[] x = scratch();
        load(a, x, logN);
        int m = n >> 2;
        inverseTail(x, m, iw, iws, p, one);
        int t = 4;
        for (m >>= 2; m >= 1; m >>= 2, t <<= 2) {
            for (int i = 0; i < m; i++) {
                int k = m + i;
                inverse4(x, 4 * i * t, t, iw[k], iws[k], iw[2 * k], iws[2 * k], iw[2 * k + 1], iws[2 * k + 1], p, one);
            }
        }
        if ((logN & 1) != 0) {
            inverse2(x, n / 2, iw[1], iws[1], p);
        }
        long half = p >> 1;
        for (int i = 0; i < n; i++) {
            long v = x[i];
            v = v * scale - Math.multiplyHigh(v, scaleS) * p;
            v -= p & ((half - v) >> 63);
            a[i] = (double) v;
        }
    }

    private static void inverse2(long[] a, int t, long w, long s, long p) {
        for (int j = 0; j < t; j++) {
            long x = a[j];
            long y = a[j + t];
            long d = x - y;
            a[j] = x + y;
            a[j + t] = d * w - Math.multiplyHigh(d, s) * p;
        }
    }

    private static void inverse4(
            long[] a, int from, int t, long w1, long s1, long w2, long s2, long w3, long s3, long p, long one) {
        int t2 = 2 * t;
        int t3 = 3 * t;
        for (int j = from; j < from + t; j++) {
            long x0 = a[j];
            long x1 = a[j + t];
            long x2 = a[j + t2];
            long x3 = a[j + t3];
            long d0 = x0 - x1;
            long d1 = x2 - x3;
            long r0 = d0 * w2 - Math.multiplyHigh(d0, s2) * p;
            long r1 = d1 * w3 - Math.multiplyHigh(d1, s3) * p;
            long sum = x0 + x1 + x2 + x3;
            long y2 = x0 + x1 - x2 - x3;
            long y3 = r0 - r1;
            a[j] = sum - Math.multiplyHigh(sum, one) * p;
            a[j + t] = r0 + r1;
            a[j + t2] = y2 * w1 - Math.multiplyHigh(y2, s1) * p;
            a[j + t3] = y3 * w1 - Math.multiplyHigh(y3, s1) * p;
        }
    }

    private static void inverseTail(long[] a, int m, long[] w, long[] s, long p, long one) {
        for (int i = 0; i < m; i++) {
            int j = 4 * i;
            int k = m + i;
            long w1 = w[k];
            long s1 = s[k];
            long x0 = a[j];
            long x1 = a[j + 1];
            long x2 = a[j + 2];
            long x3 = a[j + 3];
            long d0 = x0 - x1;
            long d1 = x2 - x3;
            long r0 = d0 * w[2 * k] - Math.multiplyHigh(d0, s[2 * k]) * p;
            long r1 = d1 * w[2 * k + 1] - Math.multiplyHigh(d1, s[2 * k + 1]) * p;
            long sum = x0 + x1 + x2 + x3;
            long y2 = x0 + x1 - x2 - x3;
            long y3 = r0 - r1;
            a[j] = sum - Math.multiplyHigh(sum, one) * p;
            a[j + 1] = r0 + r1;
            a[j + 2] = y2 * w1 - Math.multiplyHigh(y2, s1) * p;
            a[j + 3] = y3 * w1 - Math.multiplyHigh(y3, s1) * p;
        }
    }

    private long[] scratch() {
        long[][] all = SCRATCH.get();
        long[] found = all[logN];
        if (found == null) {
            found = new long[n];
            all[logN] = found;
        }
        return found;
    }
}
