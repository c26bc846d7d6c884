/**
 * Privacy accounting: what a sequence of noisy steps costs. Pure mathematics: nothing here knows a network, an array
 * library or a file.
 */
@NullMarked
package org.veil4j.dp.accounting;

import org.jspecify.annotations.NullMarked;
