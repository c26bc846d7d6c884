/**
 * Ring learning with errors over residue number systems: parameters, keys, ciphertexts, encryption and hybrid key switching.
 * Knows nothing of how numbers are encoded into plaintexts.
 */
@NullMarked
package org.veil4j.he.rlwe;

import org.jspecify.annotations.NullMarked;
