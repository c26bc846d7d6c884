/** Activations that an encrypted network can compute: polynomials, with fixed or trainable coefficients. */
@NullMarked
package org.veil4j.layers.activation;

import org.jspecify.annotations.NullMarked;
