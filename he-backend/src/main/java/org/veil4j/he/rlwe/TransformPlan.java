package org.veil4j.he.rlwe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.Galois;

/** What a {@link HoistedTransform} has to do, checked: each rotation of an input once, each giant of an output once. */
final class TransformPlan {
    /** A rotated input; no key for step 0. */
    record Baby(int input, Galois galois, @Nullable KeySwitchKey key) {}

    /** A factor times a rotated input, by its place among the babies. */
    record Product(int baby, PlainDiagonal factor) {}

    /** Products that are rotated together, for one output; no key for step 0. */
    record Sum(int output, Galois galois, @Nullable KeySwitchKey key, List<Product> products) {}

    private record Rotation(int input, int steps) {}

    final List<Ciphertext> inputs;
    final int level;
    final List<Baby> babies = new ArrayList<>();
    /** In the order of outputs. */
    final List<Sum> sums = new ArrayList<>();

    private final RlweParameters parameters;
    private final EvaluationKeys keys;
    private final Map<Rotation, Integer> places = new LinkedHashMap<>();

    private TransformPlan(RlweParameters parameters, List<Ciphertext> inputs, EvaluationKeys keys) {
        this.parameters = parameters;
        this.inputs = List.copyOf(inputs);
        this.keys = keys;
        this.level = inputs.get(0).level();
    }

    static TransformPlan of(
            RlweParameters parameters,
            List<Ciphertext> inputs,
            List<List<HoistedTransform.Giant>> outputs,
            EvaluationKeys keys) {
        parameters.requireSame("evaluation keys", keys.parameters());
        requireInputs(parameters, inputs);
        TransformPlan plan = new TransformPlan(parameters, inputs, keys);
        for (int o = 0; o < outputs.size(); o++) {
            plan.addOutput(o, outputs.get(o));
        }
        return plan;
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

    private void addOutput(int output, List<HoistedTransform.Giant> giants) {
        Map<Integer, List<Product>> byStep = new LinkedHashMap<>();
        for (HoistedTransform.Giant giant : giants) {
            for (HoistedTransform.Term term : giant.terms()) {
                byStep.computeIfAbsent(canonical(giant.steps()), g -> new ArrayList<>())
                        .add(product(term));
            }
        }
        if (byStep.isEmpty()) {
            throw new IllegalArgumentException("outputs[" + output + "]: has no terms; must have at least one");
        }
        byStep.forEach((steps, products) ->
                sums.add(new Sum(output, Galois.rotation(parameters.logN(), steps), key(steps), products)));
    }

    private Product product(HoistedTransform.Term term) {
        if (term.input() < 0 || term.input() >= inputs.size()) {
            throw new IllegalArgumentException("input=" + term.input() + ": must be 0 to " + (inputs.size() - 1));
        }
        PlainDiagonal factor = term.factor();
        parameters.requireSame("factor", factor.parameters());
        if (factor.maxLevel() < level) {
            throw new LevelExhaustedException("level=" + factor.maxLevel() + " of a factor: must be at least " + level
                    + ", the inputs'; keep residues for that level");
        }
        Rotation rotation = new Rotation(term.input(), canonical(term.baby()));
        Integer place = places.get(rotation);
        if (place == null) {
            place = babies.size();
            places.put(rotation, place);
            Galois galois = Galois.rotation(parameters.logN(), rotation.steps());
            babies.add(new Baby(term.input(), galois, key(rotation.steps())));
        }
        return new Product(place, factor);
    }

    private @Nullable KeySwitchKey key(int steps) {
        return steps == 0 ? null : keys.rotation(steps, level);
    }

    private int canonical(int steps) {
        return Math.floorMod(steps, parameters.n() / 2);
    }
}
