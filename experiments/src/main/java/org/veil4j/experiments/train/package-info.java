/** Training of zoo networks and measuring their accuracy in the clear. */
@NullMarked
package org.veil4j.experiments.train;

import org.jspecify.annotations.NullMarked;
