/**
 * The packed layout: one image, or a few, in a ciphertext. Every linear stage is one transform of slots by generalised
 * diagonals and takes one level. Internal: {@code org.veil4j.he.nn} is the API.
 */
@NullMarked
package org.veil4j.he.nn.packed;

import org.jspecify.annotations.NullMarked;
