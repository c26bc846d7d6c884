package org.veil4j.dp.accounting;

/**
 * A guarantee from Renyi differential privacy.
 *
 * @param epsilon at least 0; infinite without noise
 * @param order the order at which epsilon is least; NaN where epsilon is infinite
 */
public record RdpEpsilon(double epsilon, double order) {}
