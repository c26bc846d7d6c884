@NullMarked
package org.veil4j.he.ring.kernel;

import org.jspecify.annotations.NullMarked;
