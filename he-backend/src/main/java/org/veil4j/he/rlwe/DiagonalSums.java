package org.veil4j.he.rlwe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * The sums of products of a transform by diagonals, limb by limb and by blocks of slots, so that a block of all rotated inputs
 * stays in the cache while each factor is read once. Factors that must be made first are made some at a time.
 *
 * @param <F> what inputs are multiplied by
 */
abstract class DiagonalSums<F extends Diagonal> {
    /** Limbs of factors that are made before they are used together. */
    static final int MAX_MADE = 32;

    /** Most products in one call of the kernel. */
    private static final int MAX_TERMS = 1 << 10;

    /** Products of one sum that are added up in one go. */
    static final class Piece {
        /** One limb of each part of the sum. */
        final double[][] sum;
        /** Whether the sum holds something already. */
        final boolean started;

        private final List<double[][]> factors = new ArrayList<>();
        private final List<double[]> rotated0 = new ArrayList<>();
        private final List<double[]> rotated1 = new ArrayList<>();

        private Piece(double[][] sum, boolean started) {
            this.sum = sum;
            this.started = started;
        }

        /** What comes after this one in the same sum. */
        private Piece next() {
            return new Piece(sum, started || !factors.isEmpty());
        }

        int terms() {
            return factors.size();
        }

        /** One part of all factors. */
        double[][] factors(int part) {
            double[][] all = new double[factors.size()][];
            for (int t = 0; t < all.length; t++) {
                all[t] = factors.get(t)[part];
            }
            return all;
        }
    }

    /** Adds up a piece with at least one product, for some slots. */
    interface BlockSum {
        void accept(int from, int to);
    }

    final TransformPlan<F> plan;
    final PolyKernels kernels = Kernels.get();
    private final KeySwitcher switcher;
    private final RlweParameters parameters;
    private final LimbPool pool;
    private final int parts;

    /**
     * Sums of a plan.
     *
     * @param parts of each sum
     */
    DiagonalSums(KeySwitcher switcher, TransformPlan<F> plan, int parts) {
        this.switcher = switcher;
        this.plan = plan;
        this.parameters = switcher.parameters();
        this.pool = LimbPool.of(parameters.n());
        this.parts = parts;
    }

    /** How many limbs of a factor have to be made before it can be used. */
    abstract int made(F factor);

    /**
     * One limb of each part of a factor.
     *
     * @param scratch as many arrays of N as must be made
     */
    abstract double[][] residues(F factor, int i, double[][] scratch);

    /** Prepares the sum of a piece. */
    abstract BlockSum blocks(Piece piece, double[][] rotated0, double[][] rotated1, double p);

    /** For each sum of the plan: its parts modulo Q P, borrowed from the pool. */
    final double[][][][] compute() {
        int limbs = parameters.qpAt(plan.level).size();
        double[][][][] sums = new double[plan.sums.size()][parts][limbs][];
        try (RotatedInputs rotated = new RotatedInputs(switcher, plan)) {
            Workers.forEach(limbs, i -> {
                for (double[][][] sum : sums) {
                    for (double[][] part : sum) {
                        part[i] = pool.take();
                    }
                }
                double[][][] babies = rotated.limb(i);
                products(babies, sums, i);
                rotated.give(babies);
            });
        }
        return sums;
    }

    private void products(double[][][] babies, double[][][][] sums, int i) {
        double p = parameters.qpAt(plan.level).modulus(i).p();
        double[][] scratch = {};
        int used = 0;
        List<Piece> pieces = new ArrayList<>();
        for (int s = 0; s < sums.length; s++) {
            double[][] sum = new double[parts][];
            for (int part = 0; part < parts; part++) {
                sum[part] = sums[s][part][i];
            }
            Piece piece = new Piece(sum, false);
            for (TransformPlan.Product<F> product : plan.sums.get(s).products()) {
                if (babies[0][product.baby()] == RotatedInputs.ZERO) {
                    continue;
                }
                int made = made(product.factor());
                boolean full = used + made > MAX_MADE;
                if (full || piece.terms() == MAX_TERMS) {
                    pieces.add(piece);
                    piece = piece.next();
                }
                if (full) {
                    sum(pieces, p);
                    pieces.clear();
                    used = 0;
                }
                while (scratch.length < used + made) {
                    scratch = Arrays.copyOf(scratch, scratch.length + 1);
                    scratch[scratch.length - 1] = pool.take();
                }
                piece.factors.add(residues(product.factor(), i, Arrays.copyOfRange(scratch, used, used + made)));
                piece.rotated0.add(babies[0][product.baby()]);
                piece.rotated1.add(babies[1][product.baby()]);
                used += made;
            }
            pieces.add(piece);
        }
        sum(pieces, p);
        pool.give(scratch);
    }

    private void sum(List<Piece> pieces, double p) {
        int terms = 0;
        List<BlockSum> sums = new ArrayList<>();
        for (Piece piece : pieces) {
            terms += piece.terms();
            sums.add(blocks(piece, p));
        }
        int block = RotatedInputs.block(parameters.n(), 2 * Math.min(terms, plan.babies.size()));
        for (int from = 0; from < parameters.n(); from += block) {
            for (BlockSum sum : sums) {
                sum.accept(from, from + block);
            }
        }
    }

    private BlockSum blocks(Piece piece, double p) {
        if (piece.terms() > 0) {
            return blocks(piece, piece.rotated0.toArray(new double[0][]), piece.rotated1.toArray(new double[0][]), p);
        }
        return (from, to) -> {
            if (!piece.started) {
                for (double[] part : piece.sum) {
                    Arrays.fill(part, from, to, 0.0);
                }
            }
        };
    }
}
