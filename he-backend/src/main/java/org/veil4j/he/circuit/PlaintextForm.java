package org.veil4j.he.circuit;

/** How prepared transforms keep the diagonals that they multiply by: speed against memory. */
public enum PlaintextForm {
    /** Residues modulo all primes, transformed: 8 N bytes a prime and diagonal, the fastest. */
    RESIDUES,
    /** Integer coefficients: 4 N or 8 N bytes a diagonal, one transform a prime whenever it is used. */
    COEFFICIENTS
}
