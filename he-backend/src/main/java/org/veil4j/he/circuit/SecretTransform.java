package org.veil4j.he.circuit;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.rlwe.CipherDiagonal;

/**
 * A linear transform by factors that only their owner knows. Its shape is public: inputs, steps, and which diagonals there are.
 * The factors are encrypted, for who computes with them; or numbers, for the owner, who simulates that. Opaque, as
 * {@link PreparedPlain} is: an interpretation takes the form that it can use. Immutable.
 */
public final class SecretTransform {
    private final LinearTransform shape;
    private final @Nullable List<CipherDiagonal> factors;

    private SecretTransform(LinearTransform shape, @Nullable List<CipherDiagonal> factors) {
        this.shape = shape;
        this.factors = factors;
    }

    /** A transform by numbers, which the owner has. */
    public static SecretTransform ofNumbers(LinearTransform transform) {
        return new SecretTransform(transform, null);
    }

    /**
     * A transform by encrypted factors.
     *
     * @param shape with any numbers in its diagonals: they are not used, and should be zeros
     * @param factors one a diagonal, in the order of outputs, giants and diagonals; see {@link WeightEncryptor}
     * @throws IllegalArgumentException if there are more or fewer
     */
    public static SecretTransform encrypted(LinearTransform shape, List<CipherDiagonal> factors) {
        if (factors.size() != shape.products()) {
            throw new IllegalArgumentException(
                    "factors=" + factors.size() + ": must be " + shape.products() + ", one for each diagonal");
        }
        return new SecretTransform(shape, List.copyOf(factors));
    }

    /** Inputs, steps and diagonals; the numbers in it are right where there are no encrypted factors. */
    LinearTransform shape() {
        return shape;
    }

    /**
     * The transform with its numbers.
     *
     * @throws IllegalArgumentException if the factors are encrypted
     */
    LinearTransform numbers() {
        if (factors != null) {
            throw new IllegalArgumentException(
                    "transform: its factors are encrypted; only an encrypted run, or a count, can use them");
        }
        return shape;
    }

    /**
     * The encrypted factors.
     *
     * @throws IllegalArgumentException if there are none
     */
    List<CipherDiagonal> factors() {
        if (factors == null) {
            throw new IllegalArgumentException(
                    "transform: its factors are in the clear; encrypt them first, with their owner's secret key");
        }
        return factors;
    }
}
