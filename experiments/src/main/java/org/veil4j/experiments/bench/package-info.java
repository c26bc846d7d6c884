/** Measurements of the engine on this machine. */
@NullMarked
package org.veil4j.experiments.bench;

import org.jspecify.annotations.NullMarked;
