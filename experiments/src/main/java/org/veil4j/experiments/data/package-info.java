/** Image data sets: readers, checks, download, and the bundled test images. */
@NullMarked
package org.veil4j.experiments.data;

import org.jspecify.annotations.NullMarked;
