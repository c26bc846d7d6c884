package org.veil4j.he.rlwe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.Galois;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * The part of a {@link HoistedTransform} before its giant steps, limb by limb: all rotations of the inputs, P times, and the
 * sums of their products with the factors. Factors kept as coefficients are transformed some at a time. Products are summed up by
 * blocks of slots, so that a block of all rotations stays in the cache while each factor is read once.
 */
final class InnerSums {
    /** Factors that are transformed before they are used together. */
    static final int MAX_FACTORS = 32;

    /** Arrays that one limb borrows besides rotations and factors: two products with a key, and P times the inputs. */
    static final int MORE_ARRAYS = 2;

    /** Residues of rotations that are used together: half of a usual L2 cache. */
    private static final int CACHED = 1 << 16;

    /** Shorter blocks are slower, for memory is read fastest in long runs. */
    private static final int MIN_BLOCK = 2048;

    private static final int MAX_BLOCK = 8192;

    /** Most products in one call of the kernel. */
    private static final int MAX_TERMS = 1 << 10;

    /** Stands for zero: a multiple of P modulo one of its primes. */
    private static final double[] ZERO = {};

    private final RlweParameters parameters;
    private final KeySwitcher switcher;
    private final TransformPlan plan;
    private final LimbPool pool;
    private final PolyKernels kernels = Kernels.get();

    InnerSums(KeySwitcher switcher, TransformPlan plan) {
        this.parameters = switcher.parameters();
        this.switcher = switcher;
        this.plan = plan;
        this.pool = LimbPool.of(parameters.n());
    }

    /** For each sum of the plan: two halves modulo Q P, borrowed from the pool. */
    double[][][][] compute() {
        KeySwitcher.@Nullable Decomposition[] digits = new KeySwitcher.@Nullable Decomposition[plan.inputs.size()];
        for (TransformPlan.Baby baby : plan.babies) {
            if (baby.key() != null && digits[baby.input()] == null) {
                digits[baby.input()] =
                        switcher.decompose(plan.inputs.get(baby.input()).part(1));
            }
        }
        int limbs = parameters.qpAt(plan.level).size();
        double[][][][] sums = new double[plan.sums.size()][2][limbs][];
        Workers.forEach(limbs, i -> {
            for (double[][][] sum : sums) {
                sum[0][i] = pool.take();
                sum[1][i] = pool.take();
            }
            double[][][] babies = babies(digits, i);
            products(babies, sums, i);
            give(babies[0]);
            give(babies[1]);
        });
        for (KeySwitcher.Decomposition d : digits) {
            if (d != null) {
                d.close();
            }
        }
        return sums;
    }

    private void give(double[][] arrays) {
        for (double[] array : arrays) {
            if (array != ZERO) {
                pool.give(array);
            }
        }
    }

    private double p(int i) {
        return parameters.qpAt(plan.level).modulus(i).p();
    }

    /** One limb of P times each rotated input, by half. */
    private double[][][] babies(KeySwitcher.@Nullable Decomposition[] digits, int i) {
        double[][][] babies = new double[2][plan.babies.size()][];
        double[] u0 = pool.take();
        double[] u1 = pool.take();
        double[][] lifted = new double[plan.inputs.size()][];
        Arrays.fill(lifted, ZERO);
        for (int b = 0; b < babies[0].length; b++) {
            TransformPlan.Baby baby = plan.babies.get(b);
            int input = baby.input();
            KeySwitchKey key = baby.key();
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
            kernels.dotPair(u0, u1, add, null, row, k0, k1, row.length, 0, u0.length, p(i));
            Galois galois = baby.galois();
            babies[0][b] = pool.take();
            babies[1][b] = pool.take();
            galois.permute(babies[0][b], u0);
            galois.permute(babies[1][b], u1);
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
        kernels.multiplyScalar(r, c, switcher.tables(plan.level).p[i], p(i));
        return r;
    }

    private void products(double[][][] babies, double[][][][] sums, int i) {
        double[][] scratch = {};
        int transformed = 0;
        List<Piece> pieces = new ArrayList<>();
        for (int s = 0; s < sums.length; s++) {
            Piece piece = new Piece(sums[s][0][i], sums[s][1][i], false);
            for (TransformPlan.Product product : plan.sums.get(s).products()) {
                if (babies[0][product.baby()] == ZERO) {
                    continue;
                }
                PlainDiagonal factor = product.factor();
                boolean full = !factor.isTransformed() && transformed == MAX_FACTORS;
                if (full || piece.factors.size() == MAX_TERMS) {
                    pieces.add(piece);
                    piece = piece.next();
                }
                if (full) {
                    sum(pieces, p(i));
                    pieces.clear();
                    transformed = 0;
                }
                double[] own = ZERO;
                if (!factor.isTransformed()) {
                    if (scratch.length == transformed) {
                        scratch = Arrays.copyOf(scratch, transformed + 1);
                        scratch[transformed] = pool.take();
                    }
                    own = scratch[transformed++];
                }
                piece.factors.add(factor.residues(plan.level, i, own));
                piece.rotated0.add(babies[0][product.baby()]);
                piece.rotated1.add(babies[1][product.baby()]);
            }
            pieces.add(piece);
        }
        sum(pieces, p(i));
        pool.give(scratch);
    }

    /** Products of one sum that are added up in one go. */
    private static final class Piece {
        private final double[] sum0;
        private final double[] sum1;
        private final boolean started;
        private final List<double[]> factors = new ArrayList<>();
        private final List<double[]> rotated0 = new ArrayList<>();
        private final List<double[]> rotated1 = new ArrayList<>();

        Piece(double[] sum0, double[] sum1, boolean started) {
            this.sum0 = sum0;
            this.sum1 = sum1;
            this.started = started;
        }

        /** What comes after this one in the same sum. */
        Piece next() {
            return new Piece(sum0, sum1, started || !factors.isEmpty());
        }
    }

    private void sum(List<Piece> pieces, double p) {
        int terms = 1;
        double[][][] factors = new double[pieces.size()][][];
        double[][][] rotated0 = new double[pieces.size()][][];
        double[][][] rotated1 = new double[pieces.size()][][];
        for (int j = 0; j < factors.length; j++) {
            factors[j] = pieces.get(j).factors.toArray(new double[0][]);
            rotated0[j] = pieces.get(j).rotated0.toArray(new double[0][]);
            rotated1[j] = pieces.get(j).rotated1.toArray(new double[0][]);
            terms += factors[j].length;
        }
        int fitting = Integer.highestOneBit(CACHED / (2 * Math.min(terms, plan.babies.size())) | 1);
        int block = Math.max(MIN_BLOCK, Math.min(MAX_BLOCK, fitting));
        int n = parameters.n();
        for (int from = 0; from < n; from += block) {
            int to = Math.min(n, from + block);
            for (int j = 0; j < factors.length; j++) {
                double[] r0 = pieces.get(j).sum0;
                double[] r1 = pieces.get(j).sum1;
                boolean started = pieces.get(j).started;
                double[] add0 = started ? r0 : null;
                double[] add1 = started ? r1 : null;
                int count = factors[j].length;
                if (count > 0) {
                    kernels.dotPair(r0, r1, add0, add1, factors[j], rotated0[j], rotated1[j], count, from, to, p);
                } else if (!started) {
                    Arrays.fill(r0, from, to, 0.0);
                    Arrays.fill(r1, from, to, 0.0);
                }
            }
        }
    }
}
