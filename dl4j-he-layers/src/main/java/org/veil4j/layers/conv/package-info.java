/** Convolution with the oneDNN helper really on, and the pooling that folds into an encrypted linear layer. */
@NullMarked
package org.veil4j.layers.conv;

import org.jspecify.annotations.NullMarked;
