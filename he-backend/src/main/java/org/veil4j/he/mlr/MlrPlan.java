package org.veil4j.he.mlr;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.veil4j.he.circuit.KernelTimes;
import org.veil4j.he.ckks.CkksParameters;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.encoding.Encoding;
import org.veil4j.he.mlr.encoding.MlrEncoding;
import org.veil4j.he.mlr.encoding.Shape;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Everything about an encrypted training run that is fixed before a byte is encrypted: sizes, steps, polynomial, encoding,
 * parameters, refresh points, and from these the exact keys, levels, operations and memory. Public: it goes to the server.
 * It says how large the prepared features are, rounded up to a power of two, and nothing else of the data. Immutable.
 */
public final class MlrPlan {
    private final PlanValues values;
    private final CkksParameters parameters;
    private final MlrEncoding encoding;
    private final PlanReport report;
    private final KeyRequest keys;
    private final Fingerprint fingerprint;

    private MlrPlan(
            PlanValues values,
            CkksParameters parameters,
            MlrEncoding encoding,
            PlanCosts costs,
            Fingerprint fingerprint) {
        this.values = values;
        this.parameters = parameters;
        this.encoding = encoding;
        this.report = costs.report();
        this.keys = costs.keys();
        this.fingerprint = fingerprint;
    }

    /**
     * Prices the run.
     *
     * @throws IllegalArgumentException if values and parameters do not fit together
     */
    static MlrPlan of(PlanValues values, CkksParameters parameters) {
        MlrEncoding encoding = values.encoding(parameters);
        if (values.levels() > parameters.maxLevel()) {
            throw new IllegalArgumentException("levels=" + parameters.maxLevel() + ": this plan needs "
                    + values.levels() + "; refresh more often or take larger parameters");
        }
        return new MlrPlan(
                values,
                parameters,
                encoding,
                PlanCosts.of(values, parameters, encoding),
                PlanFormat.fingerprint(values, parameters));
    }

    /**
     * Starts a plan for given data: classes, features, rows and the bound on prepared features are taken from it.
     *
     * @param settings a sigmoid algorithm with a polynomial
     * @throws IllegalArgumentException if a class has no row
     */
    public static MlrPlanBuilder builder(LabelledFeatures train, Preparation preparation, MlrSettings settings) {
        return new MlrPlanBuilder(train, preparation, settings);
    }

    PlanValues values() {
        return values;
    }

    MlrEncoding encoder() {
        return encoding;
    }

    /** Number of classes. */
    public int classes() {
        return values.spec().classes();
    }

    /** Features of a row, without the constant one. */
    public int features() {
        return values.spec().features();
    }

    /** Training rows. */
    public int rows() {
        return values.spec().rows();
    }

    /** What is run. */
    public MlrSettings settings() {
        return values.settings();
    }

    /** What the owner does to features first. */
    public Preparation preparation() {
        return values.preparation();
    }

    /** How numbers lie in slots. */
    public Encoding encoding() {
        return values.spec().kind();
    }

    /** Encryption parameters and the size of scales. */
    public CkksParameters parameters() {
        return parameters;
    }

    RlweParameters rlwe() {
        return parameters.rlwe();
    }

    /** Iterations after which the weights are refreshed, ascending; the last iteration is not among them. */
    public List<Integer> refreshPoints() {
        return values.refreshPoints();
    }

    /** Whether weights are to be refreshed after iteration t. */
    public boolean refreshesAfter(int t) {
        return values.refreshesAfter(t);
    }

    /** The evaluation keys that the server needs. */
    public KeyRequest keys() {
        return keys;
    }

    /** What the run will take. */
    public PlanReport report() {
        return report;
    }

    /**
     * Seconds that the server will take on this machine, refreshes not counted: see {@link KernelTimes}.
     *
     * @param threads worker threads, at least 1
     */
    public double estimateSeconds(int threads) {
        return KernelTimes.estimateSeconds(rlwe().q(), report.operations(), threads);
    }

    /** SHA-256 of the plan: data, weights and keys belong to it. */
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /** Shapes of the start weights, which are V and W at once; none if they are zero. */
    List<Shape> startShapes() {
        return values.startShapes(encoding);
    }

    /** Level of V before iteration t; of the data if all weights are zero then. */
    int levelBefore(int t) {
        return values.levelBefore(t);
    }

    /**
     * Refuses a plan that a run in the clear has shown to leave the interval of its polynomial.
     *
     * @param maxAbsScore largest magnitude of a score of the clear run with the same settings
     * @throws IllegalArgumentException if it is beyond the polynomial's bound
     */
    public void requireScoresWithin(double maxAbsScore) {
        SigmoidPolynomial sigmoid = values.spec().sigmoid();
        if (!(maxAbsScore <= sigmoid.bound())) {
            throw new IllegalArgumentException("maxAbsScore=" + maxAbsScore + ": must be at most " + sigmoid.bound()
                    + ", the interval of the polynomial; normalise rows, take smaller steps or fewer iterations, or a"
                    + " polynomial for a larger interval");
        }
    }

    /**
     * Refuses a plan that needs more memory than there is.
     *
     * @param bytes what the server's process may take; 0 for no limit
     * @throws IllegalArgumentException if the estimated peak is more
     */
    public void requireMemory(long bytes) {
        long peak = report.estimatedPeakBytes();
        if (bytes != 0 && peak > bytes) {
            throw new IllegalArgumentException("memory=" + (bytes >> 20) + " MiB: this plan needs about " + (peak >> 20)
                    + " MiB at its peak; allow more, refresh more often, or use a smaller ring");
        }
    }

    /** Writes the plan to a file, which appears complete or not at all. */
    public void write(Path file) throws IOException {
        PlanFormat.write(values, parameters, file);
    }

    /**
     * Reads a plan.
     *
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static MlrPlan read(Path file) throws IOException {
        return PlanFormat.read(file);
    }
}
