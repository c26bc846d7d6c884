@NullMarked
package org.veil4j.he.ring;

import org.jspecify.annotations.NullMarked;
