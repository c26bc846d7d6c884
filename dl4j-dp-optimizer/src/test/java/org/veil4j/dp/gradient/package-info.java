/** Per-example gradients against a loop of single examples on stock networks. */
@NullMarked
package org.veil4j.dp.gradient;

import org.jspecify.annotations.NullMarked;
