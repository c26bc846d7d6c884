package org.veil4j.he.rlwe;

import java.util.Arrays;
import java.util.List;

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
     * @param factor already rotated to the right by all steps that its sum will be rotated by
     */
    public record Term(int input, int baby, PlainDiagonal factor) {}

    /**
     * Products that are added to an output's total, which is then rotated. Giants of an output are nested: what was added earlier is
     * rotated by all later steps too, so that equal distances between giants need one key.
     *
     * @param steps to the left, any number, taken modulo N/2; 0 needs no key
     * @param terms may be empty
     */
    public record Giant(int steps, List<Term> terms) {
        /** Copies the list. */
        public Giant {
            terms = List.copyOf(terms);
        }
    }

    /**
     * Computes each output: from zero, giant by giant, total = rotate(total + sum over terms of factor * rotate(inputs[input],
     * baby), steps); then divided by the level's last prime.
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
        TransformPlan<PlainDiagonal> plan = new TransformPlan<>(parameters, inputs, keys);
        for (int o = 0; o < outputs.size(); o++) {
            for (Giant giant : outputs.get(o)) {
                TransformPlan.Sum<PlainDiagonal> sum = plan.giant(o, giant.steps());
                for (Term term : giant.terms()) {
                    plan.add(sum, term.input(), term.baby(), term.factor());
                }
            }
        }
        plan.requireOutputs(outputs.size());
        double[][][][] sums = new PlainSums(switcher, plan).compute();
        LiftedSums lifted = new LiftedSums(switcher, plan.level);
        double[][][][] totals = new double[outputs.size()][][][];
        for (int s = 0; s < sums.length; s++) {
            TransformPlan.Sum<PlainDiagonal> sum = plan.sums.get(s);
            totals[sum.output()] = lifted.add(totals[sum.output()], sums[s]);
            plan.rotate(lifted, totals[sum.output()], s);
        }
        return Arrays.stream(totals)
                .map(total -> new Ciphertext(parameters, lifted.divide(total), resultScale, null))
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
        long inner = inputs * (long) parameters.digitsAt(level) * primes
                + (level + 1)
                + threads * (2L * babies + DiagonalSums.MAX_MADE + RotatedInputs.MORE_ARRAYS + inputs);
        long most = Math.max(inner, LiftedSums.arrays(parameters, level, threads));
        return (2L * giants * primes + most) * parameters.n() * Double.BYTES;
    }

    @Override
    public String toString() {
        return "HoistedTransform[" + parameters + "]";
    }
}
