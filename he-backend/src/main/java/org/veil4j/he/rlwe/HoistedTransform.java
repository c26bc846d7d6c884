package org.veil4j.he.rlwe;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.Galois;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * Linear transforms of slots by their diagonals, hoisted twice (Bossuat, Mouchet, Troncoso-Pastoriza and Hubaux, ePrint
 * 2020/1203): an output is the sum over giant steps g of rotate(sum of factor * rotate(input, baby), g). An input is
 * decomposed once for all its rotations; those stay modulo Q P, as do the sums of products; a giant step divides only one half
 * by P; and one division by P and the level's last prime, with one rounding, ends it all. Immutable and shareable; scratch
 * comes from a pool.
 *
 * <p>Cost at L primes, D digits and K special primes, for b babies, t terms and g giants (each other than 0): an input's
 * decomposition, D (L + K) transforms; 2 b D (L + K) modular products; 2 t (L + K); g (K + L + D (L + K)) transforms and 2 g D (L + K)
 * products; 2 (L + K) transforms an output. Factors kept as coefficients take t (L + K) transforms more.
 */
public final class HoistedTransform {
    /** Factors that are transformed before they are used together. */
    private static final int MAX_FACTORS = 32;

    private final RlweParameters parameters;
    private final KeySwitcher switcher;

    /** Transforms with tables of their own. */
    public HoistedTransform(RlweParameters parameters) {
        this(new KeySwitcher(parameters));
    }

    /** Transforms that share a key switcher's tables. */
    public HoistedTransform(KeySwitcher switcher) {
        this.parameters = switcher.parameters();
        this.switcher = switcher;
    }

    /**
     * One product: factor * rotate(inputs[input], baby).
     *
     * @param input place in the list of inputs
     * @param baby steps to the left, any number, taken modulo N/2; 0 needs no key
     * @param factor already rotated to the right by the giant's steps
     */
    public record Term(int input, int baby, PlainDiagonal factor) {}

    /**
     * The sum of some products, rotated.
     *
     * @param steps to the left, any number, taken modulo N/2; 0 needs no key
     * @param terms may be empty, then it adds nothing
     */
    public record Giant(int steps, List<Term> terms) {
        /** Copies the list. */
        public Giant {
            terms = List.copyOf(terms);
        }
    }

    /**
     * Computes, for each output, the sum over its giants of rotate(sum over terms of factor * rotate(inputs[input], baby),
     * steps), divided by the level's last prime.
     *
     * @param inputs of degree 1 and one level, at least 1
     * @param outputs what is to be summed up for each; at least one term each
     * @param keys with all rotations that are used, at the inputs' level
     * @param resultScale the scale of the results: input scale times factor scale over the level's last prime
     * @return as many ciphertexts as outputs, one level below the inputs
     * @throws MissingEvaluationKeyException when a rotation has no key
     * @throws LevelExhaustedException when the inputs are at level 0, or a factor is kept for lower levels only
     * @throws ParameterMismatchException when something belongs to other parameters
     */
    public List<Ciphertext> apply(
            List<Ciphertext> inputs, List<List<Giant>> outputs, EvaluationKeys keys, double resultScale) {
        Ciphertext.requireScale(resultScale);
        TransformPlan plan = TransformPlan.of(parameters, inputs, outputs, keys);
        double[][][][] sums = innerSums(plan);
        RnsPoly[][] results = new RnsPoly[outputs.size()][];
        LevelTables.Down down = switcher.tables(plan.level).byPAndTop.get(0);
        for (int o = 0; o < results.length; o++) {
            double[][][] total = null;
            for (int s = 0; s < sums.length; s++) {
                if (plan.sums.get(s).output() == o) {
                    total = add(plan, total, rotated(plan, plan.sums.get(s), sums[s]));
                }
            }
            if (total == null) {
                throw new AssertionError("the plan has a sum for each output");
            }
            results[o] = switcher.modDown(plan.level, total, down, new RnsPoly[] {}, null, null, null);
        }
        return Arrays.stream(results)
                .map(parts -> new Ciphertext(parameters, parts, resultScale, null))
                .toList();
    }

    /**
     * An upper bound of the memory that {@link #apply} borrows at one time, results not counted.
     *
     * @param level of the inputs
     * @param inputs how many inputs are rotated
     * @param babies how many rotated inputs, each input and step once
     * @param giants how many giant steps, those of step 0 included, over all outputs
     * @param threads how many threads it may use
     */
    public static long scratchBytes(
            RlweParameters parameters, int level, int inputs, int babies, int giants, int threads) {
        long primes = parameters.qpAt(level).size();
        long digits = parameters.digitsAt(level) * primes;
        long inner = inputs * digits + (level + 1) + threads * (2L * babies + MAX_FACTORS + 3);
        long steps = digits + 2L * (level + 1) + threads;
        return (2L * giants * primes + Math.max(inner, steps)) * parameters.n() * Double.BYTES;
    }

    /** For each sum of the plan: two halves modulo Q P, borrowed from the pool. */
    private double[][][][] innerSums(TransformPlan plan) {
        KeySwitcher.@Nullable Decomposition[] digits = new KeySwitcher.@Nullable Decomposition[plan.inputs.size()];
        for (TransformPlan.Baby baby : plan.babies) {
            if (baby.key() != null && digits[baby.input()] == null) {
                digits[baby.input()] =
                        switcher.decompose(plan.inputs.get(baby.input()).part(1));
            }
        }
        int limbs = parameters.qpAt(plan.level).size();
        double[][][][] sums = new double[plan.sums.size()][2][limbs][];
        Workers.forEach(limbs, i -> innerSums(plan, digits, sums, i));
        for (KeySwitcher.Decomposition d : digits) {
            if (d != null) {
                d.close();
            }
        }
        return sums;
    }

    private void innerSums(
            TransformPlan plan, KeySwitcher.@Nullable Decomposition[] digits, double[][][][] sums, int i) {
        LimbPool pool = LimbPool.of(parameters.n());
        PolyKernels k = Kernels.get();
        double p = parameters.qpAt(plan.level).modulus(i).p();
        double[][][] babies = new double[2][plan.babies.size()][];
        double[] scratch = pool.take();
        for (int b = 0; b < plan.babies.size(); b++) {
            TransformPlan.Baby baby = plan.babies.get(b);
            babies[0][b] = pool.take();
            babies[1][b] = pool.take();
            rotate(plan, baby, digits[baby.input()], i, babies[0][b], babies[1][b], scratch);
        }
        double[][] owned = pool.take(MAX_FACTORS);
        for (int s = 0; s < sums.length; s++) {
            double[][] sum = {pool.take(), pool.take()};
            List<TransformPlan.Product> products = plan.sums.get(s).products();
            for (int from = 0; from < products.size(); from += MAX_FACTORS) {
                int terms = Math.min(MAX_FACTORS, products.size() - from);
                double[][] factors = new double[terms][];
                double[][][] rotations = new double[2][terms][];
                for (int t = 0; t < terms; t++) {
                    TransformPlan.Product product = products.get(from + t);
                    factors[t] = product.factor().residues(plan.level, i, owned[t]);
                    rotations[0][t] = babies[0][product.baby()];
                    rotations[1][t] = babies[1][product.baby()];
                }
                for (int half = 0; half < 2; half++) {
                    double[] r = from == 0 ? sum[half] : scratch;
                    k.dot(r, rotations[half], factors, terms, p);
                    if (from > 0) {
                        k.add(sum[half], sum[half], r, p);
                    }
                }
            }
            sums[s][0][i] = sum[0];
            sums[s][1][i] = sum[1];
        }
        pool.give(owned);
        pool.give(scratch);
        pool.give(babies[0]);
        pool.give(babies[1]);
    }

    /** One limb of P times a rotated input, modulo Q P. */
    private void rotate(
            TransformPlan plan,
            TransformPlan.Baby baby,
            KeySwitcher.@Nullable Decomposition digits,
            int i,
            double[] r0,
            double[] r1,
            double[] scratch) {
        PolyKernels k = Kernels.get();
        int level = plan.level;
        RnsBasis basis = parameters.qpAt(level);
        double p = basis.modulus(i).p();
        double[] specials = switcher.tables(level).p;
        Ciphertext input = plan.inputs.get(baby.input());
        KeySwitchKey key = baby.key();
        if (key == null || digits == null) {
            if (i <= level) {
                k.multiplyScalar(r0, input.part(0).limb(i), specials[i], p);
                k.multiplyScalar(r1, input.part(1).limb(i), specials[i], p);
            } else {
                Arrays.fill(r0, 0.0);
                Arrays.fill(r1, 0.0);
            }
            return;
        }
        double[][] row = digits.row(i);
        Galois galois = Galois.rotation(parameters.logN(), baby.steps());
        k.dot(scratch, row, key.b(i, level), row.length, p);
        if (i <= level) {
            k.multiplyScalarAdd(scratch, input.part(0).limb(i), specials[i], p);
        }
        galois.permute(r0, scratch);
        k.dot(scratch, row, key.a(i, level), row.length, p);
        galois.permute(r1, scratch);
    }

    /** Rotates a sum modulo Q P, in place: its second half is divided by P and switched. */
    private double[][][] rotated(TransformPlan plan, TransformPlan.Sum sum, double[][][] x) {
        KeySwitchKey key = sum.key();
        if (key == null) {
            return x;
        }
        int level = plan.level;
        RnsBasis basis = parameters.qpAt(level);
        LimbPool pool = LimbPool.of(basis.n());
        PolyKernels k = Kernels.get();
        Galois galois = Galois.rotation(parameters.logN(), sum.steps());
        double[][] quotient = divideByP(level, x[1]);
        try (KeySwitcher.Decomposition digits =
                switcher.decompose(RnsPoly.wrap(parameters.qAt(level), quotient, true))) {
            Workers.forEach(basis.size(), i -> {
                double p = basis.modulus(i).p();
                double[] u = pool.take();
                double[][] row = digits.row(i);
                k.dot(u, row, key.b(i, level), row.length, p);
                k.add(u, u, x[0][i], p);
                galois.permute(x[0][i], u);
                k.dot(u, row, key.a(i, level), row.length, p);
                galois.permute(x[1][i], u);
                pool.give(u);
            });
        }
        pool.give(quotient);
        return x;
    }

    private double[][] divideByP(int level, double[][] x) {
        RnsBasis basis = parameters.qpAt(level);
        LevelTables.Down down = switcher.tables(level).byP;
        LimbPool pool = LimbPool.of(basis.n());
        PolyKernels k = Kernels.get();
        double[][] high = Arrays.copyOfRange(x, down.first, basis.size());
        Workers.forEach(high.length, j -> basis.ntt(down.first + j).inverse(high[j]));
        double[][] low = pool.take(down.first);
        down.converter.convert(high, low);
        Workers.forEach(down.first, i -> {
            basis.ntt(i).forward(low[i]);
            k.subtractMultiplyScalar(
                    low[i], x[i], low[i], down.inverse[i], basis.modulus(i).p());
        });
        return low;
    }

    /** Adds x to the total and gives it to the pool, or is it. */
    private double[][][] add(TransformPlan plan, double @Nullable [][][] total, double[][][] x) {
        if (total == null) {
            return x;
        }
        RnsBasis basis = parameters.qpAt(plan.level);
        PolyKernels k = Kernels.get();
        int limbs = basis.size();
        Workers.forEach(2 * limbs, j -> {
            double[] r = total[j / limbs][j % limbs];
            k.add(r, r, x[j / limbs][j % limbs], basis.modulus(j % limbs).p());
        });
        LimbPool pool = LimbPool.of(basis.n());
        pool.give(x[0]);
        pool.give(x[1]);
        return total;
    }

    @Override
    public String toString() {
        return "HoistedTransform[" + parameters + "]";
    }
}
