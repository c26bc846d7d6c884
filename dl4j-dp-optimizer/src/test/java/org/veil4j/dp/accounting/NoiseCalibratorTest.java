package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NoiseCalibratorTest {
    @Test
    void noiseMultiplier_publishedVector_agrees() {
        double rdp = NoiseCalibrator.noiseMultiplier(8, 1e-5, 0.04, 2250, Accounting.RDP);
        assertThat(rdp).isCloseTo(1.416, within(5e-4));
    }
}
