/** The {@code veil4j} command: one class per verb. */
@NullMarked
package org.veil4j.experiments.cli;

import org.jspecify.annotations.NullMarked;
