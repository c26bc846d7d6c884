/**
 * Multiclass logistic regression (MLR) on encrypted features: the plan of an encrypted run, its client, its server, and what
 * travels between them. Knows no network, no deep-learning framework.
 */
@NullMarked
package org.veil4j.he.mlr;

import org.jspecify.annotations.NullMarked;
