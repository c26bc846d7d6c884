/**
 * What the planners of all layouts share: choice of parameters, progress, fields of files. Internal: for the packages of
 * {@code org.veil4j.he.nn} only.
 */
@NullMarked
package org.veil4j.he.nn.plan;

import org.jspecify.annotations.NullMarked;
