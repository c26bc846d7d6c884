/**
 * Arithmetic in Z_Q[X]/(X^N + 1) with Q a product of primes below 2^50: moduli, transforms, residue polynomials, base
 * conversion, randomness. Knows nothing of keys, scales or networks.
 */
@NullMarked
package org.veil4j.he.ring;

import org.jspecify.annotations.NullMarked;
