/** Encrypted inference compared with Deeplearning4j's own, on one set of images. */
@NullMarked
package org.veil4j.experiments.evaluate;

import org.jspecify.annotations.NullMarked;
