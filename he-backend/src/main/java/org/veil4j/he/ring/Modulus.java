package org.veil4j.he.ring;

import java.math.BigInteger;
import org.veil4j.he.ring.kernel.LongMod;

/** An odd prime p, 2 &lt; p &lt; 2^50. Immutable; equal by value. */
public final class Modulus {
    /** Primes must be below 2^50: the exactness bounds of the kernels end there. */
    public static final int MAX_BITS = 50;

    private final long value;
    private final double p;
    private final double pInverse;

    private Modulus(long value) {
        this.value = value;
        this.p = value;
        this.pInverse = 1.0 / value;
    }

    /**
     * A modulus with the given value.
     *
     * @throws IllegalArgumentException when p is not an odd prime below 2^50
     */
    public static Modulus of(long p) {
        if (p <= 2 || p >= 1L << MAX_BITS) {
            throw new IllegalArgumentException(
                    "p=" + p + ": must be an odd prime, 2 < p < 2^50; take primes from PrimeGenerator");
        }
        if (!BigInteger.valueOf(p).isProbablePrime(64)) {
            throw new IllegalArgumentException("p=" + p + ": must be prime; take primes from PrimeGenerator");
        }
        return new Modulus(p);
    }

    /** p as a long. */
    public long value() {
        return value;
    }

    /** p as a double (exact). */
    public double p() {
        return p;
    }

    /** 1/p, rounded. */
    public double pInverse() {
        return pInverse;
    }

    /** Bit length of p, at most 50. */
    public int bits() {
        return Long.SIZE - Long.numberOfLeadingZeros(value);
    }

    /** The balanced residue, in [-(p-1)/2, (p-1)/2], of any long. */
    public long center(long x) {
        return LongMod.balance(Math.floorMod(x, value), value);
    }

    /** The balanced residue of any integer. */
    public long center(BigInteger x) {
        return LongMod.balance(x.mod(BigInteger.valueOf(value)).longValue(), value);
    }

    /** Balanced product of any two longs. */
    public long multiply(long a, long b) {
        return LongMod.balance(LongMod.multiply(center(a), center(b), value), value);
    }

    /**
     * Balanced power.
     *
     * @param b any long
     * @param e exponent, at least 0
     * @throws IllegalArgumentException when e is negative
     */
    public long pow(long b, long e) {
        if (e < 0) {
            throw new IllegalArgumentException("e=" + e + ": must be at least 0; invert the base instead");
        }
        return LongMod.balance(LongMod.power(Math.floorMod(b, value), e, value), value);
    }

    /**
     * Balanced inverse.
     *
     * @throws ArithmeticException when a is a multiple of p
     */
    public long inverse(long a) {
        long x = Math.floorMod(a, value);
        if (x == 0) {
            throw new ArithmeticException("a=" + a + ": a multiple of p=" + value + " has no inverse");
        }
        return LongMod.balance(LongMod.inverse(x, value), value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Modulus m && m.value == value;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
