package org.veil4j.he.rlwe;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.Galois;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * Ciphertexts modulo Q P, that is P times what they stand for, at one level: rotated and relinearised in place, added up, and
 * divided at the end. Each is an array of parts, each part an array of limbs from the pool.
 */
final class LiftedSums {
    private final KeySwitcher switcher;
    private final int level;
    private final RlweParameters parameters;
    private final RnsBasis basis;
    private final LimbPool pool;
    private final PolyKernels kernels = Kernels.get();

    LiftedSums(KeySwitcher switcher, int level) {
        this.switcher = switcher;
        this.level = level;
        this.parameters = switcher.parameters();
        this.basis = parameters.qpAt(level);
        this.pool = LimbPool.of(parameters.n());
    }

    /** How many arrays of N {@link #rotate} and {@link #relinearize} borrow. */
    static long arrays(RlweParameters parameters, int level, int threads) {
        long digits = (long) parameters.digitsAt(level) * parameters.qpAt(level).size();
        return digits + 2L * (level + 1) + 2L * threads + 1;
    }

    /** Rotates two parts: the second is divided by P and switched, the first only permuted. */
    void rotate(double[][][] x, KeySwitchKey key, Galois galois) {
        double[][] quotient = divideByP(x[1]);
        try (KeySwitcher.Decomposition digits = decompose(quotient)) {
            Workers.forEach(basis.size(), i -> {
                double[] u0 = pool.take();
                double[] u1 = pool.take();
                multiply(digits, key, i, u0, u1, x[0][i], null);
                galois.permute(x[0][i], u0);
                galois.permute(x[1][i], u1);
                pool.give(u0);
                pool.give(u1);
            });
        }
        pool.give(quotient);
    }

    /** Brings three parts to two; the third goes back to the pool. */
    double[][][] relinearize(double[][][] x, KeySwitchKey key) {
        double[][] quotient = divideByP(x[2]);
        pool.give(x[2]);
        try (KeySwitcher.Decomposition digits = decompose(quotient)) {
            Workers.forEach(basis.size(), i -> multiply(digits, key, i, x[0][i], x[1][i], x[0][i], x[1][i]));
        }
        pool.give(quotient);
        return new double[][][] {x[0], x[1]};
    }

    private KeySwitcher.Decomposition decompose(double[][] quotient) {
        return switcher.decompose(RnsPoly.wrap(parameters.qAt(level), quotient, true));
    }

    private void multiply(
            KeySwitcher.Decomposition digits,
            KeySwitchKey key,
            int i,
            double[] r0,
            double[] r1,
            double @Nullable [] add0,
            double @Nullable [] add1) {
        double[][] row = digits.row(i);
        double p = basis.modulus(i).p();
        kernels.dotPair(r0, r1, add0, add1, row, key.b(i, level), key.a(i, level), row.length, 0, parameters.n(), p);
    }

    private double[][] divideByP(double[][] x) {
        LevelTables.Down down = switcher.tables(level).byP;
        double[][] high = Arrays.copyOfRange(x, down.first, basis.size());
        Workers.forEach(high.length, j -> {
            basis.ntt(down.first + j).inverse(high[j]);
            down.converter.scale(j, high[j]);
        });
        double[] overflow = pool.take();
        down.converter.overflow(high, overflow);
        double[][] low = pool.take(down.first);
        KeySwitcher.inGroups(down.first, (from, to) -> {
            int[] targets = new int[to - from];
            Arrays.setAll(targets, j -> from + j);
            down.converter.convert(high, overflow, targets, Arrays.copyOfRange(low, from, to));
            for (int i = from; i < to; i++) {
                double p = basis.modulus(i).p();
                basis.ntt(i).forward(low[i]);
                kernels.subtractMultiplyScalar(low[i], x[i], low[i], down.inverse[i], p);
            }
        });
        pool.give(overflow);
        return low;
    }

    /** Adds x to the total and gives it to the pool, or is it. */
    double[][][] add(double @Nullable [][][] total, double[][][] x) {
        if (total == null) {
            return x;
        }
        int limbs = basis.size();
        Workers.forEach(total.length * limbs, j -> {
            double[] r = total[j / limbs][j % limbs];
            kernels.add(r, r, x[j / limbs][j % limbs], basis.modulus(j % limbs).p());
        });
        for (double[][] part : x) {
            pool.give(part);
        }
        return total;
    }

    /** Divides two parts by P and the level's last prime, with one rounding; they go back to the pool. */
    RnsPoly[] divide(double[][][] x) {
        LevelTables.Down down = switcher.tables(level).byPAndTop.get(0);
        return switcher.modDown(level, x, down, new RnsPoly[] {}, null, null, null);
    }
}
