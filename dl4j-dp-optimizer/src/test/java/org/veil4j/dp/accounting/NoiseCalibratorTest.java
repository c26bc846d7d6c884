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
