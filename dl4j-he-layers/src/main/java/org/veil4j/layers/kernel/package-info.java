/**
 * Loops over the elements of ND4J arrays on reused heap arrays, in the shape that the JIT compiler turns into vector code.
 * Internal: the layers of this module are built from it; no promise of stability.
 */
@NullMarked
package org.veil4j.layers.kernel;

import org.jspecify.annotations.NullMarked;
