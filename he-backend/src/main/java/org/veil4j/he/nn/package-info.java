/** From a network to an encrypted run: compiler, programs, client and server. Knows no deep-learning framework. */
@NullMarked
package org.veil4j.he.nn;

import org.jspecify.annotations.NullMarked;
