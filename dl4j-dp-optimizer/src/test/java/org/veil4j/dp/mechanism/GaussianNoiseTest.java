package org.veil4j.dp.mechanism;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;

class GaussianNoiseTest {
    private static final long SEED = 20261121;
    private static final int DRAWS = 1 << 20;

    private static double[] noise(long seed, int count, double deviation) {
        double[] values = new double[count];
        new GaussianNoise(RandomStream.seededForTesting(seed, "noise")).addTo(values, 0, count, deviation);
        return values;
    }

    @Test
    void addTo_manyDraws_haveTheMomentsOfTheGaussian() {
        double deviation = 3.25;
        double[] values = noise(SEED, DRAWS, deviation);
        double[] moments = new double[5];
        for (double value : values) {
            double z = value / deviation;
            for (int k = 1; k <= 4; k++) {
                moments[k] += Math.pow(z, k) / DRAWS;
            }
        }
        // Five standard errors: 1, sqrt(2), sqrt(15) and sqrt(96) over sqrt(n).
        double unit = 5 / Math.sqrt(DRAWS);
        assertThat(moments[1]).as("mean, seed %d", SEED).isBetween(-unit, unit);
        assertThat(moments[2])
                .as("variance, seed %d", SEED)
                .isBetween(1 - unit * Math.sqrt(2), 1 + unit * Math.sqrt(2));
        assertThat(moments[3]).as("skewness, seed %d", SEED).isBetween(-unit * Math.sqrt(15), unit * Math.sqrt(15));
        assertThat(moments[4])
                .as("kurtosis, seed %d", SEED)
                .isBetween(3 - unit * Math.sqrt(96), 3 + unit * Math.sqrt(96));
    }

    @Test
    void addTo_manyDraws_followTheNormalDistribution() {
        double[] values = noise(SEED + 1, 200_000, 1);
        double p = new KolmogorovSmirnovTest().kolmogorovSmirnovTest(new NormalDistribution(null, 0, 1), values);
        assertThat(p).as("seed %d", SEED + 1).isGreaterThan(1e-4);
    }

    @Test
    void addTo_manyDraws_haveTheTailsOfTheGaussian() {
        double[] values = noise(SEED + 2, DRAWS, 1);
        for (double threshold : new double[] {2, 3, 4}) {
            double expected = 2 * DRAWS * new NormalDistribution(null, 0, 1).cumulativeProbability(-threshold);
            long beyond =
                    Arrays.stream(values).filter(x -> Math.abs(x) > threshold).count();
            assertThat((double) beyond)
                    .as("beyond %s, seed %d", threshold, SEED + 2)
                    .isBetween(expected - 5 * Math.sqrt(expected), expected + 5 * Math.sqrt(expected));
        }
    }

    @Test
    void addTo_neighbours_areUncorrelated() {
        double[] values = noise(SEED + 3, DRAWS, 1);
        for (int lag = 1; lag <= 4; lag++) {
            double correlation = 0;
            for (int i = 0; i + lag < DRAWS; i++) {
                correlation += values[i] * values[i + lag] / DRAWS;
            }
            assertThat(correlation).as("lag %d, seed %d", lag, SEED + 3).isBetween(-5e-3, 5e-3);
        }
    }

    @Test
    void addTo_sum_isAMultipleOfTheGrid() {
        double deviation = 0.7;
        double grid = GaussianNoise.grid(deviation);
        assertThat(grid).isLessThanOrEqualTo(deviation * 0x1p-24).isGreaterThan(deviation * 0x1p-25);
        double[] values = new double[1001];
        Arrays.fill(values, Math.PI * 1e3);
        new GaussianNoise(RandomStream.seededForTesting(SEED, "noise")).addTo(values, 0, values.length, deviation);
        for (double value : values) {
            assertThat(value / grid).isEqualTo(Math.rint(value / grid));
            assertThat(value - Math.PI * 1e3).isBetween(-6 * deviation, 6 * deviation);
        }
    }

    @Test
    void addTo_partOfAnArray_leavesTheRest() {
        double[] values = new double[9];
        new GaussianNoise(RandomStream.seededForTesting(SEED, "noise")).addTo(values, 2, 7, 1);
        for (int i = 0; i < values.length; i++) {
            assertThat(values[i] != 0).as("element %d", i).isEqualTo(i >= 2 && i < 7);
        }
    }

    @Test
    void addTo_noDeviation_changesNothing() {
        double[] values = {0.1, 0.2};
        new GaussianNoise(RandomStream.secure()).addTo(values, 0, 2, 0);
        assertThat(values).containsExactly(0.1, 0.2);
    }

    @Test
    void addTo_impossibleDeviation_isRefused() {
        GaussianNoise noise = new GaussianNoise(RandomStream.secure());
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> noise.addTo(new double[1], 0, 1, bad))
                    .withMessageContaining("standardDeviation=" + bad);
        }
    }

    @Test
    void seek_sameStream_repeatsAndOthersDiffer() {
        GaussianNoise noise = new GaussianNoise(RandomStream.seededForTesting(SEED, "noise"));
        double[][] values = new double[3][8];
        long[] streams = {4, 5, 4};
        for (int i = 0; i < 3; i++) {
            noise.seek(streams[i]);
            noise.addTo(values[i], 0, 8, 1);
        }
        assertThat(values[2]).containsExactly(values[0]);
        assertThat(values[1]).doesNotContain(values[0]);
    }

    @Test
    void secure_twoSources_differ() {
        double[] a = new double[4];
        double[] b = new double[4];
        new GaussianNoise(RandomStream.secure()).addTo(a, 0, 4, 1);
        new GaussianNoise(RandomStream.secure()).addTo(b, 0, 4, 1);
        assertThat(a).doesNotContain(b);
    }
}
