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
        double[][][][] sums = new InnerSums(switcher, plan).compute();
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
        long inner = inputs * digits
                + (level + 1)
                + threads * (2L * babies + InnerSums.MAX_FACTORS + InnerSums.MORE_ARRAYS + inputs);
        long steps = digits + 2L * (level + 1) + 2L * threads;
        return (2L * giants * primes + Math.max(inner, steps)) * parameters.n() * Double.BYTES;
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
        Galois galois = sum.galois();
        double[][] quotient = divideByP(level, x[1]);
        try (KeySwitcher.Decomposition digits =
                switcher.decompose(RnsPoly.wrap(parameters.qAt(level), quotient, true))) {
            Workers.forEach(basis.size(), i -> {
                double p = basis.modulus(i).p();
                double[][] u = pool.take(2);
                double[][] row = digits.row(i);
                double[][] k0 = key.b(i, level);
                double[][] k1 = key.a(i, level);
                k.dotPair(u[0], u[1], x[0][i], null, row, k0, k1, row.length, 0, u[0].length, p);
                galois.permute(x[0][i], u[0]);
                galois.permute(x[1][i], u[1]);
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
