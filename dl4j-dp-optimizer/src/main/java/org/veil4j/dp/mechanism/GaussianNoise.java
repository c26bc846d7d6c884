package org.veil4j.dp.mechanism;

/**
 * The Gaussian mechanism on a sum: adds N(0, std^2) to every element and rounds the result to a grid.
 *
 * <p>Real numbers are what the proof speaks about; doubles are what is computed. Which doubles a sampler can return depends on
 * its algorithm, and a sum that is a little off such a double betrays what was added (Mironov 2012; Holohan and Braghin
 * 2021). Two measures, both taken: each element gets the sum of two independent draws from different pairs of Marsaglia's
 * polar method, computed in double, and the noised sum is rounded to a multiple of {@link #grid}, 2^-24 of the standard
 * deviation or finer, which leaves more than 2^20 possible values of the noise in each cell within four standard
 * deviations. Rounding happens after the noise, so it is post-processing. Draws reach 12 standard deviations.
 *
 * <p>About 25 ns a draw. Not thread-safe.
 */
public final class GaussianNoise {
    private static final int GRID_BITS = 24;
    private static final double STEP = 0x1p-52;
    private static final double SQRT_HALF = Math.sqrt(0.5);

    private final RandomStream random;
    private double first;
    private double second;

    /** @param random where the noise comes from; not to be used elsewhere */
    public GaussianNoise(RandomStream random) {
        this.random = random;
    }

    /** Goes to one of 2^64 independent streams of noise. No stream may be used for two releases. */
    public void seek(long stream) {
        random.seek(stream);
    }

    /**
     * Adds noise to {@code values[from..to)}, in place, and rounds to the grid.
     *
     * @param standardDeviation at least 0; 0 leaves the values as they are
     * @throws IllegalArgumentException when the deviation is negative or not finite
     */
    public void addTo(double[] values, int from, int to, double standardDeviation) {
        if (!(standardDeviation >= 0 && standardDeviation < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("standardDeviation=" + standardDeviation + ": must be finite and >= 0");
        }
        if (standardDeviation == 0) {
            return;
        }
        double grid = grid(standardDeviation);
        // Two draws of half the variance each make one of the whole.
        double scale = standardDeviation * SQRT_HALF;
        int i = from;
        for (; i + 1 < to; i += 2) {
            drawPair();
            double x = first;
            double y = second;
            drawPair();
            values[i] = grid * Math.rint((values[i] + (x + first) * scale) / grid);
            values[i + 1] = grid * Math.rint((values[i + 1] + (y + second) * scale) / grid);
        }
        if (i < to) {
            drawPair();
            double x = first;
            drawPair();
            values[i] = grid * Math.rint((values[i] + (x + first) * scale) / grid);
        }
    }

    /** The spacing of noised values: the largest power of two that is at most 2^-24 standard deviations. */
    public static double grid(double standardDeviation) {
        return Math.scalb(1.0, Math.getExponent(standardDeviation) - GRID_BITS);
    }

    /** Two independent standard normal numbers: Marsaglia's polar method on uniform numbers of 53 bits. */
    private void drawPair() {
        double u;
        double v;
        double s;
        do {
            u = uniform();
            v = uniform();
            s = u * u + v * v;
        } while (s >= 1);
        double f = Math.sqrt(-2 * Math.log(s) / s);
        first = u * f;
        second = v * f;
    }

    /** Odd multiples of 2^-53 in (-1, 1), each as likely, all exact: symmetric, never 0. */
    private double uniform() {
        return ((random.nextLong() >> 11) + 0.5) * STEP;
    }
}
