package org.veil4j.dp.accounting;

/**
 * Steps of the same parameters.
 *
 * @param mechanism each of them
 * @param steps how many, at least 1
 */
record Segment(SampledGaussian mechanism, long steps) {}
