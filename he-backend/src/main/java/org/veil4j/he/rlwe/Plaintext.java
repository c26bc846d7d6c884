package org.veil4j.he.rlwe;

import org.veil4j.he.ring.RnsPoly;

/**
 * A polynomial modulo the primes of a level, with the scale by which what it encodes was multiplied. Its residues must not be
 * changed once it is in use.
 */
public final class Plaintext {
    private final RlweParameters parameters;
    private final RnsPoly poly;
    private final double scale;

    /**
     * A plaintext.
     *
     * @param poly values in NTT order over the first level+1 ciphertext primes; shared, not copied
     * @param scale finite and positive
     */
    public Plaintext(RlweParameters parameters, RnsPoly poly, double scale) {
        Ciphertext.requireScale(scale);
        Ciphertext.requirePart(parameters, poly, poly.size());
        this.parameters = parameters;
        this.poly = poly;
        this.scale = scale;
    }

    /** The parameters. */
    public RlweParameters parameters() {
        return parameters;
    }

    /** The polynomial, values in NTT order. */
    public RnsPoly poly() {
        return poly;
    }

    /** The scale. */
    public double scale() {
        return scale;
    }

    /** The level: the number of primes less one. */
    public int level() {
        return poly.size() - 1;
    }

    /** Memory of the residues in bytes. */
    public long sizeBytes() {
        return (long) poly.size() * poly.basis().n() * Double.BYTES;
    }

    /** Level and scale, not the content, which may be secret. */
    @Override
    public String toString() {
        return "Plaintext[level=" + level() + ", scale=2^" + Ciphertext.log2(scale) + "]";
    }
}
