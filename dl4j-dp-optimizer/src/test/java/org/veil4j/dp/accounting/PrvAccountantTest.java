package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrvAccountantTest {
    @Test
    void epsilon_publishedVector_agreesWithinTheStatedError() {
        PrvEpsilon found =
                PrvAccountant.of(new SampledGaussian(0.04, 1.5), 2249).epsilon(1e-5);
        // Published: an upper bound that adds an error of 0.01 itself.
        assertThat(found.epsilon()).isCloseTo(6.777395712150674, within(found.errorBound()));
        assertThat(found.errorBound()).isLessThanOrEqualTo(0.01 + 1e-12);
        // An independent composition (connect-the-dots on a mesh of 4e-5, extrapolated) gives 6.767044.
        assertThat(found.estimate()).isBetween(6.767044, 6.7675);
        assertThat(found.lower()).isLessThan(6.767044);
    }

    @ParameterizedTest
    @CsvSource({
        // q, s, steps, delta
        "0.01, 1, 1, 1e-5", "0.5, 1, 1, 1e-5", "0.9, 0.7, 1, 1e-3", "0.001, 10, 1, 1e-5", "0.2, 0.5, 1, 1e-10",
        "0.01, 1, 2, 1e-5", "0.5, 2, 2, 1e-6", "0.04, 0.6, 2, 1e-8", "0.9, 1.5, 2, 1e-2", "0.3, 5, 2, 1e-12",
        "0.1, 1, 3, 1e-6", "0.3, 1, 3, 1e-5", "0.7, 3, 3, 1e-9",
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

    /** By an independent program (untilted, 2^21 points, extrapolated from two meshes, in another language). */
    @ParameterizedTest
    @CsvSource({
        "0.04, 1.5, 2249, 1e-5, 6.767044",
        "0.0025, 1.3, 6000, 1e-5, 0.640004",
        "0.001, 0.5, 100000, 1e-5, 13.028602",
        "0.001, 2, 100000, 1e-5, 0.603771",
        "0.001, 10, 100000, 1e-5, 0.097296",
        "0.02, 0.8, 500, 1e-6, 5.440306",
        "0.5, 8, 400, 1e-5, 5.727022",
    })
    void epsilon_manySteps_agreesWithAnotherProgram(double q, double s, long steps, double delta, double expected) {
        PrvEpsilon found = PrvAccountant.of(new SampledGaussian(q, s), steps).epsilon(delta);
        assertThat(found.estimate()).as("%s", found).isCloseTo(expected, within(0.2 * found.errorBound()));
        assertThat(found.errorBound()).isLessThanOrEqualTo(Math.max(0.01, 0.001 * expected) * 1.3);
    }

    /**
     * Rare large losses: epsilon is decided by one or two of a million steps. By an independent program, as above, of 2^23 points,
     * whose figures from two meshes enclose the truth.
     */
    @ParameterizedTest
    @CsvSource({
        // q, s, steps, delta, truth, its uncertainty, largest error bound
        "1e-6, 0.5, 1000000, 1e-5, 0.02659, 0.00005, 0.0006",
        "1e-6, 0.5, 10000000, 1e-5, 0.08085, 0.00025, 0.006",
    })
    void epsilon_rareLargeLosses_hasAGoodBound(
            double q, double s, long steps, double delta, double truth, double uncertainty, double bound) {
        PrvEpsilon found = PrvAccountant.of(new SampledGaussian(q, s), steps).epsilon(delta);
        assertThat(found.errorBound()).as("%s", found).isLessThanOrEqualTo(bound);
        assertThat(found.lower()).as("%s", found).isLessThan(truth + uncertainty);
        assertThat(found.estimate()).as("%s", found).isBetween(truth - uncertainty, truth + 0.5 * bound);
    }

    /** So many steps that their sum is nearly Gaussian: by Cornish and Fisher's expansion, to four cumulants. */
    @ParameterizedTest
    @CsvSource({"0.7, 1, 258410", "0.99, 1, 494326", "0.3, 0.5, 312797"})
    void epsilon_hugeEpsilon_hasATrueBound(double q, double s, double truth) {
        PrvEpsilon found =
                PrvAccountant.of(new SampledGaussian(q, s), 1_000_000).epsilon(1e-5);
        assertThat(found.lower()).as("%s", found).isLessThan(truth).isGreaterThan(0.95 * truth);
        assertThat(found.epsilon()).as("%s", found).isBetween(truth, truth * 1.005);
    }

    @Test
    void epsilon_wideGrid_isFiniteOrderedAndMonotone() {
        double[] rates = {1e-6, 1e-4, 0.05, 1};
        double[] noises = {50, 3, 0.9, 0.3};
        long[] steps = {1, 1000, 100_000, 10_000_000};
        double[][][] found = new double[4][4][4];
        for (int q = 0; q < 4; q++) {
            for (int s = 0; s < 4; s++) {
                for (int t = 0; t < 4; t++) {
                    PrvEpsilon epsilon = PrvAccountant.of(new SampledGaussian(rates[q], noises[s]), steps[t])
                            .epsilon(1e-6);
                    String name = "q=%s s=%s steps=%d: %s".formatted(rates[q], noises[s], steps[t], epsilon);
                    assertThat(epsilon.epsilon()).as(name).isFinite().isGreaterThanOrEqualTo(epsilon.estimate());
                    assertThat(epsilon.lower()).as(name).isBetween(0.0, epsilon.estimate());
                    assertThat(epsilon.errorBound()).as(name).isNotNegative().isFinite();
                    if (epsilon.epsilon() > 0 && epsilon.epsilon() < 1000) {
                        assertThat(epsilon.errorBound()).as(name).isLessThan(Math.max(0.011, 0.05 * epsilon.epsilon()));
                    }
                    found[q][s][t] = epsilon.epsilon();
                    double before = 0;
                    before = q > 0 ? Math.max(before, found[q - 1][s][t]) : before;
                    before = s > 0 ? Math.max(before, found[q][s - 1][t]) : before;
                    before = t > 0 ? Math.max(before, found[q][s][t - 1]) : before;
                    assertThat(epsilon.epsilon()).as(name).isGreaterThanOrEqualTo(before);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.1, 0.8, 48, 1e-5", "0.02, 1, 128, 1e-6", "0.6, 4, 100, 1e-4"})
    void epsilon_someSteps_liesBetweenCrudeBounds(double q, double s, int steps, double delta) {
        PrvEpsilon found = PrvAccountant.of(new SampledGaussian(q, s), steps).epsilon(delta);
        assertThat(CrudeComposition.epsilon(q, s, steps, delta, false))
                .as("%s", found)
                .isLessThan(found.epsilon());
        assertThat(CrudeComposition.epsilon(q, s, steps, delta, true))
                .as("%s", found)
                .isGreaterThan(found.lower());
    }

    @Test
    void epsilon_allExamplesAlways_isTheAnalyticGaussian() {
        for (double s : new double[] {0.5, 3, 40}) {
            for (int steps : new int[] {1, 25, 10_000}) {
                PrvEpsilon found =
                        PrvAccountant.of(new SampledGaussian(1, s), steps).epsilon(1e-5);
                double mu = Math.sqrt(steps) / s;
                assertThat(AnalyticGaussian.delta(mu, found.epsilon())).isLessThanOrEqualTo(1e-5);
                assertThat(AnalyticGaussian.delta(mu, found.lower() * (1 - 1e-9)))
                        .isGreaterThan(1e-5);
                assertThat(found.errorBound()).isLessThan(1e-8 * found.epsilon());
            }
        }
        // Balle and Wang's figure: epsilon 1 and delta 1e-5 need noise of 3.730632.
        assertThat(PrvAccountant.of(new SampledGaussian(1, 3.730632), 1)
                        .epsilon(1e-5)
                        .epsilon())
                .isCloseTo(1, within(1e-6));
    }

    @Test
    void epsilon_nearlyAllExamples_isNearTheAnalyticGaussian() {
        PrvEpsilon sampled =
                PrvAccountant.of(new SampledGaussian(1 - 1e-9, 5), 100).epsilon(1e-6);
        double exact = AnalyticGaussian.epsilon(2, 1e-6);
        assertThat(exact).isBetween(sampled.lower(), sampled.epsilon());
        assertThat(sampled.estimate()).isCloseTo(exact, within(2e-3));
    }

    @Test
    void then_differentSteps_composeInAnyOrder() {
        SampledGaussian one = new SampledGaussian(0.02, 1.2);
        SampledGaussian two = new SampledGaussian(0.1, 4);
        SampledGaussian full = new SampledGaussian(1, 20);
        PrvEpsilon mixed =
                PrvAccountant.of(one, 300).then(two, 200).then(full, 30).epsilon(1e-5);
        PrvEpsilon other = PrvAccountant.of(full, 10)
                .then(two, 200)
                .then(one, 200)
                .then(full, 20)
                .then(one, 100)
                .epsilon(1e-5);
        assertThat(other.estimate()).isCloseTo(mixed.estimate(), within(1e-6));
        assertThat(mixed.estimate())
                .isGreaterThan(PrvAccountant.of(one, 300).epsilon(1e-5).estimate())
                .isGreaterThan(PrvAccountant.of(two, 200).epsilon(1e-5).estimate());
        double rdp = RdpAccountant.of(one, 300)
                .then(two, 200)
                .then(full, 30)
                .epsilon(1e-5)
                .epsilon();
        assertThat(mixed.epsilon()).isLessThan(rdp).isGreaterThan(0.7 * rdp);
        assertThat(PrvAccountant.of(one, 300).then(two, 200).then(full, 30).steps())
                .isEqualTo(530);
    }

    @Test
    void then_gaussiansInDifferentParts_areTheSumOfTheirSquares() {
        // A sampling rate that is not quite 1 keeps the second from being merged in closed form.
        PrvEpsilon found = PrvAccountant.of(new SampledGaussian(1, 5), 9)
                .then(new SampledGaussian(1 - 1e-12, 10), 64)
                .epsilon(1e-5);
        double mu = Math.sqrt(9.0 / 25 + 64.0 / 100);
        assertThat(AnalyticGaussian.epsilon(mu, 1e-5)).isBetween(found.lower(), found.epsilon());
        assertThat(found.estimate()).isCloseTo(AnalyticGaussian.epsilon(mu, 1e-5), within(1e-3));
    }

    @Test
    void epsilon_grid_isMonotoneAndBelowRdp() {
        double[] rates = {0.001, 0.03, 0.5};
        double[] noises = {6, 1.2, 0.6};
        long[] steps = {1, 40, 3000};
        double[] deltas = {1e-3, 1e-8};
        double[][][][] found = new double[3][3][3][2];
        for (int q = 0; q < 3; q++) {
            for (int s = 0; s < 3; s++) {
                for (int t = 0; t < 3; t++) {
                    PrvAccountant prv = PrvAccountant.of(new SampledGaussian(rates[q], noises[s]), steps[t]);
                    RdpAccountant rdp = RdpAccountant.of(new SampledGaussian(rates[q], noises[s]), steps[t]);
                    for (int d = 0; d < 2; d++) {
                        PrvEpsilon epsilon = prv.epsilon(deltas[d]);
                        String name = "q=%s s=%s steps=%d delta=%s: %s"
                                .formatted(rates[q], noises[s], steps[t], deltas[d], epsilon);
                        assertThat(epsilon.epsilon())
                                .as(name)
                                .isLessThanOrEqualTo(rdp.epsilon(deltas[d]).epsilon());
                        assertThat(epsilon.lower()).as(name).isBetween(0.0, epsilon.estimate());
                        assertThat(epsilon.errorBound())
                                .as(name)
                                .isLessThanOrEqualTo(Math.max(0.01, 0.03 * epsilon.estimate()));
                        found[q][s][t][d] = epsilon.epsilon();
                        double before = 0;
                        before = q > 0 ? Math.max(before, found[q - 1][s][t][d]) : before;
                        before = s > 0 ? Math.max(before, found[q][s - 1][t][d]) : before;
                        before = t > 0 ? Math.max(before, found[q][s][t - 1][d]) : before;
                        before = d > 0 ? Math.max(before, found[q][s][t][d - 1]) : before;
                        assertThat(epsilon.epsilon()).as(name).isGreaterThanOrEqualTo(before);
                    }
                }
            }
        }
    }

    @Test
    void epsilon_smallerTarget_isNearerTheSame() {
        PrvAccountant accountant = PrvAccountant.of(new SampledGaussian(0.02, 1.1), 1000);
        PrvEpsilon rough = accountant.epsilon(1e-5, 0.05);
        PrvEpsilon fine = accountant.epsilon(1e-5, 1e-3);
        assertThat(fine.errorBound()).isLessThan(0.2 * rough.errorBound()).isLessThan(1.3e-3);
        assertThat(fine.estimate()).isBetween(rough.lower(), rough.epsilon());
        assertThat(fine.epsilon()).isLessThan(rough.epsilon());
    }

    @Test
    void epsilon_tinyDelta_keepsItsPrecision() {
        SampledGaussian step = new SampledGaussian(0.04, 1.5);
        double last = 0;
        for (double delta : new double[] {1e-10, 1e-20, 1e-40, 1e-80}) {
            PrvEpsilon found = PrvAccountant.of(step, 2250).epsilon(delta);
            double rdp = RdpAccountant.of(step, 2250).epsilon(delta).epsilon();
            assertThat(found.errorBound()).as("delta %s: %s", delta, found).isLessThan(0.2);
            assertThat(found.epsilon()).as("delta %s", delta).isBetween(0.9 * rdp, rdp);
            assertThat(found.epsilon()).isGreaterThan(last);
            last = found.epsilon();
        }
    }

    @Test
    void epsilon_askedInTurn_isThatOfTheQuestion() {
        PrvAccountant one = PrvAccountant.of(new SampledGaussian(0.02, 1.2), 30);
        PrvAccountant two = PrvAccountant.of(new SampledGaussian(0.02, 1.2), 60);
        PrvEpsilon first = one.epsilon(1e-5);
        assertThat(one.epsilon(1e-5)).isEqualTo(first);
        assertThat(one.epsilon(1e-6).epsilon()).isGreaterThan(first.epsilon());
        assertThat(two.epsilon(1e-6).epsilon()).isGreaterThan(one.epsilon(1e-6).epsilon());
        assertThat(one.epsilon(1e-5)).isEqualTo(first);
        assertThat(PrvAccountant.of(new SampledGaussian(0.02, 1.2), 30).epsilon(1e-5))
                .isEqualTo(first);
        assertThat(one.epsilon(1e-5, 1e-4).errorBound()).isLessThan(first.errorBound());
    }

    @Test
    void epsilon_edges_areExact() {
        SampledGaussian step = new SampledGaussian(0.1, 1);
        assertThat(PrvAccountant.start().epsilon(1e-5)).isEqualTo(new PrvEpsilon(0, 0, 0, 0));
        assertThat(PrvAccountant.of(step, 0).epsilon(1e-5).epsilon()).isZero();
        assertThat(PrvAccountant.of(step, 5)
                        .then(new SampledGaussian(0.1, 0), 1)
                        .epsilon(1e-5)
                        .epsilon())
                .isInfinite();
        assertThat(PrvAccountant.of(step, 5).epsilon(0.9)).isEqualTo(new PrvEpsilon(0, 0, 0, 0));
        // With probability above 1 - delta the example takes part in no step, however little the noise.
        for (double noise : new double[] {0.01, 1}) {
            PrvAccountant rare = PrvAccountant.of(new SampledGaussian(1e-6, noise), 5);
            assertThat(rare.epsilon(5e-6)).isEqualTo(new PrvEpsilon(0, 0, 0, 0));
        }
        assertThat(PrvAccountant.of(new SampledGaussian(1e-6, 0.1), 5)
                        .epsilon(4.9e-6)
                        .epsilon())
                .isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "0.01, 0.05, 10",
        "0.5, 0.02, 10",
        "0.000001, 0.5, 1000000",
        "0.3, 1e-4, 3",
        "0.9, 1e-160, 1",
        "0.5, 300, 1"
    })
    void epsilon_extremeParameters_isAnUpperBoundAtLeast(double q, double s, long steps) {
        PrvEpsilon found = PrvAccountant.of(new SampledGaussian(q, s), steps).epsilon(1e-5);
        double rdp =
                RdpAccountant.of(new SampledGaussian(q, s), steps).epsilon(1e-5).epsilon();
        assertThat(found.epsilon()).as("%s", found).isLessThanOrEqualTo(rdp).isGreaterThanOrEqualTo(found.lower());
        assertThat(found.estimate()).as("%s", found).isGreaterThanOrEqualTo(found.lower());
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-300, 1e-320, 1e-12, 0.3, 0.99, 1 - 1e-15})
    void epsilon_anyDelta_isAnUpperBoundAtLeast(double delta) {
        for (double q : new double[] {1e-4, 0.2, 0.999}) {
            PrvEpsilon found = PrvAccountant.of(new SampledGaussian(q, 1), 20).epsilon(delta);
            double rdp = RdpAccountant.of(new SampledGaussian(q, 1), 20)
                    .epsilon(delta)
                    .epsilon();
            assertThat(found.epsilon()).as("q=%s: %s", q, found).isBetween(found.lower(), rdp);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -1e-5, 1.5, Double.NaN})
    void epsilon_badDelta_isRefused(double delta) {
        PrvAccountant accountant = PrvAccountant.of(new SampledGaussian(0.1, 1), 3);
        assertThatThrownBy(() -> accountant.epsilon(delta))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("delta=" + delta);
    }

    @Test
    void publicEdge_badArguments_areRefused() {
        PrvAccountant accountant = PrvAccountant.of(new SampledGaussian(0.1, 1), 3);
        for (double target : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> accountant.epsilon(1e-5, target))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("targetError=" + target);
        }
        assertThatThrownBy(() -> accountant.then(new SampledGaussian(0.1, 1), -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("steps=-1");
        assertThatThrownBy(() -> accountant.then(new SampledGaussian(0.1, 1), Long.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
