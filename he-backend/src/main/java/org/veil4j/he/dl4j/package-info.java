/** Import of Deeplearning4j networks: the only package of this module that sees DL4J and ND4J. */
@NullMarked
package org.veil4j.he.dl4j;

import org.jspecify.annotations.NullMarked;
