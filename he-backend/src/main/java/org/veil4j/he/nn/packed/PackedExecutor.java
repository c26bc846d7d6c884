package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.PolynomialEvaluator;
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
    private final PackedWeights weights;
    /** What stages need, made once; null where it is made when it is needed, and dropped. */
    private final @Nullable List<StageLinear<C>> ready;

    /** A value before and after its activation. */
    private record Tensor<C>(List<C> tap, List<C> result) {}

    private PackedExecutor(
            SlotAlgebra<C> algebra, PackedPlan plan, PackedWeights weights, @Nullable List<StageLinear<C>> ready) {
        this.algebra = algebra;
        this.plan = plan;
        this.weights = weights;
        this.ready = ready;
    }

    /** An executor for many runs: all stages are made ready now, and kept. */
    public static <C> PackedExecutor<C> prepared(SlotAlgebra<C> algebra, PackedPlan plan, PackedWeights weights) {
        double[][] scales = plan.inputScales(algebra::rescaledScale);
        List<StageLinear<C>> ready = new ArrayList<>();
        for (int s = 0; s < plan.stages().size(); s++) {
            ready.add(weights.stage(algebra, plan, s, scales[s]));
        }
        return new PackedExecutor<>(algebra, plan, weights, ready);
    }

    /** An executor that makes stages ready one by one, each time, and drops them. */
    public static <C> PackedExecutor<C> once(SlotAlgebra<C> algebra, PackedPlan plan, PackedWeights weights) {
        return new PackedExecutor<>(algebra, plan, weights, null);
    }

    private StageLinear<C> ready(int stage, double[] inputScales) {
        return ready != null ? ready.get(stage) : weights.stage(algebra, plan, stage, inputScales);
    }

    /**
     * Runs all stages.
     *
     * @param input the input's ciphertexts, at the plan's input level and scale
     * @return the result's ciphertexts
     */
    public List<C> run(List<C> input, StageListener listener) {
        int count = plan.stages().size();
        double[][] scales = plan.inputScales(algebra::rescaledScale);
        List<@Nullable Tensor<C>> tensors = new ArrayList<>(Collections.nCopies(count, null));
        int[] lastUse = plan.lastUse();
        List<C> output = List.of();
        for (int s = 0; s < count; s++) {
            List<C> in = inputs(s, input, tensors);
            StageLinear<C> made = ready(s, scales[s]);
            Tensor<C> tensor = activated(s, made.transform().apply(in), made.bias());
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

    private Tensor<C> activated(int index, List<C> sums, List<UnaryOperator<C>> bias) {
        StageStructure stage = plan.stages().get(index);
        List<C> taps = new ArrayList<>();
        List<C> results = new ArrayList<>();
        for (int c = 0; c < sums.size(); c++) {
            C x = sums.get(c);
            for (int step : plan.foldSteps(index)) {
                x = algebra.add(x, algebra.rotate(x, step));
            }
            x = bias.get(c).apply(x);
            taps.add(x);
            results.add(activate(stage, x));
        }
        return new Tensor<>(plan.tapIsRead(index) ? taps : List.of(), results);
    }

    private C activate(StageStructure stage, C x) {
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
