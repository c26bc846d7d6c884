/**
 * Circuits over slots, written once and interpreted three ways: on ciphertexts, on plain numbers, and as a count of
 * operations.
 */
@NullMarked
package org.veil4j.he.circuit;

import org.jspecify.annotations.NullMarked;
