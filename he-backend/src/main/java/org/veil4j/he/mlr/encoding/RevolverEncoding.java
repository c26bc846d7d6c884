package org.veil4j.he.mlr.encoding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.mlr.clear.HessianBound;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.ring.Workers;

/** The paper's encoding: its vectors, levels and scales. Immutable. */
final class RevolverEncoding implements MlrEncoding {
    /** The largest entry of the inverse bound may be so many times the middle one: more bits than that are lost to it. */
    private static final double MOST_SPREAD = 0x1p15;

    final RevolverLayout layout;
    final MlrSettings settings;
    final SigmoidPolynomial sigmoid;
    /** By what each step is multiplied in scaled units. */
    final double stepFactor;

    final double scale;
    private final int boundLog2;
    private final int topLevel;

    /**
     * An encoding.
     *
     * @param stepFactor with the quadratic gradient what the inverse bound was divided by; else the square of what features
     *     were divided by
     * @param boundLog2 log2 of what features were divided by
     * @param topLevel level of fresh data
     */
    RevolverEncoding(
            RevolverLayout layout,
            MlrSettings settings,
            SigmoidPolynomial sigmoid,
            double stepFactor,
            int boundLog2,
            int logScale,
            int topLevel) {
        this.layout = layout;
        this.settings = settings;
        this.sigmoid = sigmoid;
        this.stepFactor = stepFactor;
        this.boundLog2 = boundLog2;
        this.topLevel = topLevel;
        this.scale = Math.scalb(1.0, logScale - 2);
    }

    /** Whether the inverse of the Hessian's bound is a ciphertext of its own. */
    static boolean quadratic(MlrSettings settings) {
        return settings.algorithm() == MlrAlgorithm.SIGMOID_NAG_QUADRATIC;
    }

    /** Levels of an iteration: scores, two masks, sigmoid, gradient, mask, and the inverse bound. */
    static int iterationLevels(MlrSettings settings, int degree) {
        return 5 + DiagonalEncoding.sigmoidLevels(degree) + (quadratic(settings) ? 1 : 0);
    }

    /** Levels of the first iteration when all weights are zero: gradient, mask, and the inverse bound. */
    static int firstLevels(MlrSettings settings) {
        return quadratic(settings) ? 3 : 2;
    }

    /**
     * log2 of what the inverse bound is divided by so that no entry is above 1; 0 without the quadratic gradient.
     *
     * @param x rows in scaled units
     * @throws IllegalArgumentException if the largest entry leaves too few bits to the others, which share its ciphertext
     */
    static int preconditionerLog2(double[][] x, MlrSettings settings, int boundLog2) {
        if (!quadratic(settings)) {
            return 0;
        }
        double[] inverse = HessianBound.inverse(x, boundLog2);
        double[] sorted = Arrays.stream(inverse).filter(b -> b > 0).sorted().toArray();
        double largest = sorted[sorted.length - 1];
        double middle = sorted[sorted.length / 2];
        if (largest > MOST_SPREAD * middle) {
            int column = 0;
            while (inverse[column] < largest) {
                column++;
            }
            throw new IllegalArgumentException("feature " + column
                    + ": is so small on the training rows that its inverse"
                    + " Hessian bound is " + Math.round(largest / middle) + " times the middle one, must be at most "
                    + (long) MOST_SPREAD + "; standardise, drop the feature, or use encoding DIAGONAL");
        }
        return Math.getExponent(largest) + 1;
    }

    double step(int t) {
        return settings.steps().step(t) * stepFactor;
    }

    /** Scale of residuals: a little above the others, for their sums with features are masked afterwards anyway. */
    double residualScale() {
        return scale * 32;
    }

    @Override
    public List<Shape> datasetShapes() {
        List<Shape> shapes = new ArrayList<>();
        int count = 2 * layout.rowBlocks.count() + (quadratic(settings) ? 1 : 0);
        for (int i = 0; i < count; i++) {
            shapes.add(new Shape(topLevel, scale));
        }
        return shapes;
    }

    @Override
    public List<double[]> datasetSlots(double[][] x, int[] labels) {
        List<double[]> slots = new ArrayList<>();
        for (int b = 0; b < layout.rowBlocks.count(); b++) {
            slots.add(layout.features(x, b));
        }
        for (int b = 0; b < layout.rowBlocks.count(); b++) {
            slots.add(layout.labels(labels, b));
        }
        if (quadratic(settings)) {
            double[] inverse = HessianBound.inverse(x, boundLog2);
            for (int k = 0; k < inverse.length; k++) {
                inverse[k] /= stepFactor;
            }
            slots.add(layout.columnFactors(inverse));
        }
        return slots;
    }

    @Override
    public int keptCiphertexts() {
        int levels = iterationLevels(settings, sigmoid.degree());
        int blocks = layout.rowBlocks.largestBatch();
        int threads = Math.max(1, Workers.threads());
        // Gradient: residuals of all blocks, moved once for each class, and a product for each class. They are high up
        // in the
        // chain when the first iteration has weights of zero, and otherwise where the sigmoid leaves them.
        int residualLevel = settings.startWeight() == 0 ? topLevel : topLevel - levels + firstLevels(settings);
        int gradient = (blocks + 1) * layout.classes * (residualLevel + 1);
        // Scores: weights moved once for each thread, and for each of these a product of each block.
        int scores = threads * (topLevel + 1) + (threads + 1) * blocks * (topLevel - 2);
        return (Math.max(gradient, scores) + topLevel) / (topLevel + 1);
    }

    @Override
    public int weightVectors() {
        return 1;
    }

    @Override
    public List<Shape> weightShapes(int level) {
        int levels = iterationLevels(settings, sigmoid.degree());
        return List.of(new Shape(level, scale), new Shape(level - levels + 1, scale));
    }

    @Override
    public List<double[]> weightSlots(double[][] weights) {
        return List.of(layout.weights(weights));
    }

    @Override
    public double[][] weights(List<double[]> slots) {
        return layout.readWeights(slots.get(0));
    }

    @Override
    public <C> MlrCircuit<C> circuit(SlotAlgebra<C> algebra, List<C> dataset) {
        return new RevolverCircuit<>(algebra, this, dataset);
    }
}
