package org.veil4j.dp.mechanism;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClippingTest {
    @Test
    void factor_flat_scalesLongGradientsOnly() {
        assertThat(Clipping.FLAT.factor(16, 2)).isEqualTo(0.5);
        assertThat(Clipping.FLAT.factor(4, 2)).isEqualTo(1);
        assertThat(Clipping.FLAT.factor(1, 2)).isEqualTo(1);
        assertThat(Clipping.FLAT.factor(0, 2)).isEqualTo(1);
    }

    @Test
    void factor_automatic_normalises() {
        assertThat(Clipping.AUTOMATIC.factor(16, 2)).isCloseTo(2 / 4.01, within(1e-15));
        assertThat(Clipping.AUTOMATIC.factor(0, 2)).isCloseTo(200, within(1e-12));
    }

    @ParameterizedTest
    @EnumSource
    void factor_anyNorm_boundsTheContribution(Clipping clipping) {
        long seed = 42;
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            double norm = Math.exp(40 * random.nextDouble() - 20);
            double clipNorm = Math.exp(10 * random.nextDouble() - 5);
            double contribution = clipping.factor(norm * norm, clipNorm) * norm;
            assertThat(contribution)
                    .as("norm %s, C %s, seed %d", norm, clipNorm, seed)
                    .isLessThanOrEqualTo(clipNorm * (1 + 4e-16));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -1})
    void factors_nonFiniteNorm_contributesNothingAndIsCounted(double squaredNorm) {
        GradientClipper clipper = new GradientClipper(Clipping.FLAT, 1, 0);
        double[] factors = {7, 7, 7};
        clipper.begin();
        clipper.factors(new double[] {4, squaredNorm, 0.25}, factors);
        assertThat(factors).containsExactly(0.5, 0, 1);
        assertThat(clipper.statistics()).isEqualTo(new ClippingStatistics(3, 1, 1, 1.25, 2));
    }

    @Test
    void factors_margin_staysBelowTheClipNorm() {
        GradientClipper clipper = new GradientClipper(Clipping.FLAT, 1, GradientClipper.FLOAT_MARGIN);
        double[] factors = new double[2];
        clipper.factors(new double[] {1, 9}, factors);
        assertThat(factors[0]).isLessThan(1).isGreaterThan(1 - 1e-6);
        assertThat(3 * factors[1]).isLessThan(1).isGreaterThan(1 - 1e-6);
    }

    @Test
    void statistics_severalPieces_addUpUntilBegin() {
        GradientClipper clipper = new GradientClipper(Clipping.FLAT, 1, 0);
        clipper.factors(new double[] {4}, new double[1]);
        clipper.factors(new double[] {0.25, 9}, new double[2]);
        assertThat(clipper.statistics()).isEqualTo(new ClippingStatistics(3, 2, 0, 5.5 / 3, 3));
        assertThat(clipper.statistics().clippedFraction()).isCloseTo(2 / 3.0, within(1e-15));
        clipper.begin();
        assertThat(clipper.statistics()).isEqualTo(ClippingStatistics.EMPTY);
        assertThat(ClippingStatistics.EMPTY.clippedFraction()).isZero();
    }

    @Test
    void constructor_impossibleValues_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GradientClipper(Clipping.FLAT, 0, 0))
                .withMessageContaining("clipNorm=0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GradientClipper(Clipping.FLAT, 1, 1))
                .withMessageContaining("margin=1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GradientClipper(Clipping.FLAT, 1, 0).factors(new double[2], new double[1]))
                .withMessageContaining("factors.length=1");
    }
}
