/**
 * Multiclass logistic regression (MLR) on encrypted features: the algorithms in the clear, the plan of an encrypted run, its
 * client and its server. Knows no network, no deep-learning framework.
 */
@NullMarked
package org.veil4j.he.mlr;

import org.jspecify.annotations.NullMarked;
