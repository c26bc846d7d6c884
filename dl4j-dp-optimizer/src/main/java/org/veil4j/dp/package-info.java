/** Differentially private training for Deeplearning4j: accounting, clipping, noise, sampling. */
@NullMarked
package org.veil4j.dp;

import org.jspecify.annotations.NullMarked;
