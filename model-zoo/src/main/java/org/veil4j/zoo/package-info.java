/** Network presets with their recipes, and trained weights ready to be encrypted. */
@NullMarked
package org.veil4j.zoo;

import org.jspecify.annotations.NullMarked;
