package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.PolynomialEvaluator;
import org.veil4j.he.circuit.PreparedPlain;
import org.veil4j.he.circuit.PreparedTransform;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.nn.plan.StageListener;

/**
 * Runs the stages of a packed plan over any interpretation of slots. Each stage is one transform, the rotations that fold its
 * classes, the bias, and the activation.
 *
 * @param <C> a vector of slots
 */
public final class PackedExecutor<C> {
    private final SlotAlgebra<C> algebra;
    private final PackedPlan plan;
    /** What stages need, made once; null where it is made when it is needed, and dropped. */
    private final @Nullable List<Ready<C>> ready;
    /** Whether numbers do not matter. */
    private final boolean counting;

    /** A stage's transform and bias, encoded. */
    private record Ready<C>(PreparedTransform<C> transform, List<PreparedPlain> bias) {}

    /** A value before and after its activation. */
    private record Tensor<C>(List<C> tap, List<C> result) {}

    private PackedExecutor(SlotAlgebra<C> algebra, PackedPlan plan, @Nullable List<Ready<C>> ready, boolean counting) {
        this.algebra = algebra;
        this.plan = plan;
        this.ready = ready;
        this.counting = counting;
    }

    /** An executor for many runs: all diagonals are encoded now, and kept. */
    public static <C> PackedExecutor<C> prepared(SlotAlgebra<C> algebra, PackedPlan plan) {
        PackedExecutor<C> maker = once(algebra, plan);
        double[][] scales = maker.inputScales();
        List<Ready<C>> ready = new ArrayList<>();
        for (int s = 0; s < plan.stages().size(); s++) {
            ready.add(maker.ready(s, scales[s]));
        }
        return new PackedExecutor<>(algebra, plan, ready, false);
    }

    /** An executor for one run: diagonals are made stage by stage, and dropped. */
    public static <C> PackedExecutor<C> once(SlotAlgebra<C> algebra, PackedPlan plan) {
        return new PackedExecutor<>(algebra, plan, null, false);
    }

    /** An executor for an algebra without numbers: of diagonals there is only the number. */
    static <C> PackedExecutor<C> counting(SlotAlgebra<C> algebra, PackedPlan plan) {
        return new PackedExecutor<>(algebra, plan, null, true);
    }

    private Ready<C> ready(int stage, double[] inputScales) {
        if (ready != null) {
            return ready.get(stage);
        }
        double target = plan.targetScale(stage);
        PreparedTransform<C> transform = algebra.prepare(
                counting ? plan.shape(stage) : plan.transform(stage), plan.levelIn(stage), inputScales, target);
        List<PreparedPlain> bias = new ArrayList<>();
        for (double[] values : plan.bias(stage)) {
            bias.add(algebra.prepare(values, plan.levelIn(stage) - 1, target));
        }
        return new Ready<>(transform, bias);
    }

    /** The scale of each input of each stage's transform: squares keep the scale that their rescaling gives. */
    private double[][] inputScales() {
        double[][] scales = new double[plan.stages().size()][];
        double[] result = new double[scales.length];
        for (int s = 0; s < scales.length; s++) {
            PackedStage stage = plan.stages().get(s);
            int[] first = plan.firstInput(s);
            scales[s] = new double[first[first.length - 1]];
            for (int i = 0; i < stage.sources().length; i++) {
                int source = stage.sources()[i];
                double scale =
                        source == PackedStage.INPUT || PackedStage.isTap(source) ? plan.scale() : result[source / 2];
                Arrays.fill(scales[s], first[i], first[i + 1], scale);
            }
            double target = plan.targetScale(s);
            result[s] = stage.activation() == PackedStage.Activation.SQUARE
                    ? algebra.rescaledScale(plan.levelIn(s) - 1, target * target)
                    : target;
        }
        return scales;
    }

    /**
     * Runs all stages.
     *
     * @param input the input's ciphertexts, at the plan's input level and scale
     * @return the result's ciphertexts
     */
    public List<C> run(List<C> input, StageListener listener) {
        int count = plan.stages().size();
        double[][] scales = inputScales();
        List<@Nullable Tensor<C>> tensors = new ArrayList<>(Collections.nCopies(count, null));
        int[] lastUse = plan.lastUse();
        List<C> output = List.of();
        for (int s = 0; s < count; s++) {
            List<C> in = inputs(s, input, tensors);
            Ready<C> made = ready(s, scales[s]);
            Tensor<C> tensor = activated(s, made.transform.apply(in), made.bias);
            output = tensor.result;
            tensors.set(s, tensor);
            for (int t = 0; t <= s; t++) {
                if (lastUse[t] == s) {
                    tensors.set(t, null);
                }
            }
            listener.progress(s, count, plan.stages().get(s).name(), 1, 1);
        }
        return output;
    }

    private List<C> inputs(int stage, List<C> input, List<@Nullable Tensor<C>> tensors) {
        List<C> in = new ArrayList<>();
        for (int source : plan.stages().get(stage).sources()) {
            List<C> from;
            if (source == PackedStage.INPUT) {
                from = input;
            } else {
                Tensor<C> tensor = tensors.get(source / 2);
                if (tensor == null) {
                    throw new IllegalStateException("stage " + stage + " reads a tensor after its last use");
                }
                from = PackedStage.isTap(source) ? tensor.tap : tensor.result;
            }
            for (C x : from) {
                in.add(algebra.dropToLevel(x, plan.levelIn(stage)));
            }
        }
        return in;
    }

    private Tensor<C> activated(int index, List<C> sums, List<PreparedPlain> bias) {
        PackedStage stage = plan.stages().get(index);
        List<C> taps = new ArrayList<>();
        List<C> results = new ArrayList<>();
        for (int c = 0; c < sums.size(); c++) {
            C x = sums.get(c);
            for (int step : plan.foldSteps(index)) {
                x = algebra.add(x, algebra.rotate(x, step));
            }
            x = algebra.addPlain(x, bias.get(c));
            taps.add(x);
            results.add(activate(stage, x));
        }
        return new Tensor<>(plan.tapIsRead(index) ? taps : List.of(), results);
    }

    private C activate(PackedStage stage, C x) {
        switch (stage.activation()) {
            case NONE:
                return x;
            case SQUARE:
                return algebra.relinearizeRescale(algebra.sumOfSquares(List.of(x)), 1);
            case POLYNOMIAL:
                double[] polynomial = stage.polynomial();
                if (polynomial == null) {
                    throw new IllegalStateException("stage " + stage.name() + " has no polynomial");
                }
                return new PolynomialEvaluator<>(algebra).evaluate(x, polynomial, plan.scale());
        }
        throw new AssertionError(stage);
    }
}
