package org.veil4j.layers.norm;

import java.util.Arrays;
import org.veil4j.layers.kernel.Elements;
import org.veil4j.layers.norm.NormalizationImpl.Extent;

/**
 * Mean and variance of each channel over examples and positions, batch after batch. Moments of single planes (in the cache) are
 * merged in double by Chan's formula, which does not cancel.
 */
final class ChannelStatistics {
    private double[] mean = new double[0];
    private double[] squares = new double[0];
    private double count;

    /** Forgets everything. */
    void clear(int channels) {
        mean = NormalizationImpl.cleared(mean, channels);
        squares = NormalizationImpl.cleared(squares, channels);
        count = 0;
    }

    /** Adds a batch; its values are bound. */
    void add(Elements e, Extent x) {
        int positions = x.positions();
        for (int n = 0; n < x.examples(); n++) {
            e.loadValues(n * x.size(), x.size());
            double all = count + positions;
            for (int c = 0; c < x.channels(); c++) {
                double m = e.sum(c * positions, positions) / positions;
                double inside = positions == 1 ? 0 : e.squares(c * positions, positions, m);
                double difference = m - mean[c];
                squares[c] += inside + difference * difference * count * positions / all;
                mean[c] += difference * positions / all;
            }
            count = all;
        }
    }

    double mean(int channel) {
        return mean[channel];
    }

    /** The variance, divided by the count (not by one less). */
    double variance(int channel) {
        return squares[channel] / count;
    }

    double[] means(int channels) {
        return Arrays.copyOf(mean, channels);
    }

    double[] variances(int channels) {
        double[] v = new double[channels];
        for (int c = 0; c < channels; c++) {
            v[c] = variance(c);
        }
        return v;
    }
}
