/**
 * Per-example gradients: what a layer must offer to be trained with differential privacy, and the kernels to build it from.
 * Knows ND4J and DL4J only.
 */
@NullMarked
package org.veil4j.dp.gradient;

import org.jspecify.annotations.NullMarked;
