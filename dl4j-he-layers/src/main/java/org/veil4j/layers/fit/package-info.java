/** Calibration: the input ranges that each polynomial activation of a network sees on a data set. */
@NullMarked
package org.veil4j.layers.fit;

import org.jspecify.annotations.NullMarked;
