/**
 * What makes a gradient private: the plan with its budget, clipping, noise, and the cryptographic randomness behind noise
 * and sampling. Knows numbers only, neither DL4J's networks nor layers.
 */
@NullMarked
package org.veil4j.dp.mechanism;

import org.jspecify.annotations.NullMarked;
