package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.nn.plan.ParameterChoice;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecurityLevel;
import org.veil4j.he.rlwe.SecurityTable;

/**
 * Secure parameters for a network's stages: for each number of key-switching digits the widest primes that fit. Their width costs
 * nothing but bytes of keys, and each bit of a weight's prime halves the rounding of its diagonals.
 */
final class PackedParameters {
    private static final Logger LOG = LogManager.getLogger(PackedParameters.class);
    /** Bits above the result's scale of the prime that is never divided by, if it is not too wide: results stay below half. */
    private static final int RESULT_BITS = 11;
    /** Least and largest width of that prime. The least lets results become larger at a smaller scale than the default. */
    private static final int MIN_BASE_BITS = 47;

    private static final int MAX_BASE_BITS = 49;
    /** Widths beyond which nothing is gained. */
    static final int MAX_WEIGHT_BITS = 33;

    private static final int MAX_LOG_SCALE = 42;
    /** Bits by which P exceeds the largest digit. */
    private static final int SPECIAL_MARGIN = 2;

    private final List<PackedStage> stages;
    private final PackedPlanner.Settings settings;
    private final int logN;
    /** Stages in the order in which they get bits that are left over. */
    private final List<Integer> byNeed;

    /**
     * A choice of parameters.
     *
     * @param levels of the stages
     * @param logScale bits of the scale between stages
     * @param weightBits bits of the primes that weights use up, but for single ones that are wider
     */
    record Choice(RlweParameters parameters, PackedLevels levels, int logScale, int weightBits) {}

    PackedParameters(List<PackedStage> stages, PackedPlanner.Settings settings, int logN) {
        this.stages = stages;
        this.settings = settings;
        this.logN = logN;
        // Where many products are added up, their roundings are, too.
        this.byNeed = IntStream.range(0, stages.size())
                .boxed()
                .sorted(Comparator.comparingDouble(s -> -productsOfAnElement(stages.get(s))))
                .toList();
    }

    private static double productsOfAnElement(PackedStage stage) {
        return stage.entries() / (double) stage.shape().size();
    }

    /**
     * For each number of digits what fits the ring degree; few digits first, none if nothing fits. More digits make keys larger and
     * key switching slower, but the modulus narrower.
     */
    List<Choice> choices() {
        int primes = levels(settings.weightBits(), 0, settings.logScale()).depth() + 1;
        List<Choice> choices = new ArrayList<>();
        int lastSize = 0;
        for (int digits = 1; digits <= primes; digits++) {
            int size = (primes + digits - 1) / digits;
            Choice choice = size == lastSize ? null : widest(size);
            lastSize = size;
            if (choice != null) {
                choices.add(choice);
            }
        }
        return choices;
    }

    private @Nullable Choice widest(int digitSize) {
        int logScale = settings.logScale();
        int bits = settings.weightBits();
        if (!fits(bits, 0, logScale, digitSize)) {
            return null;
        }
        while (bits < MAX_WEIGHT_BITS && fits(bits + 1, 0, logScale, digitSize)) {
            bits++;
        }
        int wider = 0;
        if (bits == MAX_WEIGHT_BITS) {
            while (logScale < MAX_LOG_SCALE && fits(bits, 0, logScale + 1, digitSize)) {
                logScale++;
            }
        } else {
            while (wider + 1 < stages.size() && fits(bits, wider + 1, logScale, digitSize)) {
                wider++;
            }
        }
        PackedLevels levels = levels(bits, wider, logScale);
        int[] widths = widths(levels);
        try {
            RlweParameters parameters = RlweParameters.builder()
                    .logN(logN)
                    .moduliBits(widths)
                    .digits((widths.length + digitSize - 1) / digitSize)
                    .security(settings.security())
                    .build();
            return new Choice(parameters, levels, logScale, bits);
        } catch (IllegalArgumentException e) {
            LOG.debug("logN={}, digits of {}: {}", logN, digitSize, e.getMessage());
            return null;
        }
    }

    private PackedLevels levels(int weightBits, int wider, int logScale) {
        List<Integer> first = byNeed.subList(0, wider);
        IntUnaryOperator bits = s -> weightBits + (first.contains(s) ? 1 : 0);
        return new PackedLevels(stages, logScale, settings.logOutputScale(), bits, ParameterChoice.minPrimeBits(logN));
    }

    private int[] widths(PackedLevels levels) {
        int[] widths = new int[levels.depth() + 1];
        widths[0] = Math.max(MIN_BASE_BITS, Math.min(MAX_BASE_BITS, settings.logOutputScale() + RESULT_BITS));
        System.arraycopy(levels.primeBits(), 0, widths, 1, levels.depth());
        return widths;
    }

    private boolean fits(int weightBits, int wider, int logScale, int digitSize) {
        if (settings.security() == SecurityLevel.INSECURE_TEST) {
            return true;
        }
        int[] widths = widths(levels(weightBits, wider, logScale));
        int largest = 0;
        for (int from = 0; from < widths.length; from += digitSize) {
            int to = Math.min(widths.length, from + digitSize);
            largest = Math.max(largest, Arrays.stream(widths, from, to).sum());
        }
        int special = largest + SPECIAL_MARGIN;
        // Primes of whole widths: each may be a little more than asked for.
        int slack = (special + 48) / 49;
        return Arrays.stream(widths).sum() + special + slack <= SecurityTable.maxLogQP(logN, settings.security());
    }
}
