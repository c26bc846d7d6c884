package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NoiseCalibratorTest {
    @Test
    void noiseMultiplier_publishedVector_agrees() {
        double rdp = NoiseCalibrator.noiseMultiplier(8, 1e-5, 0.04, 2250, Accounting.RDP);
        assertThat(rdp).isCloseTo(1.416, within(5e-4));
        // Published by an accountant that stops within 0.01 of the epsilon.
        double prv = NoiseCalibrator.noiseMultiplier(8, 1e-5, 0.04, 2250, Accounting.PRV);
        assertThat(prv).isCloseTo(1.34765625, within(2e-3));
    }
}
