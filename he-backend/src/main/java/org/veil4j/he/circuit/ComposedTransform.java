package org.veil4j.he.circuit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A transform written in the other operations of an algebra: rotations of an input share one decomposition, the rest is done one by
 * one. What interpretations with something better are tested against.
 *
 * @param <C> a vector of slots
 */
final class ComposedTransform<C> implements PreparedTransform<C> {
    private final SlotAlgebra<C> algebra;
    private final LinearTransform transform;
    private final int level;
    private final double[] inputScales;
    private final double[] weightScale;
    private final double resultScale;

    ComposedTransform(
            SlotAlgebra<C> algebra, LinearTransform transform, int level, double[] inputScales, double resultScale) {
        this.algebra = algebra;
        this.transform = transform;
        this.level = level;
        this.inputScales = inputScales.clone();
        this.weightScale = weightScales(algebra, level, inputScales, resultScale);
        this.resultScale = resultScale;
    }

    /** Scales of diagonals such that all products, once rescaled, have the result's scale. */
    static double[] weightScales(SlotAlgebra<?> algebra, int level, double[] inputScales, double resultScale) {
        return weightScales(1 / algebra.rescaledScale(level, 1), inputScales, resultScale);
    }

    /** The same for a level with the given prime. */
    static double[] weightScales(double prime, double[] inputScales, double resultScale) {
        double product = resultScale * prime;
        double[] scales = new double[inputScales.length];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = product / inputScales[i];
        }
        return scales;
    }

    /**
     * Checks that inputs are those that a transform was prepared for; else results would not have the scale that they claim.
     *
     * @throws IllegalArgumentException naming the input
     */
    static <C> void requireInputs(SlotAlgebra<C> algebra, List<C> inputs, int level, double[] scales) {
        if (inputs.size() != scales.length) {
            throw new IllegalArgumentException("inputs=" + inputs.size() + ": must be " + scales.length);
        }
        for (int i = 0; i < scales.length; i++) {
            C x = inputs.get(i);
            if (algebra.level(x) != level || !(Math.abs(algebra.scale(x) - scales[i]) <= scales[i] * 0x1p-30)) {
                throw new IllegalArgumentException("input " + i + ": level " + algebra.level(x) + " and scale "
                        + algebra.scale(x) + ", must be " + level + " and " + scales[i]
                        + ", for which the transform was prepared");
            }
        }
    }

    @Override
    public List<C> apply(List<C> inputs) {
        requireInputs(algebra, inputs, level, inputScales);
        List<Map<Integer, C>> babies = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            int[] steps =
                    transform.babies(i).stream().mapToInt(Integer::intValue).toArray();
            List<C> rotated = algebra.rotateAll(inputs.get(i), steps);
            Map<Integer, C> byStep = new HashMap<>();
            for (int k = 0; k < steps.length; k++) {
                byStep.put(steps[k], rotated.get(k));
            }
            babies.add(byStep);
        }
        List<C> results = new ArrayList<>();
        for (List<LinearTransform.Giant> giants : transform.outputs()) {
            C sum = null;
            for (LinearTransform.Giant g : giants) {
                sum = algebra.rotate(plus(sum, inner(g, babies)), g.steps());
            }
            if (sum == null) {
                throw new IllegalStateException("an output has at least one giant");
            }
            results.add(algebra.withScale(algebra.rescale(sum), resultScale));
        }
        return results;
    }

    private C inner(LinearTransform.Giant giant, List<Map<Integer, C>> babies) {
        C sum = null;
        for (LinearTransform.Diagonal d : giant.diagonals()) {
            C x = babies.get(d.input()).get(Math.floorMod(d.baby(), transform.slots()));
            if (x == null) {
                throw new IllegalStateException("a baby step was left out");
            }
            sum = plus(sum, algebra.multiplyPlain(x, d.values(), weightScale[d.input()]));
        }
        if (sum == null) {
            throw new IllegalStateException("a giant has at least one diagonal");
        }
        return sum;
    }

    private C plus(@Nullable C sum, C more) {
        return sum == null ? more : algebra.add(sum, algebra.withScale(more, algebra.scale(sum)));
    }
}
