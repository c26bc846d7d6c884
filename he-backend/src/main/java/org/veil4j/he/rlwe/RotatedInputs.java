package org.veil4j.he.rlwe;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/** The rotations of a transform's inputs, P times and modulo Q P, a limb at a time; inputs are decomposed once. */
final class RotatedInputs implements AutoCloseable {
    /** Arrays of N that a limb borrows for itself, besides one an input. */
    static final int MORE_ARRAYS = 2;

    /** Stands for zero: a multiple of P modulo one of its primes. */
    static final double[] ZERO = {};

    private final RlweParameters parameters;
    private final KeySwitcher switcher;
    private final TransformPlan<?> plan;
    private final LimbPool pool;
    private final PolyKernels kernels = Kernels.get();
    private final KeySwitcher.@Nullable Decomposition[] digits;
    /** Of the babies; let go when this is closed. */
    private final @Nullable KeySwitchKey[] keys;

    /** Decomposes the inputs that are rotated. */
    RotatedInputs(KeySwitcher switcher, TransformPlan<?> plan) {
        this.parameters = switcher.parameters();
        this.switcher = switcher;
        this.plan = plan;
        this.pool = LimbPool.of(parameters.n());
        keys = plan.babyKeys();
        digits = new KeySwitcher.@Nullable Decomposition[plan.inputs.size()];
        for (TransformPlan.Baby baby : plan.babies) {
            if (baby.steps() != 0 && digits[baby.input()] == null) {
                digits[baby.input()] =
                        switcher.decompose(plan.inputs.get(baby.input()).part(1));
            }
        }
    }

    @Override
    public void close() {
        for (KeySwitcher.Decomposition d : digits) {
            if (d != null) {
                d.close();
            }
        }
        Arrays.fill(keys, null);
    }

    /** One limb of all rotations, by half; give it back. */
    double[][][] limb(int i) {
        double p = parameters.qpAt(plan.level).modulus(i).p();
        double[][][] babies = new double[2][plan.babies.size()][];
        double[] u0 = pool.take();
        double[] u1 = pool.take();
        double[][] lifted = new double[plan.inputs.size()][];
        Arrays.fill(lifted, ZERO);
        for (int b = 0; b < babies[0].length; b++) {
            TransformPlan.Baby baby = plan.babies.get(b);
            int input = baby.input();
            KeySwitchKey key = keys[b];
            KeySwitcher.Decomposition d = digits[input];
            if (key == null || d == null) {
                babies[0][b] = lifted(input, 0, i);
                babies[1][b] = lifted(input, 1, i);
                continue;
            }
            if (lifted[input] == ZERO) {
                lifted[input] = lifted(input, 0, i);
            }
            double[] add = lifted[input] == ZERO ? null : lifted[input];
            double[][] row = d.row(i);
            double[][] k0 = key.b(i, plan.level);
            double[][] k1 = key.a(i, plan.level);
            kernels.dotPair(u0, u1, add, null, row, k0, k1, row.length, 0, u0.length, p);
            babies[0][b] = pool.take();
            babies[1][b] = pool.take();
            baby.galois().permute(babies[0][b], u0);
            baby.galois().permute(babies[1][b], u1);
        }
        give(lifted);
        pool.give(u0);
        pool.give(u1);
        return babies;
    }

    /** One limb of P times a part of an input. */
    private double[] lifted(int input, int part, int i) {
        if (i > plan.level) {
            return ZERO;
        }
        double[] r = pool.take();
        double[] c = plan.inputs.get(input).part(part).limb(i);
        double p = parameters.qpAt(plan.level).modulus(i).p();
        kernels.multiplyScalar(r, c, switcher.tables(plan.level).p[i], p);
        return r;
    }

    /** Gives a limb's memory back. */
    void give(double[][][] babies) {
        give(babies[0]);
        give(babies[1]);
    }

    private void give(double[][] arrays) {
        for (double[] array : arrays) {
            if (array != ZERO) {
                pool.give(array);
            }
        }
    }

    /** How many slots to take at once, so that they fit half of a usual L2 cache for so many arrays; at most N. */
    static int block(int n, int arrays) {
        int fitting = Integer.highestOneBit((1 << 16) / Math.max(1, arrays) | 1);
        // Shorter blocks are slower, for memory is read fastest in long runs.
        return Math.min(n, Math.max(1 << 11, Math.min(1 << 13, fitting)));
    }
}
