package org.veil4j.he.nn;

/**
 * Results as they may be published.
 *
 * @param rows one row of outputs an image, multiples of 2^-bits
 * @param bits bits behind the binary point
 */
public record PublishedOutputs(double[][] rows, int bits) {}
