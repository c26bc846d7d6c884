/** Networks as a compiler sees them, in the clear: nodes with weights, shapes, and linear layers as sparse matrices. */
@NullMarked
package org.veil4j.he.nn.graph;

import org.jspecify.annotations.NullMarked;
