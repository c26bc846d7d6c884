/** From a network to an encrypted run: graph, compiler, client and server. Knows no deep-learning framework. */
@NullMarked
package org.veil4j.he.nn;

import org.jspecify.annotations.NullMarked;
