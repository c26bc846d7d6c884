package org.veil4j.he.ring.kernel.vector;

import org.veil4j.he.ring.kernel.LongMod;
import org.veil4j.he.ring.kernel.NttOrder;
import org.veil4j.he.ring.kernel.NttTransform;

/**
 * Transform in 512-bit vectors: radix-4 passes, breadth first until a block fits the L1 cache and depth first from there; the
 * last three layers run across the vectors of transposed 8 x 8 blocks. The first pass reads the caller's array and the last
 * one writes it; what lies between works in scratch of this thread, 64-byte aligned where the heap allows it.
 * See {@link VectorLoops} for the loops and their ranges.
 */
final class VectorNtt implements NttTransform {
    private static final int LANES = VectorLoops.LANES;

    /** Doubles in a block that is worked on depth first. */
    private static final int BLOCK = 2048;

    /** Blocks of 64 that the tail takes at a time. */
    private static final int TAIL = 16;

    /** Where data starts in scratch: large arrays are 16 bytes off a multiple of 64. */
    private static final int BASE = 6;

    private static final ThreadLocal<double[]> SCRATCH = ThreadLocal.withInitial(() -> new double[(1 << 17) + 64]);

    private final int n;
    private final int logN;
    private final double p;
    private final double[] w;
    private final double[] wp;
    private final double[] iw;
    private final double[] iwp;
    private final double[] tail;
    private final double[] inverseTail;
    private final double scale;

    VectorNtt(int logN, long p) {
        this.logN = logN;
        n = 1 << logN;
        this.p = p;
        long psi = NttOrder.root(logN, p);
        double[] powers = NttOrder.powers(logN, psi, p);
        double[] inversePowers = NttOrder.powers(logN, LongMod.inverse(psi, p), p);
        w = java.util.Arrays.copyOf(powers, n / LANES);
        iw = java.util.Arrays.copyOf(inversePowers, n / LANES);
        wp = ratios(w);
        iwp = ratios(iw);
        tail = tail(powers);
        inverseTail = tail(inversePowers);
        scale = LongMod.balance(LongMod.inverse(n, p), p);
    }

    private double[] ratios(double[] f) {
        double[] ratios = new double[f.length];
        for (int i = 0; i < f.length; i++) {
            ratios[i] = f[i] / p;
        }
        return ratios;
    }

    /** For each block of 64 the seven vectors of factors of the last three layers: 1, 2 and 4 of them. */
    private double[] tail(double[] powers) {
        int groups = n / LANES;
        double[] table = new double[BASE + 7 * groups];
        int at = BASE;
        for (int block = 0; block < groups; block += LANES) {
            for (int s = 1; s < LANES; s <<= 1) {
                for (int e = 0; e < s; e++) {
                    for (int lane = 0; lane < LANES; lane++) {
                        table[at++] = powers[s * (groups + block + lane) + e];
                    }
                }
            }
        }
        return table;
    }

    @Override
    public void forward(double[] a) {
        double[] s = SCRATCH.get();
        int passes = (logN - 3) / 2;
        int t = n;
        int m = 1;
        double[] x = a;
        int from = 0;
        if ((logN - 3) % 2 == 1) {
            t >>= 1;
            VectorLoops.forward2(x, from, s, BASE, t, w[1], wp[1], p);
            m = 2;
            x = s;
            from = BASE;
        }
        for (; t > BLOCK || x == a; m <<= 2, passes--) {
            t >>= 2;
            forwardPass(x, from, s, BASE, m, 0, m, t, passes);
            x = s;
            from = BASE;
        }
        for (int b = 0; b < m; b++) {
            int start = BASE + b * t;
            int left = passes;
            for (int tt = t, count = 1; tt > LANES; count <<= 2, left--) {
                tt >>= 2;
                forwardPass(s, start, s, start, m * count, b * count, count, tt, left);
            }
            for (int o = 0; o < t; o += 64 * TAIL) {
                int blocks = Math.min(TAIL, (t - o) / 64);
                int factors = BASE + (b * t + o) / 64 * 56;
                VectorLoops.transposeA(s, start + o, blocks);
                VectorLoops.transposeB(s, start + o, blocks);
                VectorLoops.forwardTailA(s, start + o, blocks, tail, factors, p);
                VectorLoops.forwardTailB(s, start + o, a, b * t + o, blocks, tail, factors, p);
            }
        }
    }

    /** Groups first to first + count of the layer pair with m groups of 4t values; every second pass before the tail reduces. */
    private void forwardPass(double[] x, int from, double[] a, int to, int m, int first, int count, int t, int left) {
        for (int i = 0; i < count; i++) {
            int k = m + first + i;
            int o = 4 * i * t;
            if ((left & 1) == 1) {
                VectorLoops.forward4Reduced(
                        x, from + o, a, to + o, t, w[k], wp[k], w[2 * k], wp[2 * k], w[2 * k + 1], wp[2 * k + 1], p);
            } else {
                VectorLoops.forward4(
                        x, from + o, a, to + o, t, w[k], wp[k], w[2 * k], wp[2 * k], w[2 * k + 1], wp[2 * k + 1], p);
            }
        }
    }

    @Override
    public void inverse(double[] a) {
        double[] s = SCRATCH.get();
        int size = 64;
        int top = (logN - 3) % 2 == 1 ? n / 2 : n;
        // Blocks are 8 times a power of 4, hence at least 128 for the largest that fit.
        int block = LANES;
        while (4 * block <= Math.min(BLOCK, top)) {
            block <<= 2;
        }
        for (int b = 0; b < n; b += block) {
            int start = BASE + b;
            for (int o = 0; o < block; o += size * TAIL) {
                int blocks = Math.min(TAIL, (block - o) / size);
                int factors = BASE + (b + o) / size * 56;
                VectorLoops.inverseTailB(a, b + o, s, start + o, blocks, inverseTail, factors, p);
                VectorLoops.inverseTailA(s, start + o, blocks, inverseTail, factors, p);
                VectorLoops.transposeB(s, start + o, blocks);
                VectorLoops.transposeA(s, start + o, blocks);
            }
            for (int t = LANES; t < block; t <<= 2) {
                inversePass(s, start, (n + b) / (4 * t), block / (4 * t), t);
            }
        }
        for (int t = block; t < top; t <<= 2) {
            inversePass(s, BASE, n / (4 * t), n / (4 * t), t);
        }
        if (top < n) {
            VectorLoops.inverse2(s, BASE, n / 2, iw[1], iwp[1], p);
        }
        VectorLoops.scale(s, BASE, a, scale, scale / p, p);
    }

    private void inversePass(double[] a, int start, int first, int count, int t) {
        for (int i = 0; i < count; i++) {
            int k = first + i;
            int o = start + 4 * i * t;
            VectorLoops.inverse4(a, o, t, iw[k], iwp[k], iw[2 * k], iwp[2 * k], iw[2 * k + 1], iwp[2 * k + 1], p);
        }
    }
}
