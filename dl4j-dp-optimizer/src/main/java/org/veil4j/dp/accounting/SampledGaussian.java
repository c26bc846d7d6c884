package org.veil4j.dp.accounting;

/**
 * What one step releases: the sum of contributions whose L2 norm is at most the clip norm, from examples that each take part
 * with probability {@code samplingRate} independently (Poisson), plus Gaussian noise in each coordinate.
 *
 * @param samplingRate probability that an example takes part in a step, in (0, 1]; 1: all examples always
 * @param noiseMultiplier standard deviation of the noise over the clip norm, finite, at least 0; 0: no noise, no privacy
 */
public record SampledGaussian(double samplingRate, double noiseMultiplier) {
    /**
     * Checks both.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public SampledGaussian {
        Arguments.samplingRate(samplingRate);
        Arguments.noiseMultiplier(noiseMultiplier);
    }
}
