package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundingSpreadTest {
    /** The whole argument of the bound, for losses that all lie at the same place of their cells: then E is a binomial. */
    @ParameterizedTest
    @CsvSource({
        // steps, spacing, part of the cell below the losses, tilt
        "40, 0.01, 0.5, 3",
        "40, 0.3, 0.5, 0.5",
        "400, 0.002, 0.1, 10",
        "2000, 0.01, 0.5, 1",
        "2000, 0.02, 0.01, 2",
        "20000, 0.001, 0.003, 5",
        "20000, 0.001, 0.997, 5",
        "20000, 0.02, 0.5, 0.1",
        "4, 0.1, 0.3, 1",
        "1, 0.05, 0.5, 4",
        "20000, 0.1, 0.5, 0.01",
    })
    void bump_sumsOfRoundings_boundsTheirGain(int steps, double h, double place, double tilt) {
        double up = Math.expm1(-place * h) / Math.expm1(-h);
        double exact = 4 * steps * up * (1 - up);
        RoundingSpread spread = RoundingSpread.of(h, steps, exact, tilt);
        double s = spread.deviation();
        assertThat(s).isLessThanOrEqualTo(0.5 * Math.sqrt(steps) * h);
        double[] probabilities = binomial(steps, up);
        for (int i = -60; i <= 60; i++) {
            double d = 0.2 * i * s;
            double gain = 0;
            double bump = 0;
            for (int k = 0; k <= steps; k++) {
                double moved = (k - steps * place) * h - d;
                gain += probabilities[k] * (positive(moved) - positive(-d));
                double distance = (moved - spread.shift()) / spread.width();
                bump += probabilities[k] * spread.height() * Math.exp(-0.5 * distance * distance);
            }
            // In the test's own precision.
            double covered = bump + spread.remainder() * Math.exp(-tilt * d) + 1e-13;
            assertThat(gain).as("distance %.2f s, %s steps", -0.2 * i, steps).isLessThanOrEqualTo(covered);
        }
    }

    @Test
    void bump_smallMesh_isNotMuchMoreThanNeeded() {
        // Half the variance is what cannot be avoided.
        RoundingSpread spread = RoundingSpread.of(1e-5, 1e6, 1e6, 5);
        double total = spread.height() * spread.width() * Math.sqrt(2 * Math.PI);
        assertThat(total / (spread.deviation() * spread.deviation())).isBetween(0.5, 2.2);
    }

    @Test
    void deviation_lossesNextToLatticePoints_isFarSmallerThanTheCells() {
        double hoeffding = 0.5 * Math.sqrt(1e7) * 1e-4;
        assertThat(RoundingSpread.of(1e-4, 1e7, 1e7, 5).deviation()).isEqualTo(hoeffding);
        assertThat(RoundingSpread.of(1e-4, 1e7, 1e5, 5).deviation()).isBetween(0.1 * hoeffding, 0.12 * hoeffding);
        // Too few roundings to rely on their average.
        assertThat(RoundingSpread.of(1e-4, 100, 3, 5).deviation()).isEqualTo(0.5 * 10 * 1e-4);
        assertThat(RoundingSpread.of(1e-4, 100, 0, 5).deviation()).isEqualTo(0.5 * 10 * 1e-4);
    }

    @Test
    void bump_deviationBeyondAnyUse_saysThatNothingCanBeShown() {
        assertThat(RoundingSpread.of(1, 1e7, 1e7, 1e-3).height()).isPositive();
        assertThat(RoundingSpread.of(0.1, 1e4, 1e4, 1e-3).height()).isLessThan(Double.POSITIVE_INFINITY);
    }

    private static double positive(double y) {
        return y > 0 ? -Math.expm1(-y) : 0;
    }

    private static double[] binomial(int n, double p) {
        double log = n * Math.log1p(-p);
        double[] probabilities = new double[n + 1];
        for (int k = 0; k <= n; k++) {
            probabilities[k] = Math.exp(log);
            log += Math.log((double) (n - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
        }
        return probabilities;
    }
}
