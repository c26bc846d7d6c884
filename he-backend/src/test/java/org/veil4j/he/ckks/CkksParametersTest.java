package org.veil4j.he.ckks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.veil4j.he.rlwe.SecurityLevel;

class CkksParametersTest {
    @ParameterizedTest
    @EnumSource(CkksParameters.Preset.class)
    void preset_each_isSecureAndKeepsItsScale(CkksParameters.Preset preset) {
        CkksParameters p = preset.parameters();
        assertThat(p.rlwe().securityBits()).isGreaterThanOrEqualTo(128);
        for (int level = 1; level <= p.maxLevel(); level++) {
            assertThat(p.rlwe().q().modulus(level).p() / p.defaultScale()).isBetween(0.99, 1.01);
        }
        assertThat(p.slots()).isEqualTo(p.rlwe().n() / 2);
    }

    @Test
    void insecureTest_byName_hasNoSecurity() {
        CkksParameters p = CkksParameters.insecureTest(10, 2);
        assertThat(p.rlwe().security()).isEqualTo(SecurityLevel.INSECURE_TEST);
        assertThat(p.rlwe().securityBits()).isZero();
        assertThatThrownBy(() -> CkksParameters.of(12, 49, 40, 5, 3, SecurityLevel.BITS_128))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("logQP=");
        assertThatThrownBy(() -> new CkksParameters(p.rlwe(), 200))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("logScale=200");
    }

    @Test
    void precisionStats_knownErrors_areSummarised() {
        PrecisionStats stats = PrecisionStats.of(new double[] {1, 2, 3, 4}, new double[] {1, 2.25, 2.5, 4.125});
        assertThat(stats.maxError()).isEqualTo(0.5);
        assertThat(stats.meanError()).isEqualTo(0.21875);
        assertThat(stats.medianError()).isEqualTo(0.1875);
        assertThat(stats.bits()).isEqualTo(1.0);
        assertThat(PrecisionStats.of(new double[] {1}, new double[] {Double.NaN})
                        .maxError())
                .isInfinite();
        assertThatThrownBy(() -> PrecisionStats.of(new double[1], new double[2]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PrecisionStats.of(new double[0], new double[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
