package org.veil4j.he.nn;

import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.circuit.PolynomialEvaluator;

/**
 * Which level each stage works at, and how wide the prime of each level must be. A level is used up either by weights (a
 * narrow prime: weights need few bits) or by a product of values (a prime as wide as the scale), so the modulus is no
 * wider than its use. Stages are placed greedily in order, each as high as its inputs and the kinds of level allow.
 */
final class LevelSchedule {
    /** Widest prime that weights may take, so that a rounded weight stays within what the matrix product holds. */
    private static final int MAX_WEIGHT_BITS = 33;

    private final int[] depthIn;
    private final int[] depthOut;
    private final List<Integer> bits = new ArrayList<>();
    private final List<Boolean> isWeight = new ArrayList<>();

    private LevelSchedule(List<Stage> stages, int logScale, int logOutputScale, int weightBits, int minPrimeBits) {
        depthIn = new int[stages.size()];
        depthOut = new int[stages.size()];
        for (int s = 0; s < stages.size(); s++) {
            Stage stage = stages.get(s);
            int ready = 0;
            for (int input : stage.inputs()) {
                ready = Math.max(ready, input == Stage.NETWORK_INPUT ? 0 : depthOut[input]);
            }
            List<Boolean> kinds = kinds(stage);
            int depth = ready;
            while (!fits(depth, kinds)) {
                depth++;
            }
            depthIn[s] = depth;
            for (int i = 0; i < kinds.size(); i++) {
                double weight = i == 0 ? stage.matrix().maxAbs() : maxCoefficient(stage);
                int extra = s == stages.size() - 1 ? logScale - logOutputScale : 0;
                place(
                        depth + i,
                        kinds.get(i),
                        kinds.get(i) ? primeBits(weight, weightBits, minPrimeBits) + extra : logScale);
            }
            depthOut[s] = depth + kinds.size();
        }
    }

    /**
     * Schedules stages that are ordered so that inputs come first.
     *
     * @param logScale bits of the scale between stages
     * @param logOutputScale bits of the result's scale, at most logScale: the last prime takes off the difference
     * @param weightBits bits of the largest rounded weight
     * @param minPrimeBits narrowest prime that the ring offers enough of
     */
    static LevelSchedule of(List<Stage> stages, int logScale, int logOutputScale, int weightBits, int minPrimeBits) {
        return new LevelSchedule(stages, logScale, logOutputScale, weightBits, minPrimeBits);
    }

    /** The kinds of level that a stage takes, in order: true for weights. */
    private static List<Boolean> kinds(Stage stage) {
        List<Boolean> kinds = new ArrayList<>();
        if (!stage.unit()) {
            kinds.add(true);
        }
        if (stage.activation() == Stage.Activation.SQUARE) {
            kinds.add(false);
        } else if (stage.activation() == Stage.Activation.POLYNOMIAL) {
            for (int i = 1; i < PolynomialEvaluator.levels(stage.degree()); i++) {
                kinds.add(false);
            }
            kinds.add(true);
        }
        return kinds;
    }

    private boolean fits(int depth, List<Boolean> kinds) {
        for (int i = 0; i < kinds.size(); i++) {
            if (depth + i < isWeight.size() && !isWeight.get(depth + i).equals(kinds.get(i))) {
                return false;
            }
        }
        return true;
    }

    private void place(int depth, boolean weight, int primeBits) {
        while (depth >= bits.size()) {
            bits.add(primeBits);
            isWeight.add(weight);
        }
        if (weight) {
            bits.set(depth, Math.min(bits.get(depth), primeBits));
        }
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

    /** Width in bits of the prime of a level, for levels 1 to {@link #depth}. */
    int primeBits(int level) {
        return bits.get(depth() - level);
    }
}
