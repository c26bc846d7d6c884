package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Which level each stage works at, and how wide the prime of each level must be: narrow where weights use it up, as wide as the
 * scale where a product of values does. Stages are placed in order, each as high as what it reads and the kinds of level allow.
 */
final class PackedLevels {
    /** Widest prime that weights may take: their coefficients then fit 32 bits nearly always. */
    private static final int MAX_WEIGHT_BITS = 36;
    /** Bits of a polynomial's largest coefficient after rounding: they are multiplied as scalars, and those must be small. */
    private static final int COEFFICIENT_BITS = 33;
    /** Bits of the largest weight of a layer below which it counts as small. */
    private static final int SMALL_WEIGHT = -3;
    /** Widest prime of the ring. */
    private static final int MAX_PRIME_BITS = 49;

    private final List<Integer> bits = new ArrayList<>();
    private final List<Boolean> weights = new ArrayList<>();
    private final int[] depthIn;
    private final int[] depthOut;

    /**
     * Places stages.
     *
     * @param logScale bits of the scale between stages
     * @param logOutputScale bits of the result's scale, at most logScale: the last prime takes off the difference
     * @param weightBits bits of the prime that a stage's weights use up
     * @param minPrimeBits narrowest prime that the ring offers enough of
     */
    PackedLevels(
            List<PackedStage> stages, int logScale, int logOutputScale, IntUnaryOperator weightBits, int minPrimeBits) {
        int most = MAX_WEIGHT_BITS;
        for (PackedStage stage : stages) {
            double largest = largestCoefficient(stage);
            if (largest > 0) {
                most = Math.min(most, COEFFICIENT_BITS - 1 - Math.getExponent(largest));
            }
        }
        depthIn = new int[stages.size()];
        depthOut = new int[stages.size()];
        for (int s = 0; s < depthIn.length; s++) {
            PackedStage stage = stages.get(s);
            int ready = 0;
            for (int source : stage.sources()) {
                if (source != PackedStage.INPUT) {
                    ready = Math.max(ready, PackedStage.isTap(source) ? depthIn[source / 2] + 1 : depthOut[source / 2]);
                }
            }
            List<Boolean> kinds = kinds(stage);
            int depth = ready;
            while (!fits(depth, kinds)) {
                depth++;
            }
            int extra = s == depthIn.length - 1 ? logScale - logOutputScale : 0;
            for (int i = 0; i < kinds.size(); i++) {
                double largest = i == 0 ? stage.largestWeight() : largestCoefficient(stage);
                int width = kinds.get(i)
                        ? Math.min(
                                MAX_PRIME_BITS,
                                weightPrime(largest, weightBits.applyAsInt(s), minPrimeBits, most) + extra)
                        : logScale;
                place(depth + i, kinds.get(i), width);
            }
            depthIn[s] = depth;
            depthOut[s] = depth + kinds.size();
        }
    }

    /** For each level of a stage whether weights use it up. */
    private static List<Boolean> kinds(PackedStage stage) {
        List<Boolean> kinds = new ArrayList<>();
        kinds.add(true);
        for (int i = 1; i <= stage.activationLevels(); i++) {
            kinds.add(stage.activation() == PackedStage.Activation.POLYNOMIAL && i == stage.activationLevels());
        }
        return kinds;
    }

    private boolean fits(int depth, List<Boolean> kinds) {
        for (int i = 0; i < kinds.size(); i++) {
            if (depth + i < weights.size() && !weights.get(depth + i).equals(kinds.get(i))) {
                return false;
            }
        }
        return true;
    }

    private void place(int depth, boolean forWeights, int width) {
        while (depth >= bits.size()) {
            bits.add(width);
            weights.add(forWeights);
        }
        bits.set(depth, forWeights ? Math.max(bits.get(depth), width) : width);
    }

    private static double largestCoefficient(PackedStage stage) {
        double max = 0;
        double[] polynomial = stage.polynomial();
        for (int k = 1; polynomial != null && k < polynomial.length; k++) {
            max = Math.max(max, Math.abs(polynomial[k]));
        }
        return max;
    }

    /** A diagonal is rounded as a whole, to about sqrt(N / 12) units of its scale: only small weights need a wider prime. */
    private static int weightPrime(double largest, int weightBits, int minPrimeBits, int most) {
        int magnitude = largest > 0 ? Math.getExponent(largest) + 1 : 0;
        int wider = Math.max(0, SMALL_WEIGHT - magnitude);
        return Math.max(minPrimeBits, Math.min(most, weightBits + wider));
    }

    /** Levels that the whole network uses. */
    int depth() {
        return bits.size();
    }

    /** Level at which each stage's transform is done. */
    int[] levelIn() {
        int[] levels = new int[depthIn.length];
        for (int s = 0; s < levels.length; s++) {
            levels[s] = depth() - depthIn[s];
        }
        return levels;
    }

    /** Widths of the primes of levels 1, 2, ... */
    int[] primeBits() {
        int[] widths = new int[depth()];
        for (int l = 1; l <= widths.length; l++) {
            widths[l - 1] = bits.get(depth() - l);
        }
        return widths;
    }
}
