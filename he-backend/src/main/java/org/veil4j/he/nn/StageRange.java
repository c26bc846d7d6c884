package org.veil4j.he.nn;

/**
 * How large a stage's values become, against what the modulus holds where they are computed. A value beyond that wraps
 * around, and takes all images of its batch with it.
 *
 * @param stage the network's layers that the stage stands for
 * @param largestPossible bound on the stage's results for any image within the input range; infinite where nothing bounds them
 * @param possibleHeadroomBits log2 of capacity over the largest possible value, where that is least; negative: beyond it
 * @param largestMeasured largest result over the sample images; NaN without samples
 * @param measuredHeadroomBits log2 of capacity over the largest measured value, where that is least; NaN without samples
 */
public record StageRange(
        String stage,
        double largestPossible,
        double possibleHeadroomBits,
        double largestMeasured,
        double measuredHeadroomBits) {}
