package org.veil4j.he.mlr.encoding;

import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;

/** The diagonal encoding: its vectors, levels and scales. Immutable. */
final class DiagonalEncoding implements MlrEncoding {
    /** Levels that the first iteration takes when all weights are zero: unpacking labels, and backward. */
    static final int FIRST_LEVELS = 2;
    /** Highest degree of a sigmoid that the circuit evaluates. */
    static final int MAX_DEGREE = 7;
    /** Scales below this leave too little precision. */
    private static final double LEAST_LOG_SCALE = 24;

    final DiagonalLayout layout;
    final MlrSettings settings;
    final SigmoidPolynomial sigmoid;
    /** By what each step is multiplied in scaled units. */
    final double stepFactor;
    /** Whether the rotated features stay in memory between iterations. */
    final boolean keepRotations;

    final double scale;
    private final double[] primes;
    private final int firstLevel;

    /**
     * An encoding.
     *
     * @param stepFactor the square of the bound that features were divided by
     * @param primes the modulus chain, index = level; all but the first near 2^logScale
     * @param firstLevel levels that the first segment uses
     */
    DiagonalEncoding(
            DiagonalLayout layout,
            MlrSettings settings,
            SigmoidPolynomial sigmoid,
            double stepFactor,
            int logScale,
            double[] primes,
            int firstLevel,
            boolean keepRotations) {
        this.layout = layout;
        this.settings = settings;
        this.sigmoid = sigmoid;
        this.stepFactor = stepFactor;
        this.primes = primes;
        this.firstLevel = firstLevel;
        this.keepRotations = keepRotations;
        double log = logScale(settings, sigmoid, stepFactor, logScale);
        if (!(log >= LEAST_LOG_SCALE)) {
            throw new IllegalArgumentException("scaleBits=" + logScale + ": must be at least "
                    + (int) Math.ceil(logScale + LEAST_LOG_SCALE - log)
                    + " for these steps; raise it, or prepare features so that steps are near 1");
        }
        this.scale = Math.pow(2, log);
    }

    /**
     * log2 of the scale of features and weights. The factors of the sigmoid's highest coefficient and of the step are absorbed
     * in scales; with primes of one size, an iteration comes back to the scale that it started from when features and
     * weights have this one.
     */
    private static double logScale(MlrSettings settings, SigmoidPolynomial sigmoid, double stepFactor, int logScale) {
        double middle = Math.sqrt(settings.steps().step(1) * settings.steps().step(settings.iterations()));
        double[] odd = sigmoid.oddCoefficients();
        double factors = -Math.log(middle * stepFactor * Math.abs(odd[odd.length - 1])) / Math.log(2);
        return Math.min(logScale + 2, logScale - factors / (2 * sigmoid.degree()));
    }

    /** Levels of the sigmoid of a degree. */
    static int sigmoidLevels(int degree) {
        return degree == 1 ? 1 : degree == 3 ? 2 : 3;
    }

    /** Levels that an iteration takes: forward, sigmoid, backward. */
    static int iterationLevels(int degree) {
        return 2 + sigmoidLevels(degree);
    }

    int iterationLevels() {
        return iterationLevels(sigmoid.degree());
    }

    /** Step of an iteration in scaled units. */
    double step(int t) {
        return settings.steps().step(t) * stepFactor;
    }

    /** Level of the residuals of the first iteration. */
    private int firstResidualLevel() {
        return settings.startWeight() == 0 ? firstLevel - 1 : firstLevel - iterationLevels() + 1;
    }

    /** Scale that residuals must have so that the new weights get theirs. */
    double residualScale(int t, int level) {
        return step(t) * primes[level];
    }

    /** Scale of labels after unpacking: that of the first residuals, which they are if all weights are zero. */
    double labelScale() {
        return residualScale(1, firstResidualLevel());
    }

    @Override
    public List<Shape> datasetShapes() {
        List<Shape> shapes = new ArrayList<>();
        int top = primes.length - 1;
        for (int i = 0; i < layout.blocks() * layout.columnBlocks; i++) {
            shapes.add(new Shape(top, scale));
        }
        for (int i = 0; i < layout.labelVectors(); i++) {
            shapes.add(new Shape(top, scale));
        }
        return shapes;
    }

    @Override
    public List<double[]> datasetSlots(double[][] x, int[] labels) {
        List<double[]> slots = new ArrayList<>();
        for (int b = 0; b < layout.blocks(); b++) {
            for (int k = 0; k < layout.columnBlocks; k++) {
                slots.add(layout.features(x, b, k));
            }
        }
        for (int v = 0; v < layout.labelVectors(); v++) {
            slots.add(layout.labels(labels, v));
        }
        return slots;
    }

    @Override
    public int keptCiphertexts() {
        int blocks = keepRotations ? layout.blocks() : 1;
        return layout.blocks() + blocks * layout.columnBlocks * (layout.period - 1);
    }

    @Override
    public int weightVectors() {
        return layout.columnBlocks * layout.period;
    }

    @Override
    public List<Shape> weightShapes(int level) {
        List<Shape> shapes = new ArrayList<>();
        for (int i = 0; i < weightVectors(); i++) {
            shapes.add(new Shape(level, scale));
        }
        for (int i = 0; i < weightVectors(); i++) {
            shapes.add(new Shape(level - iterationLevels() + 1, scale)); // where W is first needed
        }
        return shapes;
    }

    @Override
    public List<double[]> weightSlots(double[][] weights) {
        List<double[]> slots = new ArrayList<>();
        for (int k = 0; k < layout.columnBlocks; k++) {
            for (int j = 0; j < layout.period; j++) {
                slots.add(layout.weights(weights, k, j));
            }
        }
        return slots;
    }

    @Override
    public double[][] weights(List<double[]> slots) {
        double[][] w = new double[layout.classes][layout.columns];
        for (int k = 0; k < layout.columnBlocks; k++) {
            for (int j = 0; j < layout.period; j++) {
                layout.readWeights(slots.get(k * layout.period + j), k, j, w);
            }
        }
        return w;
    }

    @Override
    public <C> MlrCircuit<C> circuit(SlotAlgebra<C> algebra, List<C> dataset) {
        return new DiagonalCircuit<>(algebra, this, dataset);
    }
}
