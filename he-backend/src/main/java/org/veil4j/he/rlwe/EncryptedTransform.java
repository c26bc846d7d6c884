package org.veil4j.he.rlwe;

import java.util.Arrays;
import java.util.List;

/**
 * Linear transforms of slots by encrypted diagonals, hoisted as those of {@link HoistedTransform}. Rotated inputs and factors
 * meet modulo Q P, so that no rotation is divided by P before a product; a giant step relinearises once, adds that up modulo Q P
 * as well, and then rotates. Immutable and shareable; scratch comes from a pool.
 *
 * <p>Cost: as there, with 4 products a term and limb in place of 2, and two key switches a giant step in place of one (one for
 * step 0). Noise: as there, and in each term the factor's own, of standard deviation 3.2 a coefficient, times the input.
 */
public final class EncryptedTransform {
    private final RlweParameters parameters;
    private final KeySwitcher switcher;

    /** Transforms with tables of their own. */
    public EncryptedTransform(RlweParameters parameters) {
        this(new KeySwitcher(parameters));
    }

    /** Transforms that share a key switcher's tables. */
    public EncryptedTransform(KeySwitcher switcher) {
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
    public record Term(int input, int baby, CipherDiagonal factor) {}

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
     * baby), steps); then divided by the level's last prime with one rounding.
     *
     * @param inputs of degree 1 and one level, at least 1
     * @param outputs what is to be summed up for each; at least one term each
     * @param keys with the relinearisation key and all rotations that are used, at the inputs' level
     * @param resultScale the scale of the results: input scale times factor scale over the level's last prime
     * @return as many ciphertexts of degree 1 as outputs, one level below the inputs
     * @throws MissingEvaluationKeyException when a key is missing
     * @throws LevelExhaustedException when the inputs are at level 0, or a factor is for lower levels only
     * @throws ParameterMismatchException when something belongs to other parameters
     */
    public List<Ciphertext> apply(
            List<Ciphertext> inputs, List<List<Giant>> outputs, EvaluationKeys keys, double resultScale) {
        Ciphertext.requireScale(resultScale);
        TransformPlan<CipherDiagonal> plan = new TransformPlan<>(parameters, inputs, keys);
        for (int o = 0; o < outputs.size(); o++) {
            for (Giant giant : outputs.get(o)) {
                TransformPlan.Sum<CipherDiagonal> sum = plan.giant(o, giant.steps());
                for (Term term : giant.terms()) {
                    plan.add(sum, term.input(), term.baby(), term.factor());
                }
            }
        }
        plan.requireOutputs(outputs.size());
        KeySwitchKey relinearization = keys.relinearization(plan.level);
        double[][][][] sums = new CipherSums(switcher, plan).compute();
        LiftedSums lifted = new LiftedSums(switcher, plan.level);
        double[][][][] totals = new double[outputs.size()][][][];
        for (int s = 0; s < sums.length; s++) {
            TransformPlan.Sum<CipherDiagonal> sum = plan.sums.get(s);
            double[][][] x = lifted.relinearize(sums[s], relinearization);
            totals[sum.output()] = lifted.add(totals[sum.output()], x);
            plan.rotate(lifted, totals[sum.output()], s);
        }
        return Arrays.stream(totals)
                .map(total -> new Ciphertext(parameters, lifted.divide(total), resultScale, null))
                .toList();
    }

    /**
     * An upper bound of the memory that {@link #apply} borrows at one time, results not counted; as
     * {@link HoistedTransform#scratchBytes}.
     */
    public static long scratchBytes(
            RlweParameters parameters, int level, int inputs, int babies, int giants, int threads) {
        long more = (long) giants * parameters.qpAt(level).size() * parameters.n() * Double.BYTES;
        return HoistedTransform.scratchBytes(parameters, level, inputs, babies, giants, threads) + more;
    }

    @Override
    public String toString() {
        return "EncryptedTransform[" + parameters + "]";
    }
}
