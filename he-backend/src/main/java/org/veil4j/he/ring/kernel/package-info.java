/**
 * Internal: the loops in which the time goes. A residue is a balanced integer held in a {@code double}; a prime is odd,
 * below 2^50 and 1 modulo 2N. Three implementations of {@link org.veil4j.he.ring.kernel.PolyKernels} give bit-identical
 * results; {@link org.veil4j.he.ring.kernel.Kernels} chooses one per process.
 */
@NullMarked
package org.veil4j.he.ring.kernel;

import org.jspecify.annotations.NullMarked;
