/**
 * Private training of DL4J networks: two lines change, an updater that carries the plan and a network class that makes each
 * step private. Everything else fails closed.
 */
@NullMarked
package org.veil4j.dp.train;

import org.jspecify.annotations.NullMarked;
