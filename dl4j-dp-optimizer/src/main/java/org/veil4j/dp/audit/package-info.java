/** Attacks on private training that measure from below what its accounting states from above. */
@NullMarked
package org.veil4j.dp.audit;

import org.jspecify.annotations.NullMarked;
