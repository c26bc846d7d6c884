@NullMarked
package org.veil4j.dp.audit;

import org.jspecify.annotations.NullMarked;
