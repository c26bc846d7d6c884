/**
 * Multiclass logistic regression (MLR) in the clear: labelled features and their preparation, algorithms and step schedules, the
 * sigmoid's polynomial, and the trained head. Knows nothing of encryption. {@link org.veil4j.he.mlr.clear.Momentum} and
 * {@link org.veil4j.he.mlr.clear.HessianBound} are internal.
 */
@NullMarked
package org.veil4j.he.mlr.clear;

import org.jspecify.annotations.NullMarked;
