package org.veil4j.layers.fit;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Collects minimum, maximum, mean square, and a histogram of absolute values with 24 bins an octave. */
final class RangeRecorder {
    private static final int PER_OCTAVE = 24;
    private static final int LOWEST = -30;
    private static final int HIGHEST = 40;

    private final String layer;
    private final String activation;
    private final long[] bins = new long[(HIGHEST - LOWEST) * PER_OCTAVE];
    private long count;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;
    private double squares;

    RangeRecorder(String layer, String activation) {
        this.layer = layer;
        this.activation = activation;
    }

    void record(INDArray values) {
        for (float v : values.dup('c').data().asFloat()) {
            min = Math.min(min, v);
            max = Math.max(max, v);
            squares += (double) v * v;
            int bin = (int) Math.floor((Math.log(Math.abs(v)) / Math.log(2) - LOWEST) * PER_OCTAVE);
            bins[Math.max(0, Math.min(bins.length - 1, bin))]++;
            count++;
        }
    }

    ActivationRange result() {
        return new ActivationRange(
                layer,
                activation,
                count,
                min,
                max,
                Math.sqrt(squares / count),
                quantile(0.5),
                quantile(0.99),
                quantile(0.9999));
    }

    private double quantile(double q) {
        long need = (long) Math.ceil(q * count);
        long seen = 0;
        for (int i = 0; i < bins.length; i++) {
            seen += bins[i];
            if (seen >= need) {
                double upper = Math.pow(2, LOWEST + (i + 1.0) / PER_OCTAVE);
                return Math.min(upper, Math.max(Math.abs(min), Math.abs(max)));
            }
        }
        throw new IllegalStateException("layer=" + layer + ": no values were recorded");
    }
}
