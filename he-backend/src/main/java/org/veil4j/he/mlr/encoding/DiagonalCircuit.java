package org.veil4j.he.mlr.encoding;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.RepeatedPlain;
import org.veil4j.he.circuit.ScaleAlignment;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.circuit.SlotSum;
import org.veil4j.he.mlr.clear.Momentum;
import org.veil4j.he.ring.Parallel;

/**
 * Training in the diagonal encoding. With period p, width w, and j = 0, ..., p - 1:
 *
 * <p>Forward: sum over j of (X shifted right by j) * V_j, one relinearisation; folded by p, 2p, ..., w/2 it is the score of
 * class f at position f below p. Sigmoid there, replicated along the row. Backward: G_j = sum over blocks of R * (X shifted
 * right by j), one relinearisation, folded over the rows, around the end, so that every row gets the sum: it lies as V_j
 * does and needs neither mask nor rotation. V and W are combined on values of the iteration before, which have levels to
 * spare. Four levels with a sigmoid of degree 3.
 *
 * @param <C> a vector of slots
 */
final class DiagonalCircuit<C> implements MlrCircuit<C> {
    private final SlotAlgebra<C> algebra;
    private final SlotMath<C> math;
    private final ScaleAlignment<C> alignment;
    private final DiagonalEncoding encoding;
    private final DiagonalLayout layout;
    private final List<C> features;
    private final List<C> labels;
    private final List<List<C>> kept = new ArrayList<>();
    private final int[] shifts;
    private final RepeatedPlain scoreMask;

    DiagonalCircuit(SlotAlgebra<C> algebra, DiagonalEncoding encoding, List<C> dataset) {
        this.algebra = algebra;
        this.math = new SlotMath<>(algebra);
        this.alignment = new ScaleAlignment<>(algebra);
        this.encoding = encoding;
        this.layout = encoding.layout;
        this.features = dataset.subList(0, layout.blocks() * layout.columnBlocks);
        this.shifts = new int[layout.period];
        for (int j = 0; j < shifts.length; j++) {
            shifts[j] = -j;
        }
        this.scoreMask = math.mask(layout.mask(0, layout.groups()));
        this.labels = unpack(dataset.subList(features.size(), dataset.size()));
        if (encoding.keepRotations) {
            kept.addAll(Parallel.map(features.size(), i -> algebra.rotateAll(features.get(i), shifts)));
        }
    }

    /** Labels of each block, minus 1/2, replicated along the row; one level lower. */
    private List<C> unpack(List<C> vectors) {
        Map<Integer, RepeatedPlain> masks = new ConcurrentHashMap<>();
        return Parallel.map(layout.blocks(), block -> {
            int vector = block / layout.groups();
            int group = block % layout.groups();
            int repeat = layout.labelPeriod(vector);
            C packed = vectors.get(vector);
            if (repeat == 1) {
                return alignment.aligned(packed, algebra.level(packed) - 1, encoding.labelScale());
            }
            RepeatedPlain mask =
                    masks.computeIfAbsent(repeat * layout.groups() + group, k -> math.mask(layout.mask(group, repeat)));
            C own = math.masked(packed, mask, encoding.labelScale());
            C first = group == 0 ? own : algebra.rotate(own, group * layout.period);
            return SlotSum.fold(algebra, first, -layout.period, repeat);
        });
    }

    @Override
    public List<C> iterate(int t, int level, List<C> weights) {
        int residualLevel = weights.isEmpty() ? level - 1 : level - encoding.iterationLevels() + 1;
        int batch = layout.rowBlocks.batch(t);
        int from = layout.rowBlocks.first(batch);
        int to = layout.rowBlocks.first(batch + 1);
        int group = encoding.keepRotations ? to - from : 1;
        List<@Nullable C> sums = new ArrayList<>(Collections.nCopies(encoding.weightVectors(), null));
        for (int block = from; block < to; block += group) {
            addGradients(block, Math.min(group, to - block), t, level, residualLevel, weights, sums);
        }
        List<C> gradients = Parallel.map(sums.size(), i -> gradient(sums.get(i), t));
        return combine(t, residualLevel, weights, gradients);
    }

    /** Adds the unfolded gradients of some blocks, of degree 2, to the sums. */
    private void addGradients(
            int block, int count, int t, int level, int residualLevel, List<C> weights, List<@Nullable C> sums) {
        List<List<C>> shifted = new ArrayList<>(); // row block, then column block: the shifts
        for (int i = block * layout.columnBlocks; i < (block + count) * layout.columnBlocks; i++) {
            shifted.add(
                    encoding.keepRotations
                            ? kept.get(i)
                            : algebra.rotateAll(
                                    algebra.dropToLevel(features.get(i), weights.isEmpty() ? residualLevel : level),
                                    shifts));
        }
        List<C> residuals = Parallel.map(count, b -> {
            C label = labels.get(block + b);
            return weights.isEmpty()
                    ? algebra.dropToLevel(label, residualLevel)
                    : residual(
                            label,
                            shifted.subList(b * layout.columnBlocks, (b + 1) * layout.columnBlocks),
                            t,
                            level,
                            weights);
        });
        List<C> products = Parallel.map(sums.size(), i -> {
            List<C> x = new ArrayList<>();
            for (int b = 0; b < count; b++) {
                List<C> shifts = shifted.get(b * layout.columnBlocks + i / layout.period);
                x.add(algebra.dropToLevel(shifts.get(i % layout.period), residualLevel));
            }
            C sum = algebra.sumOfProducts(residuals, x);
            C before = sums.get(i);
            return before == null ? sum : algebra.add(before, sum);
        });
        for (int i = 0; i < products.size(); i++) {
            sums.set(i, products.get(i));
        }
    }

    /** y - p for a block, replicated along the row. */
    private C residual(C label, List<List<C>> shifted, int t, int level, List<C> weights) {
        List<C> x = new ArrayList<>();
        for (List<C> shifts : shifted) {
            for (C shift : shifts) {
                x.add(algebra.dropToLevel(shift, level));
            }
        }
        List<C> v = weights.subList(0, encoding.weightVectors());
        C sum = algebra.relinearizeRescale(algebra.sumOfProducts(x, v), 1);
        C z = SlotSum.fold(algebra, sum, layout.period, layout.groups());
        int residualLevel = level - encoding.iterationLevels() + 1;
        double scale = encoding.residualScale(t, residualLevel);
        C p = math.maskedSigmoid(z, encoding.sigmoid, scoreMask, scale);
        C replicated = SlotSum.fold(algebra, p, -layout.period, layout.groups());
        return algebra.subtract(alignment.aligned(label, residualLevel, scale), replicated);
    }

    /** Step times the gradient, in every row. */
    private C gradient(@Nullable C sum, int t) {
        if (sum == null) {
            throw new IllegalStateException("a mini-batch has at least one block");
        }
        C g = SlotSum.fold(algebra, algebra.relinearizeRescale(sum, 1), layout.width, layout.rowsPerBlock);
        return algebra.withScale(g, algebra.scale(g) / encoding.step(t));
    }

    /** V = W + step G; W = (1 - eta) V + eta V_old = ((1 - eta) W_old + eta V_old) + (1 - eta) step G. */
    private List<C> combine(int t, int residualLevel, List<C> weights, List<C> gradients) {
        double eta = Momentum.eta(t);
        int n = gradients.size();
        return Parallel.map(2 * n, i -> {
            C g = gradients.get(i % n);
            double scale = algebra.scale(g);
            if (i >= n) {
                scale /= 1 - eta;
                g = algebra.withScale(g, scale);
            }
            if (weights.isEmpty()) {
                return g;
            }
            C w = weights.get(n + i % n);
            int level = residualLevel - 1;
            if (i < n) {
                return algebra.add(alignment.aligned(w, level, scale), g);
            }
            C old = algebra.add(
                    alignment.scaled(w, 1 - eta, level, scale),
                    alignment.scaled(weights.get(i - n), eta, level, scale));
            return algebra.add(algebra.rescale(old), g);
        });
    }
}
