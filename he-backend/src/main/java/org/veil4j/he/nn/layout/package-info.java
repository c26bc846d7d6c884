/**
 * How tensors lie in ciphertexts: which element of which image is in which slot. The one place that answers it for client,
 * server, files and range analysis.
 */
@NullMarked
package org.veil4j.he.nn.layout;

import org.jspecify.annotations.NullMarked;
