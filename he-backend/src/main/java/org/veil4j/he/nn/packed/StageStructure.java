package org.veil4j.he.nn.packed;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.PolynomialEvaluator;
import org.veil4j.he.nn.graph.TensorShape;

/**
 * What is public of a stage, whatever becomes of its weights.
 *
 * @param name the network's layers that it stands for
 * @param sources the tensors read, as {@link PackedStage#INPUT}, {@link PackedStage#result} or {@link PackedStage#tap}
 * @param activation what happens to each element of the affine function's result
 * @param polynomial with {@link PackedStage.Activation#POLYNOMIAL}: its coefficients, lowest first; else null
 * @param shape shape of the stage's tensors
 */
public record StageStructure(
        String name,
        int[] sources,
        PackedStage.Activation activation,
        double @Nullable [] polynomial,
        TensorShape shape) {
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
        return polynomial == null ? activation == PackedStage.Activation.SQUARE ? 2 : 1 : polynomial.length - 1;
    }

    @Override
    public String toString() {
        return name + ": " + shape + ", " + activation.name().toLowerCase(Locale.ROOT) + ", reads "
                + Arrays.toString(sources);
    }
}
