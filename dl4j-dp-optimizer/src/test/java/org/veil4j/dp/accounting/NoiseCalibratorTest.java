package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NoiseCalibratorTest {
    @Test
    void noiseMultiplier_publishedVectors_agree() {
        assertThat(NoiseCalibrator.noiseMultiplier(8, 1e-5, 0.04, 2250, Accounting.RDP))
                .isCloseTo(1.416, within(5e-4));
        // Published by an accountant that stops within 0.01 of the epsilon.
        assertThat(NoiseCalibrator.noiseMultiplier(8, 1e-5, 0.04, 2250, Accounting.PRV))
                .isCloseTo(1.34765625, within(2e-3));
    }

    @ParameterizedTest
    @CsvSource({
        "RDP, 8, 1e-5, 0.04, 2250", "RDP, 1, 1e-6, 0.002, 5000", "RDP, 0.1, 1e-5, 0.5, 3", "RDP, 50, 1e-5, 1, 10",
        "RDP, 300, 1e-5, 0.3, 10", "PRV, 8, 1e-5, 0.04, 2250", "PRV, 1, 1e-6, 0.002, 5000", "PRV, 0.1, 1e-5, 0.5, 3",
        "PRV, 50, 1e-5, 1, 10", "PRV, 0.001, 1e-5, 0.01, 10",
    })
    void noiseMultiplier_anyBudget_isKeptAndNearlyUsedUp(
            Accounting accounting, double epsilon, double delta, double q, long steps) {
        double noise = NoiseCalibrator.noiseMultiplier(epsilon, delta, q, steps, accounting);
        assertThat(stated(noise, delta, q, steps, accounting))
                .as("noise %s", noise)
                .isLessThanOrEqualTo(epsilon);
        assertThat(stated(noise * 0.998, delta, q, steps, accounting))
                .as("noise %s", noise)
                .isGreaterThan(epsilon);
    }

    /** What bisection of the PRV figure found before it was interpolated; where its error bound was good. */
    @ParameterizedTest
    @CsvSource({
        // q, steps, epsilon, delta, noise
        "1.6666666666666667e-5, 600000, 2, 1e-5, 0.441885",
        "1.6666666666666667e-5, 600000, 0.5, 1e-5, 0.520901",
        "1.6666666666666667e-5, 1200000, 1, 1e-5, 0.494526",
        "1.6666666666666667e-5, 6000000, 0.1, 1e-5, 1.43791",
        "0.04, 2250, 8, 1e-5, 1.34698",
        "0.04, 2250, 0.5, 1e-5, 13.5181",
        "0.002, 100000, 8, 1e-5, 0.702978",
        "0.002, 100000, 1, 1e-5, 2.48667",
        "0.01, 1000000, 8, 1e-6, 6.57592",
        "0.01, 1000000, 0.5, 1e-6, 81.353",
        "0.5, 100000, 8, 1e-5, 95.0091",
        "0.5, 100000, 0.5, 1e-5, 1122.45",
    })
    void noiseMultiplier_prv_agreesWithBisection(double q, long steps, double epsilon, double delta, double expected) {
        double noise = NoiseCalibrator.noiseMultiplier(epsilon, delta, q, steps, Accounting.PRV);
        assertThat(noise).isBetween(expected * 0.9995, expected * 1.0005);
        assertThat(stated(noise, delta, q, steps, Accounting.PRV)).isBetween(epsilon * 0.9998, epsilon);
    }

    /** Where the bisection's error bound was bad, its noise was too much. */
    @ParameterizedTest
    @CsvSource({
        "1.6666666666666667e-5, 6000000, 0.5, 1e-5, 0.629325",
        "1e-6, 1000000, 1, 1e-7, 0.432623",
        "1e-6, 10000000, 2, 1e-7, 0.427918",
    })
    void noiseMultiplier_rareLargeLosses_isLessThanByACoarseBound(
            double q, long steps, double epsilon, double delta, double coarse) {
        double noise = NoiseCalibrator.noiseMultiplier(epsilon, delta, q, steps, Accounting.PRV);
        assertThat(noise).isBetween(0.9 * coarse, coarse);
        PrvEpsilon found =
                PrvAccountant.of(new SampledGaussian(q, noise), steps).epsilon(delta);
        assertThat(found.epsilon()).isBetween(epsilon * 0.9998, epsilon);
        assertThat(found.errorBound()).isLessThanOrEqualTo(0.012 * epsilon);
    }

    @Test
    void noiseMultiplier_prv_isNoMoreThanRdp() {
        for (double epsilon : new double[] {0.5, 3, 8}) {
            assertThat(NoiseCalibrator.noiseMultiplier(epsilon, 1e-5, 0.02, 500, Accounting.PRV))
                    .isLessThan(NoiseCalibrator.noiseMultiplier(epsilon, 1e-5, 0.02, 500, Accounting.RDP));
        }
    }

    @Test
    void noiseMultiplier_unreachableBudget_isRefusedWithTheReason() {
        assertThatThrownBy(() -> NoiseCalibrator.noiseMultiplier(1e-3, 1e-5, 0.04, 2250, Accounting.RDP))
                .isInstanceOf(UnreachableEpsilonException.class)
                .hasMessageContaining("epsilon=0.001: cannot be reached")
                .hasMessageContaining("fewer steps");
        assertThatThrownBy(() -> NoiseCalibrator.noiseMultiplier(1e-9, 1e-5, 1, 1000, Accounting.PRV))
                .isInstanceOf(UnreachableEpsilonException.class);
    }

    @Test
    void noiseMultiplier_hugeBudget_isTheLeastNoise() {
        assertThat(NoiseCalibrator.noiseMultiplier(1e6, 1e-5, 0.04, 1, Accounting.RDP))
                .isEqualTo(NoiseCalibrator.MIN_NOISE);
    }

    @Test
    void noiseMultiplier_badArguments_areRefused() {
        for (double epsilon : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            refused(epsilon, 1e-5, 0.1, 10, "epsilon=" + epsilon);
        }
        for (double delta : new double[] {0, 1, Double.NaN}) {
            refused(1, delta, 0.1, 10, "delta=" + delta);
        }
        for (double q : new double[] {0, 1.1, Double.NaN}) {
            refused(1, 1e-5, q, 10, "samplingRate=" + q);
        }
        refused(1, 1e-5, 0.1, 0, "steps=0");
        refused(1, 1e-5, 0.1, -5, "steps=-5");
    }

    private static void refused(double epsilon, double delta, double q, long steps, String message) {
        for (Accounting accounting : Accounting.values()) {
            assertThatThrownBy(() -> NoiseCalibrator.noiseMultiplier(epsilon, delta, q, steps, accounting))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(message);
        }
    }

    private static double stated(double noise, double delta, double q, long steps, Accounting accounting) {
        return PrivacyGuarantee.of(new SampledGaussian(q, noise), steps, delta)
                .accounting(accounting)
                .build()
                .epsilon();
    }
}
