package org.veil4j.he.mlr;

import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.ckks.CkksParameters;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.encoding.Encoding;
import org.veil4j.he.mlr.encoding.EncodingSpec;
import org.veil4j.he.mlr.encoding.FeatureScaling;
import org.veil4j.he.rlwe.SecurityLevel;
import org.veil4j.he.rlwe.SecurityTable;

/** Builds {@link MlrPlan}; {@link #build} chooses what was not set. Not thread-safe. */
public final class MlrPlanBuilder {
    private static final int FIRST_PRIME_BITS = 49;
    private static final int MOST_DIGITS = 3;
    private static final int MOST_LEVELS = 60;

    private final LabelledFeatures train;
    private final Preparation preparation;
    private final MlrSettings settings;
    private Encoding encoding = Encoding.DIAGONAL;
    private int logN = 15;
    private int scaleBits = 40;
    private int digits;
    private int refreshEvery;
    private boolean keepRotations = true;
    private long memoryBytes;
    private SecurityLevel security = SecurityLevel.BITS_128;

    MlrPlanBuilder(LabelledFeatures train, Preparation preparation, MlrSettings settings) {
        train.requireEveryClass();
        this.preparation = preparation;
        this.settings = settings;
        this.train = train;
    }

    /**
     * Sets how numbers lie in slots; {@link Encoding#DIAGONAL} unless set.
     *
     * @return this
     */
    public MlrPlanBuilder encoding(Encoding value) {
        encoding = value;
        return this;
    }

    /**
     * Sets log2 of the ring degree; 15 unless set.
     *
     * @return this
     */
    public MlrPlanBuilder logN(int value) {
        logN = value;
        return this;
    }

    /**
     * Sets the bits of the primes that are divided by, and so the precision; 40 unless set. Weights must fit what is left
     * of the lowest prime, 49 bits: {@link MlrSimulation} says whether they do.
     *
     * @param value 30 to 48
     * @return this
     */
    public MlrPlanBuilder scaleBits(int value) {
        if (value < 30 || value > 48) {
            throw new IllegalArgumentException("scaleBits=" + value + ": must be 30 to 48");
        }
        scaleBits = value;
        return this;
    }

    /**
     * Sets the number of key-switching digits; the cheapest secure number up to 3 unless set.
     *
     * @return this
     */
    public MlrPlanBuilder digits(int value) {
        digits = value;
        return this;
    }

    /**
     * Sets after how many iterations weights are refreshed; as seldom as the parameters allow unless set.
     *
     * @param iterations at least 1, or 0 to leave it to the plan
     * @return this
     */
    public MlrPlanBuilder refreshEvery(int iterations) {
        if (iterations < 0) {
            throw new IllegalArgumentException("refreshEvery=" + iterations + ": must be at least 1, or 0");
        }
        refreshEvery = iterations;
        return this;
    }

    /**
     * Sets whether rotated features are kept between iterations, which saves their rotations and takes memory; kept
     * unless the memory budget does not allow it.
     *
     * @return this
     */
    public MlrPlanBuilder keepRotations(boolean keep) {
        keepRotations = keep;
        return this;
    }

    /**
     * Sets the most memory that the server's process may take.
     *
     * @param bytes 0 for no limit, as it is unless set
     * @return this
     */
    public MlrPlanBuilder memoryBytes(long bytes) {
        memoryBytes = bytes;
        return this;
    }

    /**
     * Sets the security; 128 bits unless set.
     *
     * @return this
     */
    public MlrPlanBuilder security(SecurityLevel level) {
        security = level;
        return this;
    }

    /**
     * Chooses refresh points and parameters and checks everything.
     *
     * @throws IllegalArgumentException if nothing secure fits, or the plan needs more memory than allowed
     */
    public MlrPlan build() {
        SigmoidPolynomial sigmoid = settings.sigmoid();
        if (sigmoid == null) {
            throw new IllegalArgumentException("sigmoid=null: an encrypted run needs a polynomial; take "
                    + "SigmoidPolynomial.PAPER or leastSquares");
        }
        MlrPlan plan = narrowed(best(values(sigmoid, keepRotations)));
        if (memoryBytes != 0 && plan.report().estimatedPeakBytes() > memoryBytes && keepRotations) {
            plan = narrowed(best(values(sigmoid, false)));
        }
        plan.requireMemory(memoryBytes);
        return plan;
    }

    private PlanValues values(SigmoidPolynomial sigmoid, boolean keep) {
        FeatureScaling scaling = FeatureScaling.fit(train, preparation, settings.algorithm(), encoding);
        if (Preparation.constantFeatures(train) == train.features()) {
            throw new IllegalArgumentException("features: all " + train.features()
                    + " are constant on the training rows; check the body and the layer that they come from");
        }
        EncodingSpec spec = new EncodingSpec(
                encoding,
                train.classes(),
                train.features(),
                train.size(),
                settings,
                sigmoid,
                scaling.boundLog2(),
                EncodingSpec.preconditionerLog2(encoding, scaling.apply(train), settings, scaling.boundLog2()),
                1 << (logN - 1),
                keep);
        return new PlanValues(spec, preparation, List.of());
    }

    /** The plan with the fewest refreshes, of these with the fewest levels, of these with the cheapest number of digits. */
    private MlrPlan best(PlanValues values) {
        PlanValues chosen = refreshEvery == 0 ? seldom(values) : values.withRefreshPoints(regularPoints());
        int levels = chosen.levels();
        MlrPlan best = null;
        for (int d = 1; d <= MOST_DIGITS; d++) {
            if ((digits == 0 || d == digits) && fits(levels, d)) {
                MlrPlan plan =
                        MlrPlan.of(chosen, CkksParameters.of(logN, FIRST_PRIME_BITS, scaleBits, levels, d, security));
                boolean cheaper = best == null
                        || plan.report().relativeCost() < best.report().relativeCost();
                best = cheaper ? plan : best;
            }
        }
        if (best == null) {
            throw new IllegalArgumentException("logN=" + logN + ": holds no " + levels + " levels of " + scaleBits
                    + " bits at security " + security + "; use a larger ring, refresh more often, or a lower degree");
        }
        return best;
    }

    /** The cheapest plan with rows that are as wide or narrower, which uploads at most an eighth more. */
    private MlrPlan narrowed(MlrPlan plan) {
        MlrPlan best = plan;
        for (EncodingSpec spec : plan.values().spec().narrower()) {
            MlrPlan narrow = MlrPlan.of(plan.values().withSpec(spec), plan.parameters());
            if (narrow.report().relativeCost() < best.report().relativeCost()
                    && 8 * narrow.report().ciphertextsUploaded()
                            <= 9 * plan.report().ciphertextsUploaded()) {
                best = narrow;
            }
        }
        return best;
    }

    private List<Integer> regularPoints() {
        List<Integer> points = new ArrayList<>();
        for (int t = refreshEvery; t < settings.iterations(); t += refreshEvery) {
            points.add(t);
        }
        return points;
    }

    private PlanValues seldom(PlanValues values) {
        if (fitsAtAll(values.levels())) {
            return values;
        }
        PlanValues best = values;
        int fewest = Integer.MAX_VALUE;
        for (int levels = values.levels() - 1; levels > 0; levels--) {
            List<Integer> points = values.refreshPoints(levels);
            if (points != null && points.size() <= fewest && fitsAtAll(levels)) {
                best = values.withRefreshPoints(points);
                fewest = points.size();
            }
        }
        return best;
    }

    private boolean fitsAtAll(int levels) {
        for (int d = 1; d <= MOST_DIGITS; d++) {
            if ((digits == 0 || d == digits) && fits(levels, d)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a chain with that many digits is surely secure: special primes may exceed a digit by a few bits. */
    private boolean fits(int levels, int d) {
        if (levels > MOST_LEVELS || d > levels + 1) {
            return false;
        }
        int digitSize = (levels + d) / d;
        double logQ = FIRST_PRIME_BITS + levels * (double) scaleBits;
        double logDigit = FIRST_PRIME_BITS + (digitSize - 1) * (double) scaleBits;
        double slack = 3 + logDigit / FIRST_PRIME_BITS;
        return logQ + logDigit + slack <= SecurityTable.maxLogQP(logN, security);
    }
}
