package org.veil4j.he.rlwe;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.Galois;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * Hybrid key switching and rescaling. Immutable and shareable; scratch comes from a pool.
 *
 * <p>A polynomial of level l is cut into digits of alpha primes, each digit converted exactly and centred to all primes of
 * Q P (ModUp), multiplied with the key and summed, and the sums divided by P with rounding (ModDown). Cost at l + 1 = L
 * primes, D digits and K special primes: L + D (L + K) + K + L transforms (the digits' own limbs are not transformed), twice
 * the last two; 2 D (L + K) modular products; (D + 2) conversions.
 */
public final class KeySwitcher {
    private static final int GROUP = 3;

    private final RlweParameters parameters;
    private final AtomicReferenceArray<@Nullable LevelTables> tables;

    /** A switcher; tables are built as levels are used. */
    public KeySwitcher(RlweParameters parameters) {
        this.parameters = parameters;
        this.tables = new AtomicReferenceArray<>(parameters.maxLevel() + 1);
    }

    RlweParameters parameters() {
        return parameters;
    }

    LevelTables tables(int level) {
        LevelTables found = tables.get(level);
        if (found == null) {
            found = new LevelTables(parameters, level);
            tables.set(level, found);
        }
        return found;
    }

    /** A polynomial's digits modulo all primes: what rotations of one ciphertext share. Close to give its memory back. */
    public static final class Decomposition implements AutoCloseable {
        private final int level;
        private final LimbPool pool;
        /** By limb, then digit. */
        private final double[][][] rows;

        private final double[][] owned;
        private boolean closed;

        private Decomposition(int level, LimbPool pool, double[][][] rows, double[][] owned) {
            this.level = level;
            this.pool = pool;
            this.rows = rows;
            this.owned = owned;
        }

        /** The level of the polynomial. */
        public int level() {
            return level;
        }

        /** The digits modulo the prime at a place. */
        double[][] row(int limb) {
            if (closed) {
                throw new IllegalStateException("decomposition: closed; keep it open while it is in use");
            }
            return rows[limb];
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                pool.give(owned);
            }
        }
    }

    /**
     * Cuts a polynomial into digits.
     *
     * @param c values in NTT order of any level; must not change while the decomposition is in use
     */
    public Decomposition decompose(RnsPoly c) {
        return decompose(c, (digits, i) -> {});
    }

    /** What is done with the digits modulo the prime at one place as soon as they are there, while they are in the cache. */
    private interface LimbAction {
        void accept(Decomposition digits, int limb);
    }

    private Decomposition decompose(RnsPoly c, LimbAction action) {
        int level = c.size() - 1;
        LevelTables t = tables(level);
        RnsBasis basis = parameters.qpAt(level);
        LimbPool pool = LimbPool.of(basis.n());
        int digits = t.digits.length;
        double[][] coefficients = pool.take(level + 1);
        Workers.forEach(level + 1, i -> {
            System.arraycopy(c.limb(i), 0, coefficients[i], 0, coefficients[i].length);
            basis.ntt(i).inverse(coefficients[i]);
            int d = i / parameters.digitSize();
            t.digits[d].up().scale(i - t.digits[d].from(), coefficients[i]);
        });
        double[][][] scaled = new double[digits][][];
        double[][] overflow = pool.take(digits);
        double[][] owned = pool.take(digits * basis.size() - (level + 1));
        double[][][] rows = new double[basis.size()][digits][];
        int used = 0;
        for (int d = 0; d < digits; d++) {
            LevelTables.Digit digit = t.digits[d];
            scaled[d] = Arrays.copyOfRange(coefficients, digit.from(), digit.to());
            for (int i = 0; i < basis.size(); i++) {
                rows[i][d] = digit.holds(i) ? c.limb(i) : owned[used++];
            }
        }
        Workers.forEach(digits, d -> t.digits[d].up().overflow(scaled[d], overflow[d]));
        Decomposition result = new Decomposition(level, pool, rows, owned);
        inGroups(basis.size(), (from, to) -> {
            for (int d = 0; d < digits; d++) {
                convertDigit(t.digits[d], scaled[d], overflow[d], rows, d, from, to);
                for (int i = from; i < to; i++) {
                    if (!t.digits[d].holds(i)) {
                        basis.ntt(i).forward(rows[i][d]);
                    }
                }
            }
            for (int i = from; i < to; i++) {
                action.accept(result, i);
            }
        });
        pool.give(coefficients);
        pool.give(overflow);
        return result;
    }

    private static void convertDigit(
            LevelTables.Digit digit, double[][] scaled, double[] overflow, double[][][] rows, int d, int from, int to) {
        int[] targets = new int[to - from];
        double[][] out = new double[to - from][];
        int count = 0;
        for (int i = from; i < to; i++) {
            if (!digit.holds(i)) {
                targets[count] = digit.row(i);
                out[count++] = rows[i][d];
            }
        }
        digit.up().convert(scaled, overflow, Arrays.copyOf(targets, count), out);
    }

    /** What is done with some limbs, one after another. */
    interface GroupAction {
        void accept(int from, int to);
    }

    /** Limbs that are converted together: what they are made of is read once, and they stay in the cache. */
    static void inGroups(int limbs, GroupAction action) {
        int size = Math.max(1, Math.min(GROUP, limbs / (4 * Workers.threads())));
        int groups = (limbs + size - 1) / size;
        Workers.forEach(groups, g -> action.accept(g * size, Math.min(limbs, (g + 1) * size)));
    }

    /**
     * Switches keys: (r0, r1) with r0 + r1 s = c t + noise, where the key leads from t to s and c is what was decomposed.
     *
     * @param add0 added to r0, or null; not changed
     * @param add1 added to r1, or null; not changed
     * @param galois applied to the result, or null
     */
    public RnsPoly[] switchKey(
            Decomposition c,
            KeySwitchKey key,
            @Nullable RnsPoly add0,
            @Nullable RnsPoly add1,
            @Nullable Galois galois) {
        double[][][] sums = innerProduct(c, key);
        LevelTables t = tables(c.level);
        return modDown(c.level, sums, t.byP, new RnsPoly[] {}, add0, add1, galois);
    }

    /** Decomposes c and switches keys. */
    public RnsPoly[] switchKey(
            RnsPoly c, KeySwitchKey key, @Nullable RnsPoly add0, @Nullable RnsPoly add1, @Nullable Galois galois) {
        int level = c.size() - 1;
        return modDown(level, decomposeAndMultiply(c, key), tables(level).byP, new RnsPoly[] {}, add0, add1, galois);
    }

    /**
     * Decomposes c, switches keys and divides by the level's last primes, with one rounding for all divisions.
     *
     * @param levels primes to divide by, 1 or 2
     * @throws LevelExhaustedException when the level has no more than these primes
     */
    public RnsPoly[] switchKeyRescale(RnsPoly c, KeySwitchKey key, RnsPoly add0, RnsPoly add1, int levels) {
        int level = c.size() - 1;
        if (levels < 1 || levels > LevelTables.MAX_FUSED_LEVELS) {
            throw new IllegalArgumentException(
                    "levels=" + levels + ": must be 1 to " + LevelTables.MAX_FUSED_LEVELS + "; rescale once more");
        }
        requireRescalable(level - levels + 1);
        return modDown(
                level,
                decomposeAndMultiply(c, key),
                tables(level).byPAndTop.get(levels - 1),
                new RnsPoly[] {add0, add1},
                null,
                null,
                null);
    }

    private double[][][] decomposeAndMultiply(RnsPoly c, KeySwitchKey key) {
        double[][][] sums = takeSums(c.size() - 1);
        decompose(c, (digits, i) -> multiply(digits, key, i, sums)).close();
        return sums;
    }

    private static void requireRescalable(int level) {
        if (level < 1) {
            throw new LevelExhaustedException(
                    "level=0: a rescale needs a level above 0; use parameters with more ciphertext primes");
        }
    }

    /** The two sums over digits of digit times key, by half, then limb; borrowed from the pool. */
    private double[][][] innerProduct(Decomposition c, KeySwitchKey key) {
        double[][][] sums = takeSums(c.level);
        Workers.forEach(parameters.qpAt(c.level).size(), i -> multiply(c, key, i, sums));
        return sums;
    }

    private double[][][] takeSums(int level) {
        LimbPool pool = LimbPool.of(parameters.n());
        int limbs = parameters.qpAt(level).size();
        return new double[][][] {pool.take(limbs), pool.take(limbs)};
    }

    private void multiply(Decomposition c, KeySwitchKey key, int i, double[][][] sums) {
        double p = parameters.qpAt(c.level).modulus(i).p();
        int digits = parameters.digitsAt(c.level);
        Kernels.get().dot(sums[0][i], c.row(i), key.b(i, c.level), digits, p);
        Kernels.get().dot(sums[1][i], c.row(i), key.a(i, c.level), digits, p);
    }

    /**
     * Divides by the product of the limbs from down.first on.
     *
     * @param sums two halves of limbs from the pool, to which they go back
     * @param before multiplied by P and added before the division; empty for none
     */
    RnsPoly[] modDown(
            int level,
            double[][][] sums,
            LevelTables.Down down,
            RnsPoly[] before,
            @Nullable RnsPoly add0,
            @Nullable RnsPoly add1,
            @Nullable Galois galois) {
        LevelTables t = tables(level);
        RnsBasis basis = parameters.qpAt(level);
        LimbPool pool = LimbPool.of(basis.n());
        PolyKernels k = Kernels.get();
        int first = down.first;
        int dropped = basis.size() - first;
        Workers.forEach(2 * dropped, j -> {
            int half = j / dropped;
            int i = first + j % dropped;
            if (before.length > 0 && i <= level) {
                k.multiplyScalarAdd(
                        sums[half][i],
                        before[half].limb(i),
                        t.p[i],
                        basis.modulus(i).p());
            }
            basis.ntt(i).inverse(sums[half][i]);
            down.converter.scale(i - first, sums[half][i]);
        });
        double[][][] scaled = new double[2][][];
        double[][] overflow = pool.take(2);
        Workers.forEach(2, half -> {
            scaled[half] = Arrays.copyOfRange(sums[half], first, basis.size());
            down.converter.overflow(scaled[half], overflow[half]);
        });
        double[][][] out = new double[2][first][];
        inGroups(2 * first, (from, to) -> {
            double[][] low = pool.take(to - from);
            convert(down, scaled, overflow, from, to, low);
            for (int j = from; j < to; j++) {
                int half = j / first;
                int i = j % first;
                double p = basis.modulus(i).p();
                double[] sum = sums[half][i];
                double[] x = low[j - from];
                if (before.length > 0) {
                    k.multiplyScalarAdd(sum, before[half].limb(i), t.p[i], p);
                }
                basis.ntt(i).forward(x);
                double[] r = pool.take();
                double[] target = galois == null ? r : x;
                k.subtractMultiplyScalar(target, sum, x, down.inverse[i], p);
                RnsPoly add = half == 0 ? add0 : add1;
                if (add != null) {
                    k.add(target, target, add.limb(i), p);
                }
                if (galois != null) {
                    galois.permute(r, x);
                }
                out[half][i] = r;
            }
            pool.give(low);
        });
        pool.give(overflow);
        RnsPoly[] result = new RnsPoly[2];
        for (int half = 0; half < 2; half++) {
            pool.give(sums[half]);
            result[half] = RnsPoly.wrap(parameters.qAt(first - 1), out[half], true);
        }
        return result;
    }

    /** Limbs of both halves, numbered through, converted to primes below down.first. */
    private static void convert(
            LevelTables.Down down, double[][][] scaled, double[][] overflow, int from, int to, double[][] low) {
        for (int start = from; start < to; ) {
            int half = start / down.first;
            int end = Math.min(to, (half + 1) * down.first);
            int[] targets = new int[end - start];
            double[][] out = new double[end - start][];
            for (int j = start; j < end; j++) {
                targets[j - start] = j % down.first;
                out[j - start] = low[j - from];
            }
            down.converter.convert(scaled[half], overflow[half], targets, out);
            start = end;
        }
    }

    /**
     * Divides by the level's last prime, rounding each coefficient to the nearest integer. Cost: one inverse and level
     * forward transforms.
     *
     * @param c values in NTT order; not changed
     * @return one level lower
     * @throws LevelExhaustedException at level 0
     */
    public RnsPoly rescale(RnsPoly c) {
        RnsPoly result = RnsPoly.zero(parameters.qAt(Math.max(0, c.size() - 2)), true);
        rescale(new RnsPoly[] {c}, new RnsPoly[] {result});
        return result;
    }

    /**
     * Divides polynomials of one level by its last prime.
     *
     * @param c values in NTT order; not changed, unless they share limbs with the results
     * @param results one level lower; may share the lower limbs of {@code c}
     * @throws LevelExhaustedException at level 0
     */
    public void rescale(RnsPoly[] c, RnsPoly[] results) {
        int level = c[0].size() - 1;
        requireRescalable(level);
        LevelTables t = tables(level);
        RnsBasis basis = parameters.qAt(level);
        LimbPool pool = LimbPool.of(basis.n());
        double[][] top = pool.take(c.length);
        PolyKernels k = Kernels.get();
        Workers.forEach(c.length, j -> {
            System.arraycopy(c[j].limb(level), 0, top[j], 0, basis.n());
            basis.ntt(level).inverse(top[j]);
        });
        double half = Math.rint(basis.modulus(level).p() / 2);
        Workers.forEach(c.length * level, job -> {
            int j = job / level;
            int i = job % level;
            double p = basis.modulus(i).p();
            double[] x = pool.take();
            if (half <= p) {
                System.arraycopy(top[j], 0, x, 0, x.length);
            } else {
                k.reduce(x, top[j], p);
            }
            basis.ntt(i).forward(x);
            k.subtractMultiplyScalar(results[j].limb(i), c[j].limb(i), x, t.topInverse[i], p);
            pool.give(x);
        });
        pool.give(top);
    }
}
