package org.veil4j.he.nn.batch;

import org.veil4j.he.rlwe.SecurityLevel;

/**
 * What a plan in the batch layout depends on.
 *
 * @param logN log2 of the ring degree, or 0 for the smallest that will do
 * @param images images that a batch must hold
 * @param logScale log2 of the scale between stages
 * @param logOutputScale log2 of the scale of the result
 * @param weightBits bits of a layer's largest weight after rounding
 * @param security level that parameters must reach
 */
public record BatchOptions(
        int logN, int images, int logScale, int logOutputScale, int weightBits, SecurityLevel security) {}
