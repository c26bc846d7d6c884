package org.veil4j.he.rlwe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.Galois;

/**
 * What a transform by diagonals has to do, checked: each rotation of an input once.
 *
 * @param <F> what inputs are multiplied by
 */
final class TransformPlan<F extends Diagonal> {
    /** A rotated input. */
    record Baby(int input, int steps, Galois galois) {}

    /** A factor times a rotated input, by its place among the babies. */
    record Product<F>(int baby, F factor) {}

    /** Products that are added to an output's total, which is then rotated. */
    record Sum<F>(int output, int steps, List<Product<F>> products) {}

    private record Rotation(int input, int steps) {}

    /** Giant steps whose keys are asked for ahead of their use. */
    private static final int GIANTS_AHEAD = 1;

    final List<Ciphertext> inputs;
    final int level;
    final List<Baby> babies = new ArrayList<>();
    /** Those of an output in the order in which they are added up. */
    final List<Sum<F>> sums = new ArrayList<>();

    private final RlweParameters parameters;
    private final EvaluationKeys keys;
    private final Map<Rotation, Integer> places = new LinkedHashMap<>();

    /** A plan without products. */
    TransformPlan(RlweParameters parameters, List<Ciphertext> inputs, EvaluationKeys keys) {
        parameters.requireSame("evaluation keys", keys.parameters());
        requireInputs(parameters, inputs);
        this.parameters = parameters;
        this.inputs = List.copyOf(inputs);
        this.keys = keys;
        this.level = inputs.get(0).level();
    }

    private static void requireInputs(RlweParameters parameters, List<Ciphertext> inputs) {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("inputs=0: must be at least 1");
        }
        int level = inputs.get(0).level();
        for (Ciphertext input : inputs) {
            parameters.requireSame("ciphertext", input.parameters());
            if (input.degree() != 1) {
                throw new IllegalArgumentException(
                        "degree=" + input.degree() + ": must be 1; relinearise inputs first");
            }
            if (input.level() != level) {
                throw new IllegalArgumentException("level=" + input.level() + ": must be " + level
                        + " as the first input's; drop all to one level first");
            }
        }
        if (level == 0) {
            throw new LevelExhaustedException(
                    "level=0: a transform ends with a rescale; use parameters with more ciphertext primes");
        }
    }

    /** A further giant of an output. */
    Sum<F> giant(int output, int steps) {
        Sum<F> sum = new Sum<>(output, canonical(steps), new ArrayList<>());
        sums.add(sum);
        return sum;
    }

    /** Adds a product to a giant. */
    void add(Sum<F> sum, int input, int baby, F factor) {
        if (input < 0 || input >= inputs.size()) {
            throw new IllegalArgumentException("input=" + input + ": must be 0 to " + (inputs.size() - 1));
        }
        parameters.requireSame("factor", factor.parameters());
        if (factor.maxLevel() < level) {
            throw new LevelExhaustedException("level=" + factor.maxLevel() + " of a factor: must be at least " + level
                    + ", the inputs'; make it for that level");
        }
        int place = place(new Rotation(input, canonical(baby)));
        sum.products().add(new Product<>(place, factor));
    }

    private int place(Rotation rotation) {
        Integer found = places.get(rotation);
        if (found == null) {
            found = babies.size();
            places.put(rotation, found);
            babies.add(new Baby(rotation.input(), rotation.steps(), galois(rotation.steps())));
        }
        return found;
    }

    /**
     * The keys of all babies, in their order, null for step 0: to be let go when inputs are rotated, before giant steps ask for
     * theirs.
     */
    @Nullable
    KeySwitchKey[] babyKeys() {
        keys.prefetch(distinct(babies.stream().map(Baby::steps), babies.size()), level);
        @Nullable KeySwitchKey[] found = new KeySwitchKey[babies.size()];
        for (int b = 0; b < found.length; b++) {
            found[b] = key(babies.get(b).steps());
        }
        prefetchGiants(0);
        return found;
    }

    /** Hints at the keys of the next giant steps: few, for those of babies may still be held. */
    private void prefetchGiants(int from) {
        keys.prefetch(distinct(sums.subList(from, sums.size()).stream().map(Sum::steps), GIANTS_AHEAD), level);
    }

    private static List<Integer> distinct(Stream<Integer> steps, int most) {
        return steps.filter(s -> s != 0).distinct().limit(most).toList();
    }

    /**
     * Rotates an output's total as a giant says: its key is looked up now, so that keys that are kept in a file need not be there
     * all at once.
     */
    void rotate(LiftedSums lifted, double[][][] total, int index) {
        Sum<F> sum = sums.get(index);
        KeySwitchKey key = key(sum.steps());
        prefetchGiants(index + 1);
        if (key != null) {
            lifted.rotate(total, key, galois(sum.steps()));
        }
    }

    /** Checks that each output has a product. */
    void requireOutputs(int count) {
        boolean[] has = new boolean[count];
        sums.forEach(sum -> has[sum.output()] |= !sum.products().isEmpty());
        for (int o = 0; o < count; o++) {
            if (!has[o]) {
                throw new IllegalArgumentException("outputs[" + o + "]: has no terms; must have at least one");
            }
        }
    }

    private Galois galois(int steps) {
        return Galois.rotation(parameters.logN(), steps);
    }

    private @Nullable KeySwitchKey key(int steps) {
        return steps == 0 ? null : keys.rotation(steps, level);
    }

    private int canonical(int steps) {
        return Math.floorMod(steps, parameters.n() / 2);
    }
}
