package org.veil4j.he.nn.packed;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.PolynomialEvaluator;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.nn.graph.TensorShape;

/**
 * One step of a network in the packed layout: an affine function of tensors that are there already, then an activation. A stage
 * leaves two tensors: what the activation gives, and its argument (the tap), which shortcuts read.
 *
 * @param name the network's layers that it stands for
 * @param sources the tensors read, as {@link #INPUT}, {@link #result} or {@link #tap}
 * @param matrices one a source: from the source's elements to the stage's
 * @param bias added to the sum of the products, one number an element
 * @param activation what then happens to each element
 * @param polynomial with {@link Activation#POLYNOMIAL}: its coefficients, lowest first; else null
 * @param shape shape of the stage's tensors
 */
public record PackedStage(
        String name,
        int[] sources,
        SparseMatrix[] matrices,
        double[] bias,
        Activation activation,
        double @Nullable [] polynomial,
        TensorShape shape) {
    /** The network's input among {@link #sources}. */
    static final int INPUT = -1;

    /** What happens to each element. */
    public enum Activation {
        /** Nothing: the network's result. */
        NONE,
        /** x squared; factors and shifts are folded into the neighbours. */
        SQUARE,
        /** One polynomial for all elements. */
        POLYNOMIAL
    }

    /** The source that stands for a stage's activated tensor. */
    static int result(int stage) {
        return 2 * stage;
    }

    /** The source that stands for the argument of a stage's activation. */
    static int tap(int stage) {
        return 2 * stage + 1;
    }

    /** Whether a source, which is not the input, is a tap. */
    static boolean isTap(int source) {
        return source >= 0 && (source & 1) == 1;
    }

    /** Levels that the activation takes. */
    int activationLevels() {
        return switch (activation) {
            case NONE -> 0;
            case SQUARE -> 1;
            case POLYNOMIAL -> PolynomialEvaluator.levels(degree());
        };
    }

    /** Degree of the activation. */
    int degree() {
        return polynomial == null ? activation == Activation.SQUARE ? 2 : 1 : polynomial.length - 1;
    }

    /** Largest magnitude of a weight. */
    double largestWeight() {
        double max = 0;
        for (SparseMatrix m : matrices) {
            max = Math.max(max, m.maxAbs());
        }
        return max;
    }

    /** Weights of all sources. */
    long entries() {
        long sum = 0;
        for (SparseMatrix m : matrices) {
            sum += m.entries();
        }
        return sum;
    }

    @Override
    public String toString() {
        return name + ": " + shape + " with " + entries() + " weights, "
                + activation.name().toLowerCase(Locale.ROOT) + ", reads " + Arrays.toString(sources);
    }
}
