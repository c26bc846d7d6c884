/**
 * Internal: kernels on the incubating Vector API. Compiled on their own and loaded by name, so that nothing else needs the
 * module; see {@link org.veil4j.he.ring.kernel.Kernels}.
 */
@NullMarked
package org.veil4j.he.ring.kernel.vector;

import org.jspecify.annotations.NullMarked;
