package org.veil4j.he.nn.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.veil4j.he.circuit.PolynomialEvaluator;

/**
 * Which level each stage works at, and how wide the prime of each level must be. A level is used up by weights (a narrow
 * prime: weights need few bits), by a product of values (a prime as wide as the scale), or by half of both: with late
 * rescaling a square is taken of values that still carry the weights' scale, and two primes together take off what weights
 * and square have added. That widens the modulus, but rescales one sum instead of each of its terms. Stages are placed
 * greedily in order, each as high as its inputs and the kinds of level allow.
 */
final class LevelSchedule {
    /** Widest prime that weights may take, so that a rounded weight stays within what the matrix product holds. */
    private static final int MAX_WEIGHT_BITS = 33;
    /** Widest prime of the ring. */
    private static final int MAX_PRIME_BITS = 49;

    private final int[] depthIn;
    private final int[] depthOut;
    private final List<Integer> bits = new ArrayList<>();
    private final List<Kind> kinds = new ArrayList<>();
    private final boolean late;

    /** What a level is used up by. */
    private enum Kind {
        WEIGHT,
        PRODUCT,
        HALF_OF_BOTH
    }

    private LevelSchedule(
            List<Stage> stages, int logScale, int logOutputScale, int weightBits, int minPrimeBits, boolean late) {
        this.late = late;
        depthIn = new int[stages.size()];
        depthOut = new int[stages.size()];
        for (int s = 0; s < stages.size(); s++) {
            Stage stage = stages.get(s);
            int ready = 0;
            for (int input : stage.inputs()) {
                ready = Math.max(ready, input == Stage.NETWORK_INPUT ? 0 : depthOut[input]);
            }
            List<Kind> wanted = kinds(stage);
            int depth = ready;
            while (!fits(depth, wanted)) {
                depth++;
            }
            depthIn[s] = depth;
            int extra = s == stages.size() - 1 ? logScale - logOutputScale : 0;
            for (int i = 0; i < wanted.size(); i++) {
                double weight = i == 0 || isLate(stage) ? stage.matrix().maxAbs() : maxCoefficient(stage);
                int forWeights = primeBits(weight, weightBits, minPrimeBits);
                int width = logScale;
                if (wanted.get(i) == Kind.WEIGHT) {
                    width = Math.min(MAX_PRIME_BITS, forWeights + extra);
                } else if (wanted.get(i) == Kind.HALF_OF_BOTH) {
                    width = Math.min(MAX_PRIME_BITS, logScale / 2 + forWeights);
                }
                place(depth + i, wanted.get(i), width);
            }
            depthOut[s] = depth + wanted.size();
        }
    }

    /**
     * Schedules stages that are ordered so that inputs come first.
     *
     * @param logScale bits of the scale between stages
     * @param logOutputScale bits of the result's scale, at most logScale: the last prime takes off the difference
     * @param weightBits bits of the largest rounded weight
     * @param minPrimeBits narrowest prime that the ring offers enough of
     * @param late whether squares are rescaled late
     */
    static LevelSchedule of(
            List<Stage> stages, int logScale, int logOutputScale, int weightBits, int minPrimeBits, boolean late) {
        return new LevelSchedule(stages, logScale, logOutputScale, weightBits, minPrimeBits, late);
    }

    /** Whether a stage rescales its square late. */
    boolean isLate(Stage stage) {
        return late && !stage.unit() && stage.activation() == Stage.Activation.SQUARE;
    }

    /** The kinds of level that a stage takes, in order. */
    private List<Kind> kinds(Stage stage) {
        if (isLate(stage)) {
            return List.of(Kind.HALF_OF_BOTH, Kind.HALF_OF_BOTH);
        }
        List<Kind> wanted = new ArrayList<>();
        if (!stage.unit()) {
            wanted.add(Kind.WEIGHT);
        }
        if (stage.activation() == Stage.Activation.SQUARE) {
            wanted.add(Kind.PRODUCT);
        } else if (stage.activation() == Stage.Activation.POLYNOMIAL) {
            for (int i = 1; i < PolynomialEvaluator.levels(stage.degree()); i++) {
                wanted.add(Kind.PRODUCT);
            }
            wanted.add(Kind.WEIGHT);
        }
        return wanted;
    }

    private boolean fits(int depth, List<Kind> wanted) {
        for (int i = 0; i < wanted.size(); i++) {
            if (depth + i < kinds.size() && kinds.get(depth + i) != wanted.get(i)) {
                return false;
            }
        }
        return true;
    }

    private void place(int depth, Kind kind, int primeBits) {
        while (depth >= bits.size()) {
            bits.add(primeBits);
            kinds.add(kind);
        }
        bits.set(depth, Math.min(bits.get(depth), primeBits));
    }

    private static double maxCoefficient(Stage stage) {
        double max = 0;
        double[][] rows = stage.polynomials();
        for (int r = 0; rows != null && r < rows.length; r++) {
            for (int k = 1; k < rows[r].length; k++) {
                max = Math.max(max, Math.abs(rows[r][k]));
            }
        }
        return max;
    }

    /** Width such that the largest weight becomes an integer of about weightBits bits. */
    private static int primeBits(double maxWeight, int weightBits, int minPrimeBits) {
        int magnitude = maxWeight > 0 ? Math.getExponent(maxWeight) + 1 : 0;
        int bits = Math.max(minPrimeBits, Math.min(MAX_WEIGHT_BITS, weightBits - magnitude));
        if (bits + magnitude > MAX_WEIGHT_BITS) {
            throw new IllegalArgumentException("weight=" + maxWeight + ": weights must stay below 2^"
                    + (MAX_WEIGHT_BITS - minPrimeBits) + "; rescale the network's layers");
        }
        return bits;
    }

    /** Levels that the whole network uses. */
    int depth() {
        return bits.size();
    }

    /** Level at which a stage's linear part is computed. */
    int levelIn(int stage) {
        return depth() - depthIn[stage];
    }

    /** Level of a stage's result. */
    int levelOut(int stage) {
        return depth() - depthOut[stage];
    }

    /** Widths in bits of the primes of all levels from 1 on. */
    int[] primeBits() {
        int[] widths = new int[depth()];
        Arrays.setAll(widths, l -> primeBits(l + 1));
        return widths;
    }

    /** Width in bits of the prime of a level, for levels 1 to {@link #depth}. */
    int primeBits(int level) {
        return bits.get(depth() - level);
    }
}
