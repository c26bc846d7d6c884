package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SampledGaussianRdpTest {
    private static final double[] ORDERS = {1.1, 1.5, 2, 2.5, 3.7, 5, 7.3, 10.9, 12, 20.5, 33, 63};

    @ParameterizedTest
    @CsvSource({
        // q, s: rare and common sampling, little and much noise
        "0.001, 0.5",
        "0.001, 1",
        "0.001, 10",
        "0.01, 2.5",
        "0.04, 1.5",
        "0.1, 0.3",
        "0.1, 5",
        "0.3, 1",
        "0.5, 0.7",
        "0.5, 20",
        "0.7, 1",
        "0.9, 3",
        "0.99, 0.8",
        "0.999999, 2",
        "0.000001, 0.6",
    })
    void at_grid_agreesWithQuadrature(double q, double s) {
        SampledGaussian mechanism = new SampledGaussian(q, s);
        SlowAccounting slow = new SlowAccounting(q, s);
        for (double order : ORDERS) {
            double expected = slow.rdp(order);
            // Fractional orders subtract 1 from a sum near 1.
            double absolute = 4e-15 / (order - 1);
            assertThat(SampledGaussianRdp.at(mechanism, order))
                    .as("RDP of q=%s, s=%s at %s", q, s, order)
                    .isCloseTo(expected, within(1e-10 * expected + absolute));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0.001, 1, 2, 1.5",
        "0.04, 1.5, 12, 3.9",
        "0.01, 0.8, 33, 2.25",
        "0.3, 1, 5, 7.3",
        "0.000001, 0.6, 64, 10.9",
        "0.5, 20, 20, 1.1",
    })
    void at_somePoints_agreeWithSixtyDigits(String q, String s, int integer, String fraction) {
        SampledGaussian mechanism = new SampledGaussian(Double.parseDouble(q), Double.parseDouble(s));
        PreciseAccounting precise = new PreciseAccounting(q, s);
        double expected = precise.rdp(integer);
        assertThat(SampledGaussianRdp.at(mechanism, integer))
                .as("RDP of q=%s, s=%s at %d", q, s, integer)
                .isCloseTo(expected, within(1e-13 * integer * expected + 1e-16));
        assertThat(precise.rdp(String.valueOf(integer)))
                .as("the two ways of sixty digits")
                .isCloseTo(expected, within(1e-15 * expected));
        double order = Double.parseDouble(fraction);
        double between = precise.rdp(fraction);
        assertThat(SampledGaussianRdp.at(mechanism, order))
                .as("RDP of q=%s, s=%s at %s", q, s, fraction)
                .isCloseTo(between, within(1e-10 * between + 4e-15 / (order - 1)));
    }

    @Test
    void at_orderBesideAnInteger_isContinuous() {
        for (double q : new double[] {0.001, 0.04, 0.5, 0.97}) {
            for (double s : new double[] {0.4, 1, 4}) {
                SampledGaussian mechanism = new SampledGaussian(q, s);
                for (int order : new int[] {2, 3, 8, 40}) {
                    double exact = SampledGaussianRdp.at(mechanism, order);
                    double beside = SampledGaussianRdp.at(mechanism, order + 1e-9);
                    assertThat(beside)
                            .as("q=%s, s=%s, order %d", q, s, order)
                            .isCloseTo(exact, within(1e-7 * exact + 1e-14));
                }
            }
        }
    }

    @Test
    void at_allExamplesAlways_isTheGaussian() {
        for (double order : ORDERS) {
            assertThat(SampledGaussianRdp.at(new SampledGaussian(1, 1.5), order))
                    .isEqualTo(order / (2 * 2.25));
        }
    }

    @Test
    void at_moreSamplingLessNoiseHigherOrder_isLarger() {
        double last = 0;
        for (double q : new double[] {1e-4, 1e-3, 0.01, 0.1, 0.4, 0.6, 0.9, 0.999, 1}) {
            double rdp = SampledGaussianRdp.at(new SampledGaussian(q, 1.1), 4.3);
            assertThat(rdp).as("q=%s", q).isGreaterThan(last);
            last = rdp;
        }
        last = Double.POSITIVE_INFINITY;
        for (double s : new double[] {0.1, 0.3, 0.5, 1, 2, 10, 100}) {
            double rdp = SampledGaussianRdp.at(new SampledGaussian(0.02, s), 4.3);
            assertThat(rdp).as("s=%s", s).isLessThan(last);
            last = rdp;
        }
        last = 0;
        for (double order : RdpAccountant.start().orders()) {
            double rdp = SampledGaussianRdp.at(new SampledGaussian(0.02, 1.3), order);
            assertThat(rdp).as("order %s", order).isGreaterThan(last);
            last = rdp;
        }
    }

    @Test
    void at_noNoiseOrBeyondRange_isInfinite() {
        assertThat(SampledGaussianRdp.at(new SampledGaussian(0.1, 0), 2)).isInfinite();
        assertThat(SampledGaussianRdp.at(new SampledGaussian(0.1, 1e-200), 2.5)).isInfinite();
        assertThat(SampledGaussianRdp.at(new SampledGaussian(0.1, 0.01), 1024)).isFinite();
        assertThat(SampledGaussianRdp.at(new SampledGaussian(0.1, 0.01), 10.9)).isFinite();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.5, -2, 1e5, Double.NaN, Double.POSITIVE_INFINITY})
    void at_badOrder_isRefused(double order) {
        assertThatThrownBy(() -> SampledGaussianRdp.at(new SampledGaussian(0.1, 1), order))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("order=" + order);
        assertThatThrownBy(() -> RdpAccountant.startWith(2, order)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void constructor_badParameters_areRefused() {
        for (double q : new double[] {0, -0.1, 1.0000001, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new SampledGaussian(q, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("samplingRate=" + q);
        }
        for (double s : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new SampledGaussian(0.1, s))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("noiseMultiplier=" + s);
        }
    }
}
