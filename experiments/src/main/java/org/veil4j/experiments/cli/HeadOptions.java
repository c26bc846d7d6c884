package org.veil4j.experiments.cli;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.head.HeadSetup;
import org.veil4j.experiments.head.Words;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.clear.StepSchedule;
import org.veil4j.he.mlr.encoding.Encoding;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a head is trained under encryption. */
final class HeadOptions {
    private static final String BOTH = "both";
    private static final int PAPER_LOG_N = 16;
    private static final double SIGMOID_BOUND = 8;

    @Option(
            names = "--encoding",
            defaultValue = "diagonal",
            description = "diagonal (ours), volley-revolver (the paper's), or with train-head --local both"
                    + " (${DEFAULT-VALUE}).")
    private String encoding = "diagonal";

    @Option(
            names = "--preparation",
            defaultValue = "standardise-row-normalise",
            description = "What is done to features first: none, centre, standardise, row-normalise,"
                    + " centre-row-normalise or standardise-row-normalise (${DEFAULT-VALUE}).")
    private String preparation = "standardise-row-normalise";

    @Option(names = "--iterations", paramLabel = "N", defaultValue = "10", description = "Default: ${DEFAULT-VALUE}.")
    private int iterations = 10;

    @Option(
            names = "--settings",
            description =
                    "recommended, or paper: the paper's start weights and steps (default: paper for volley-revolver"
                            + " without preparation, else recommended).")
    private @Nullable String settings;

    @Option(
            names = "--step-base",
            paramLabel = "X",
            description = "Iteration t multiplies the gradient by base + decay / t (recommended: 2 + 8 / t).")
    private @Nullable Double stepBase;

    @Option(names = "--step-decay", paramLabel = "X", description = "See --step-base.")
    private @Nullable Double stepDecay;

    @Option(names = "--batch-rows", paramLabel = "N", description = "Rows of a mini-batch (default: all).")
    private int batchRows;

    @Option(
            names = "--sigmoid-degree",
            paramLabel = "D",
            description =
                    "Degree of a polynomial fitted to the sigmoid: 1, 3, 5 or 7 (default: the paper's, of degree 3).")
    private @Nullable Integer sigmoidDegree;

    @Option(
            names = "--sigmoid-bound",
            paramLabel = "X",
            description = "Scores up to which that is fitted (default: 8).")
    private @Nullable Double sigmoidBound;

    @Option(
            names = "--log-n",
            paramLabel = "N",
            description = "log2 of the ring degree, 10 to 17 (default: 15; 16 for the paper's run).")
    private int logN;

    @Option(
            names = "--scale-bits",
            paramLabel = "N",
            description = "Bits of a level, and so the precision, 30 to 48 (default: 40).")
    private int scaleBits;

    @Option(
            names = "--refresh-every",
            paramLabel = "N",
            description = "Iterations between refreshes by the owner (default: as many as the levels allow).")
    private int refreshEvery;

    @Mixin
    private final MemoryOption memory = new MemoryOption();

    @Option(
            names = "--insecure-test-parameters",
            hidden = true,
            description = "Drop the security requirement: for tests only.")
    private boolean insecure;

    /** The server's memory, 0 for no limit. */
    long memoryBytes() {
        return memory.bytes();
    }

    /**
     * The one setup that was asked for.
     *
     * @param rows training rows
     */
    HeadSetup setup(int rows) {
        return setup(Words.parse("encoding", encoding, Encoding.class), rows);
    }

    /** The setup, or if both encodings were asked for, one for each with the same settings. */
    List<HeadSetup> setups(int rows) {
        if (!encoding.toLowerCase(Locale.ROOT).equals(BOTH)) {
            return List.of(setup(rows));
        }
        HeadSetup ours = setup(Encoding.DIAGONAL, rows);
        return List.of(ours, ours.with(Encoding.VOLLEY_REVOLVER));
    }

    private HeadSetup setup(Encoding chosen, int rows) {
        if (logN != 0 && (logN < 10 || logN > 17)) {
            throw new UsageException("log-n=" + logN + ": must be 10 to 17, or left out");
        }
        Preparation prepared = Words.parse("preparation", preparation, Preparation.class);
        boolean paper = settings == null
                ? chosen == Encoding.VOLLEY_REVOLVER && prepared == Preparation.NONE
                : Words.parse("settings", settings, Source.class) == Source.PAPER;
        MlrSettings base = paper ? MlrSettings.paper(iterations, rows) : MlrSettings.recommended(iterations);
        StepSchedule steps = new StepSchedule(
                stepBase == null ? base.steps().base() : stepBase,
                stepDecay == null ? base.steps().decay() : stepDecay);
        return new HeadSetup(
                chosen,
                prepared,
                new MlrSettings(base.algorithm(), iterations, steps, sigmoid(base), base.startWeight(), batchRows),
                new HeadSetup.Ring(ring(chosen, paper), scaleBits, refreshEvery, memory.bytes(), insecure));
    }

    private @Nullable SigmoidPolynomial sigmoid(MlrSettings base) {
        if (sigmoidDegree == null) {
            if (sigmoidBound != null) {
                throw new UsageException("sigmoid-bound=" + sigmoidBound + ": is for a polynomial that is fitted; add"
                        + " --sigmoid-degree, or leave it out");
            }
            return base.sigmoid();
        }
        return SigmoidPolynomial.leastSquares(sigmoidDegree, sigmoidBound == null ? SIGMOID_BOUND : sigmoidBound);
    }

    /** The paper's own ring for its own run: two iterations need no refresh there. */
    private int ring(Encoding chosen, boolean paper) {
        return logN == 0 && paper && chosen == Encoding.VOLLEY_REVOLVER ? PAPER_LOG_N : logN;
    }

    private enum Source {
        RECOMMENDED,
        PAPER
    }
}
