package org.veil4j.he.mlr.clear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigmoidPolynomialTest {
    @Test
    void paper_isTheFormulaAndItsTurningPoint() {
        SigmoidPolynomial p = SigmoidPolynomial.PAPER;
        for (double x = -9; x <= 9; x += 0.37) {
            assertThat(p.value(x))
                    .isCloseTo(0.5 + 0.10679534503216294 * x - 0.00038503259805075 * x * x * x, within(1e-15));
        }
        assertThat(p.bound()).isCloseTo(9.615, within(1e-3));
        assertThat(p.value(p.bound())).isGreaterThan(p.value(p.bound() - 0.1)).isGreaterThan(p.value(p.bound() + 0.1));
        assertThat(p.degree()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(doubles = {2, 6, 9})
    void leastSquares_moreTerms_comeCloser(double bound) {
        double before = 1;
        for (int degree = 1; degree <= SigmoidPolynomial.MAX_DEGREE; degree += 2) {
            SigmoidPolynomial p = SigmoidPolynomial.leastSquares(degree, bound);
            double error = 0;
            for (int i = -400; i <= 400; i++) {
                double x = bound * i / 400;
                error = Math.max(error, Math.abs(p.value(x) - SigmoidPolynomial.sigmoid(x)));
                assertThat(p.value(-x)).isCloseTo(1 - p.value(x), within(1e-12));
            }
            assertThat(error).as("degree %d", degree).isLessThan(0.75 * before);
            assertThat(p.degree()).isEqualTo(degree);
            before = error;
        }
    }

    /** At the minimum of the sum of squares the residual is orthogonal to every term; any other polynomial is worse. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5, 7})
    void leastSquares_residual_isOrthogonalToEveryTerm(int degree) {
        double bound = 7;
        SigmoidPolynomial p = SigmoidPolynomial.leastSquares(degree, bound);
        for (int power = 1; power <= degree; power += 2) {
            double sum = 0;
            int nodes = 20_000;
            for (int i = 0; i < nodes; i++) {
                double t = Math.cos(Math.PI * (i + 0.5) / nodes);
                double residual = p.value(bound * t) - SigmoidPolynomial.sigmoid(bound * t);
                sum += residual * Math.pow(t, power) / nodes;
            }
            assertThat(sum).as("power %d", power).isCloseTo(0, within(1e-9));
        }
    }

    @Test
    void misuse_isRefused() {
        assertThatThrownBy(() -> SigmoidPolynomial.leastSquares(4, 5)).hasMessageContaining("degree=4");
        assertThatThrownBy(() -> SigmoidPolynomial.leastSquares(17, 5)).hasMessageContaining("degree=17");
        assertThatThrownBy(() -> SigmoidPolynomial.leastSquares(3, Double.NaN)).hasMessageContaining("bound=NaN");
        assertThatThrownBy(() -> SigmoidPolynomial.of(new double[] {1, 0}, 5)).hasMessageContaining("not 0");
        assertThatThrownBy(() -> SigmoidPolynomial.of(new double[] {Double.NaN}, 5))
                .hasMessageContaining("finite");
        assertThat(SigmoidPolynomial.of(new double[] {0.25}, 4))
                .isEqualTo(SigmoidPolynomial.of(new double[] {0.25}, 4));
        assertThat(SigmoidPolynomial.of(new double[] {0.25}, 4)).isNotEqualTo(SigmoidPolynomial.PAPER);
    }
}
