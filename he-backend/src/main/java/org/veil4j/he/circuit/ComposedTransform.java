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
    private final double[] weightScale;
    private final double resultScale;

    ComposedTransform(
            SlotAlgebra<C> algebra, LinearTransform transform, int level, double[] inputScales, double resultScale) {
        this.algebra = algebra;
        this.transform = transform;
        this.weightScale = weightScales(algebra, level, inputScales, resultScale);
        this.resultScale = resultScale;
    }

    /** Scales of diagonals such that all products, once rescaled, have the result's scale. */
    static double[] weightScales(SlotAlgebra<?> algebra, int level, double[] inputScales, double resultScale) {
        double product = resultScale / algebra.rescaledScale(level, 1);
        double[] scales = new double[inputScales.length];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = product / inputScales[i];
        }
        return scales;
    }

    @Override
    public List<C> apply(List<C> inputs) {
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
