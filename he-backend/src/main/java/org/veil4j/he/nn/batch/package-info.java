/**
 * The batch layout: one ciphertext a tensor element, one image a slot. Stages, their levels, and what runs them. Internal: for
 * {@code org.veil4j.he.nn} only.
 */
@NullMarked
package org.veil4j.he.nn.batch;

import org.jspecify.annotations.NullMarked;
