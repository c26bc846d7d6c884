package org.veil4j.he.nn.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.PolynomialEvaluator;
import org.veil4j.he.circuit.SlotwiseAlgebra;
import org.veil4j.he.nn.plan.StageListener;
import org.veil4j.he.ring.Workers;

/**
 * Runs the stages of a plan over any interpretation of slots. A stage's outputs are computed in blocks that share
 * inputs: a block's linear map, activation and sums are finished before the next block begins, so the many values
 * between a convolution and its pooling never exist together. Blocks run in parallel where there are many of them,
 * their outputs where there are few.
 *
 * @param <C> a vector of slots
 */
public final class StageExecutor<C> {
    /** Rows of a block: enough to share the preparation of their inputs, few enough to stay small. */
    private static final int BLOCK_ROWS = 32;
    /** Outputs of a stage that a warm-up computes at a time: enough for every loop and for all threads. */
    private static final int WARM_UP_OUTPUTS = 8;
    /** Rows of a block that reads most inputs in every row. */
    private static final int DENSE_BLOCK_ROWS = 256;

    private final SlotwiseAlgebra<C> algebra;
    private final Plan plan;

    /** Runs a plan over an interpretation. */
    public StageExecutor(SlotwiseAlgebra<C> algebra, Plan plan) {
        this.algebra = algebra;
        this.plan = plan;
    }

    /**
     * Runs all stages.
     *
     * @param input one value an element of the input tensor, in element order, at the plan's input level and scale
     * @return one value an element of the output tensor
     */
    public List<C> run(List<C> input, StageListener listener) {
        List<Stage> stages = plan.stages();
        List<@Nullable List<C>> results = new ArrayList<>(Collections.nCopies(stages.size(), null));
        int[] lastUse = plan.lastUse();
        for (int s = 0; s < stages.size(); s++) {
            Stage stage = stages.get(s);
            List<C> in = new ArrayList<>();
            for (int source : stage.inputs()) {
                List<C> tensor = source == Stage.NETWORK_INPUT ? input : results.get(source);
                if (tensor == null) {
                    throw new IllegalStateException("stage " + s + " reads stage " + source + " after its last use");
                }
                for (C x : tensor) {
                    in.add(algebra.dropToLevel(x, plan.levelIn(s)));
                }
            }
            results.set(s, runStage(s, stage, in, listener));
            for (int t = 0; t < s; t++) {
                if (lastUse[t] == s) {
                    results.set(t, null);
                }
            }
        }
        List<C> output = results.get(stages.size() - 1);
        if (output == null) {
            throw new IllegalStateException("a plan has at least one stage");
        }
        return output;
    }

    /**
     * Runs a few outputs of every stage on a stand-in, over and over, until the time is up: so that the compiler has seen
     * the loops before they matter.
     *
     * @param standIn any value at the plan's input level and scale
     */
    public void warmUp(C standIn, long nanos) {
        long end = System.nanoTime() + nanos;
        do {
            for (int s = 0; s < plan.stages().size(); s++) {
                Stage stage = plan.stages().get(s);
                List<C> in = new ArrayList<>(
                        Collections.nCopies(stage.matrix().columns(), algebra.dropToLevel(standIn, plan.levelIn(s))));
                int[] block = blocks(stage).get(0);
                int[] few = Arrays.copyOf(block, Math.min(block.length, WARM_UP_OUTPUTS));
                runBlock(
                        s,
                        few,
                        weightScales(s, stage, in),
                        in,
                        new ArrayList<>(Collections.nCopies(stage.outputs(), null)));
            }
        } while (System.nanoTime() < end);
    }

    private List<C> runStage(int index, Stage stage, List<C> in, StageListener listener) {
        double[] weightScale = weightScales(index, stage, in);
        List<int[]> blocks = blocks(stage);
        List<@Nullable C> out = new ArrayList<>(Collections.nCopies(stage.outputs(), null));
        int[] done = {0};
        if (blocks.size() == 1) {
            runBlock(index, blocks.get(0), weightScale, in, out);
        } else {
            Workers.forEach(blocks.size(), b -> {
                runBlock(index, blocks.get(b), weightScale, in, out);
                synchronized (done) {
                    done[0] += blocks.get(b).length;
                    listener.progress(index, plan.stages().size(), stage.name(), done[0], stage.outputs());
                }
            });
        }
        listener.progress(index, plan.stages().size(), stage.name(), stage.outputs(), stage.outputs());
        List<C> finished = new ArrayList<>(out.size());
        for (C c : out) {
            if (c == null) {
                throw new IllegalStateException("stage " + index + " left an output out");
            }
            finished.add(c);
        }
        return finished;
    }

    /** Scales that land every product of the stage, once rescaled, exactly on the plan's target. */
    private double[] weightScales(int index, Stage stage, List<C> in) {
        double[] weightScale = new double[in.size()];
        if (stage.unit()) {
            Arrays.fill(weightScale, 1);
            return weightScale;
        }
        int level = plan.levelIn(index);
        double product = plan.targetScale(index) / algebra.rescaledScale(level, 1);
        if (plan.isLate(index)) {
            product = Math.sqrt(product / algebra.rescaledScale(level - 1, 1));
        }
        for (int c = 0; c < weightScale.length; c++) {
            weightScale[c] = product / algebra.scale(in.get(c));
        }
        return weightScale;
    }

    /** Outputs in blocks, those that read neighbouring inputs together. */
    static List<int[]> blocks(Stage stage) {
        int outputs = stage.outputs();
        Integer[] order = new Integer[outputs];
        int[] first = new int[outputs];
        for (int g = 0; g < outputs; g++) {
            order[g] = g;
            first[g] = Integer.MAX_VALUE;
            for (int r : stage.rowsOf(g)) {
                int start = stage.matrix().rowStart(r);
                if (start < stage.matrix().rowStart(r + 1)) {
                    first[g] = Math.min(first[g], stage.matrix().column(start));
                }
            }
        }
        Arrays.sort(order, (a, b) -> Integer.compare(first[a], first[b]));
        boolean dense = stage.matrix().entries() * 2L
                > (long) stage.matrix().rows() * stage.matrix().columns();
        int limit = dense ? DENSE_BLOCK_ROWS : BLOCK_ROWS;
        List<int[]> blocks = new ArrayList<>();
        int from = 0;
        int rows = 0;
        for (int i = 0; i < outputs; i++) {
            int more = stage.rowsOf(order[i]).length;
            if (i > from && rows + more > limit) {
                blocks.add(slice(order, from, i));
                from = i;
                rows = 0;
            }
            rows += more;
        }
        blocks.add(slice(order, from, outputs));
        return blocks;
    }

    private static int[] slice(Integer[] order, int from, int to) {
        int[] part = new int[to - from];
        for (int i = from; i < to; i++) {
            part[i - from] = order[i];
        }
        return part;
    }

    private void runBlock(int index, int[] outputs, double[] weightScale, List<C> in, List<@Nullable C> out) {
        Stage stage = plan.stages().get(index);
        boolean rescaleFirst = !stage.unit() && !plan.isLate(index);
        BlockMatrix block = BlockMatrix.of(stage, outputs);
        List<C> inputs = new ArrayList<>();
        double[] scales = new double[block.columns().length];
        for (int c = 0; c < scales.length; c++) {
            inputs.add(in.get(block.columns()[c]));
            scales[c] = weightScale[block.columns()[c]];
        }
        List<C> rows = algebra.linearMap(block.matrix(), scales, inputs);
        Workers.forEach(outputs.length, i -> {
            List<C> group = new ArrayList<>();
            List<double[]> polynomials = new ArrayList<>();
            for (int r = block.firstRow()[i]; r < block.firstRow()[i + 1]; r++) {
                int row = stage.rowsOf(outputs[i])[r - block.firstRow()[i]];
                C z = rows.get(r);
                if (rescaleFirst) {
                    C x = z;
                    z = algebra.rescale(x);
                    algebra.release(x);
                }
                group.add(stage.bias()[row] == 0 ? z : algebra.addConstantInPlace(z, stage.bias()[row]));
                if (stage.polynomials() != null) {
                    polynomials.add(stage.polynomials()[row]);
                }
            }
            C result = activate(index, group, polynomials);
            if (stage.activation() != Stage.Activation.NONE) {
                group.forEach(algebra::release);
            }
            synchronized (out) {
                out.set(outputs[i], result);
            }
        });
    }

    private C activate(int index, List<C> group, List<double[]> polynomials) {
        switch (plan.stages().get(index).activation()) {
            case SQUARE:
                C squares = algebra.sumOfSquares(group);
                C result = algebra.relinearizeRescale(squares, plan.isLate(index) ? 2 : 1);
                algebra.release(squares);
                return result;
            case POLYNOMIAL:
                PolynomialEvaluator<C> evaluator = new PolynomialEvaluator<>(algebra);
                C sum = evaluator.evaluate(group.get(0), polynomials.get(0), plan.scale());
                for (int i = 1; i < group.size(); i++) {
                    sum = algebra.add(sum, evaluator.evaluate(group.get(i), polynomials.get(i), plan.scale()));
                }
                return sum;
            case NONE:
                return group.get(0);
        }
        throw new AssertionError(plan.stages().get(index));
    }
}
