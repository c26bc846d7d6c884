package org.veil4j.he.circuit;

import org.jspecify.annotations.Nullable;
import org.veil4j.he.rlwe.Ciphertext;

/**
 * Numbers that only their owner knows, one a slot: encrypted, or in the clear for the owner's simulations. As
 * {@link SecretTransform}. Immutable by use.
 */
public final class SecretVector {
    private final double @Nullable [] numbers;
    private final @Nullable Ciphertext ciphertext;

    private SecretVector(double @Nullable [] numbers, @Nullable Ciphertext ciphertext) {
        this.numbers = numbers;
        this.ciphertext = ciphertext;
    }

    /** Numbers, which the owner has; not copied. */
    public static SecretVector ofNumbers(double[] numbers) {
        return new SecretVector(numbers, null);
    }

    /** A symmetric encryption by the owner. */
    public static SecretVector encrypted(Ciphertext ciphertext) {
        return new SecretVector(null, ciphertext);
    }

    /**
     * The numbers.
     *
     * @throws IllegalArgumentException if they are encrypted
     */
    double[] numbers() {
        if (numbers == null) {
            throw new IllegalArgumentException("vector: is encrypted; only an encrypted run, or a count, can use it");
        }
        return numbers;
    }

    /**
     * The encrypted numbers.
     *
     * @throws IllegalArgumentException if they are in the clear
     */
    Ciphertext ciphertext() {
        if (ciphertext == null) {
            throw new IllegalArgumentException(
                    "vector: is in the clear; encrypt it first, with its owner's secret key");
        }
        return ciphertext;
    }
}
