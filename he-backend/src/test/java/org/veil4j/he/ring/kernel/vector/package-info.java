@NullMarked
package org.veil4j.he.ring.kernel.vector;

import org.jspecify.annotations.NullMarked;
