package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrvAccountantTest {
    @Test
    void epsilon_publishedVector_agreesWithinTheStatedError() {
        PrvEpsilon found =
                PrvAccountant.of(new SampledGaussian(0.04, 1.5), 2249).epsilon(1e-5);
        // Published: an upper bound that adds an error of 0.01 itself.
        assertThat(found.epsilon()).isCloseTo(6.777395712150674, within(found.errorBound()));
        assertThat(found.errorBound()).isLessThanOrEqualTo(0.01 + 1e-12);
        // An independent composition (connect-the-dots on a mesh of 4e-5, extrapolated) gives 6.767044.
        assertThat(found.estimate()).isBetween(6.767044, 6.7672);
        assertThat(found.lower()).isLessThan(6.767044);
    }

    @ParameterizedTest
    @CsvSource({
        // q, s, steps, delta
        "0.01, 1, 1, 1e-5", "0.5, 1, 1, 1e-5", "0.9, 0.7, 1, 1e-3", "0.001, 10, 1, 1e-5", "0.2, 0.5, 1, 1e-10",
        "0.01, 1, 2, 1e-5", "0.5, 2, 2, 1e-6", "0.04, 0.6, 2, 1e-8", "0.9, 1.5, 2, 1e-2", "0.3, 5, 2, 1e-12",
        "0.01, 1, 3, 1e-6", "0.3, 1, 3, 1e-5", "0.7, 3, 3, 1e-9",
    })
    void epsilon_fewSteps_agreesWithTheDefinition(double q, double s, int steps, double delta) {
        SlowAccounting slow = new SlowAccounting(q, s);
        PrvEpsilon found = PrvAccountant.of(new SampledGaussian(q, s), steps).epsilon(delta);
        assertThat(slow.delta(found.lower(), steps)).as("%s", found).isGreaterThan(delta);
        assertThat(slow.delta(found.epsilon(), steps)).as("%s", found).isLessThan(delta);
        // The proven bound is generous: the estimate is far nearer, and not below.
        assertThat(slow.delta(found.estimate(), steps)).as("%s", found).isLessThan(delta * (1 + 1e-6));
        assertThat(slow.delta(found.estimate() - 0.1 * found.errorBound(), steps))
                .as("%s", found)
                .isGreaterThan(delta);
    }
}
