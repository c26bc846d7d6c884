package org.veil4j.he.nn.packed;

import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.nn.graph.TensorShape;

/**
 * One step of a network in the packed layout: an affine function of tensors that are there already, then an activation. A stage
 * leaves two tensors: what the activation gives, and its argument (the tap), which shortcuts read.
 *
 * @param structure all but the weights
 * @param matrices one a source: from the source's elements to the stage's
 * @param bias added to the sum of the products, one number an element
 */
public record PackedStage(StageStructure structure, SparseMatrix[] matrices, double[] bias) {
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

    /** The network's layers that the stage stands for. */
    String name() {
        return structure.name();
    }

    /** The tensors read. */
    int[] sources() {
        return structure.sources();
    }

    /** What happens to each element. */
    Activation activation() {
        return structure.activation();
    }

    /** Coefficients of a polynomial activation, else null. */
    double @Nullable [] polynomial() {
        return structure.polynomial();
    }

    /** Shape of the stage's tensors. */
    TensorShape shape() {
        return structure.shape();
    }

    /** Levels that the activation takes. */
    int activationLevels() {
        return structure.activationLevels();
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
        return structure + ", " + entries() + " weights";
    }
}
