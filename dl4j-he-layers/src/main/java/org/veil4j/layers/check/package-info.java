/** Says which layers of a Deeplearning4j network cannot be encrypted, why, and what to use in their place. */
@NullMarked
package org.veil4j.layers.check;

import org.jspecify.annotations.NullMarked;
