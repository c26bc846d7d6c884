package org.veil4j.he.mlr.encoding;

import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.circuit.RepeatedPlain;
import org.veil4j.he.circuit.ScaleAlignment;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.circuit.SlotSum;
import org.veil4j.he.mlr.clear.Momentum;
import org.veil4j.he.ring.Parallel;
import org.veil4j.he.ring.Workers;

/**
 * Training as the paper's "Volley Revolver" does it. Scores: the weights revolve, row by row, past the features; each time
 * the product is folded along the rows to their first positions, masked, replicated, and masked to the class that a row has
 * met. Sigmoid. Residuals: repeated along the rows with the number of classes as period, moved left one position after
 * another, each time multiplied with the features, summed over the rows, and masked to the columns where the row's class has
 * its gradient. What differs from the paper: constants are absorbed in scales, the mask of the residuals is applied beside
 * the first squaring, sums over rows are doublings, and what is moved step by step needs a key for one step only.
 *
 * @param <C> a vector of slots
 */
final class RevolverCircuit<C> implements MlrCircuit<C> {
    private final SlotAlgebra<C> algebra;
    private final SlotMath<C> math;
    private final ScaleAlignment<C> alignment;
    private final RevolverEncoding encoding;
    private final RevolverLayout layout;
    private final List<C> features;
    private final List<C> labels;
    private final List<C> inverseBound;
    private final RepeatedPlain firstMask;
    private final RepeatedPlain scoreMask;

    RevolverCircuit(SlotAlgebra<C> algebra, RevolverEncoding encoding, List<C> dataset) {
        this.algebra = algebra;
        this.math = new SlotMath<>(algebra);
        this.alignment = new ScaleAlignment<>(algebra);
        this.encoding = encoding;
        this.layout = encoding.layout;
        this.firstMask = math.mask(layout.firstMask());
        this.scoreMask = math.mask(layout.scoreMask());
        int blocks = layout.rowBlocks.count();
        this.features = dataset.subList(0, blocks);
        this.labels = dataset.subList(blocks, 2 * blocks);
        this.inverseBound = dataset.subList(2 * blocks, dataset.size());
    }

    @Override
    public List<C> iterate(int t, int level, List<C> weights) {
        int batch = layout.rowBlocks.batch(t);
        int from = layout.rowBlocks.first(batch);
        int count = layout.rowBlocks.first(batch + 1) - from;
        List<C> residuals;
        if (weights.isEmpty()) {
            residuals = Parallel.map(count, b -> algebra.dropToLevel(labels.get(from + b), level));
        } else {
            List<C> z = scores(from, count, level, weights.get(0));
            residuals = Parallel.map(count, b -> residual(z.get(b), labels.get(from + b)));
        }
        C g = gradient(from, Parallel.map(count, b -> replicated(residuals.get(b))), t);
        return combine(t, g, weights);
    }

    /** Scores of the rows of each block: class c at position c; three levels lower. */
    private List<C> scores(int from, int count, int level, C v) {
        int together = Math.min(layout.rowsPerBlock(), Math.max(1, Workers.threads()));
        List<C> sums = new ArrayList<>();
        C moved = v;
        for (int r = 0; r < layout.rowsPerBlock(); r += together) {
            List<C> group = new ArrayList<>();
            List<RepeatedPlain> masks = new ArrayList<>(); // one a step, for all blocks
            for (int i = r; i < Math.min(r + together, layout.rowsPerBlock()); i++) {
                moved = i == 0 ? v : algebra.rotate(moved, layout.width);
                group.add(moved);
                masks.add(math.mask(layout.classMask(i)));
            }
            List<C> parts = Parallel.map(count * group.size(), i -> {
                C x = algebra.dropToLevel(features.get(from + i % count), level);
                return part(x, group.get(i / count), masks.get(i / count));
            });
            for (int i = 0; i < parts.size(); i++) {
                if (i < count && r == 0) {
                    sums.add(parts.get(i));
                } else {
                    sums.set(i % count, algebra.add(sums.get(i % count), parts.get(i)));
                }
            }
        }
        return sums;
    }

    /** The scores of the classes that rows have met after the weights moved so many rows, each at its class's position. */
    private C part(C x, C v, RepeatedPlain classMask) {
        C folded = SlotSum.fold(algebra, math.product(x, v), 1, layout.width);
        C first = math.masked(folded, firstMask, encoding.scale);
        C replicated = SlotSum.fold(algebra, first, -1, layout.width);
        return math.masked(replicated, classMask, encoding.scale);
    }

    private C residual(C z, C label) {
        C p = math.maskedSigmoid(z, encoding.sigmoid, scoreMask, encoding.residualScale());
        return algebra.subtract(alignment.aligned(label, algebra.level(p), algebra.scale(p)), p);
    }

    /** Repeated to the right with the number of classes as period, as often as a row needs. */
    private C replicated(C residual) {
        C doubled = residual;
        C sum = residual;
        int have = 0; // copies that sum has; doubled has the next power of two
        for (int bit = 1; bit <= layout.copies; bit *= 2) {
            if ((layout.copies & bit) != 0) {
                sum = have == 0 ? doubled : algebra.add(algebra.rotate(doubled, -have * layout.classes), sum);
                have += bit;
            }
            if (2 * bit <= layout.copies) {
                doubled = algebra.add(doubled, algebra.rotate(doubled, -bit * layout.classes));
            }
        }
        return sum;
    }

    /** Step times the gradient, class c in row c. */
    private C gradient(int from, List<C> residuals, int t) {
        int level = algebra.level(residuals.get(0));
        List<C> x = new ArrayList<>();
        for (int b = 0; b < residuals.size(); b++) {
            x.add(algebra.dropToLevel(features.get(from + b), level));
        }
        double step = encoding.step(t);
        double scale = encoding.scale * step; // read at encoding.scale it is step times as much
        double masked = inverseBound.isEmpty() ? scale : scale * alignment.prime(level - 2) / encoding.scale;
        List<List<C>> moved = new ArrayList<>();
        moved.add(residuals);
        for (int m = 1; m < layout.classes; m++) {
            List<C> before = moved.get(m - 1);
            moved.add(Parallel.map(before.size(), b -> algebra.rotate(before.get(b), 1)));
        }
        List<C> parts = Parallel.map(layout.classes, m -> {
            C product = algebra.relinearizeRescale(algebra.sumOfProducts(moved.get(m), x), 1);
            C summed = SlotSum.fold(algebra, product, layout.width, layout.rowsPerBlock());
            return math.masked(summed, math.mask(layout.gradientMask(m)), masked);
        });
        C g = parts.get(0);
        for (C part : parts.subList(1, parts.size())) {
            g = algebra.add(g, part);
        }
        if (!inverseBound.isEmpty()) {
            g = math.product(g, algebra.dropToLevel(inverseBound.get(0), algebra.level(g)));
        }
        return algebra.withScale(g, algebra.scale(g) / step);
    }

    /** V = W + step G; W = (1 - eta) V + eta V_old. */
    private List<C> combine(int t, C g, List<C> weights) {
        double eta = Momentum.eta(t);
        C scaled = algebra.withScale(g, algebra.scale(g) / (1 - eta));
        if (weights.isEmpty()) {
            return List.of(g, scaled);
        }
        int level = algebra.level(g);
        C old = algebra.add(
                alignment.scaled(weights.get(1), 1 - eta, level, algebra.scale(scaled)),
                alignment.scaled(weights.get(0), eta, level, algebra.scale(scaled)));
        return List.of(
                algebra.add(alignment.aligned(weights.get(1), level, algebra.scale(g)), g),
                algebra.add(algebra.rescale(old), scaled));
    }
}
