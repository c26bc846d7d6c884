package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RdpAccountantTest {
    private static final SampledGaussian STEP = new SampledGaussian(0.04, 1.5);

    @Test
    void epsilon_publishedVectors_agree() {
        assertThat(RdpAccountant.of(STEP, 2250).epsilon(1e-5).epsilon()).isCloseTo(7.32911117143, within(1e-10));
        RdpEpsilon mnist =
                RdpAccountant.of(new SampledGaussian(150.0 / 60_000, 1.3), 6000).epsilon(1e-5);
        assertThat(mnist.epsilon()).isCloseTo(0.7242234026109595, within(1e-12));
        assertThat(mnist.order()).isEqualTo(19);
    }

    @Test
    void rdp_publishedVectors_agree() {
        double[] rdp = RdpAccountant.startWith(5, 50, 100, 1.5, 2.5)
                .then(new SampledGaussian(0.01, 2.5), 50)
                .rdp();
        double[] published = {2.18075656e-3, 2.38460375e-2, 167.416308, 6.50070897e-4, 1.08541806e-3};
        for (int i = 0; i < rdp.length; i++) {
            assertThat(rdp[i]).isCloseTo(published[i], within(published[i] * 3e-9));
        }
    }

    @Test
    void orders_usualOnes_areThePublishedList() {
        double[] orders = RdpAccountant.start().orders();
        assertThat(orders).hasSize(155).contains(1.1, 10.9, 12, 63, 128, 1024).doesNotContain(11, 64);
        assertThat(orders).isSorted();
    }

    @Test
    void then_differentSteps_addUpInAnyOrder() {
        SampledGaussian other = new SampledGaussian(0.2, 4);
        double[] sum = RdpAccountant.of(STEP, 30).then(other, 7).rdp();
        double[] parts = RdpAccountant.of(other, 3)
                .then(STEP, 20)
                .then(other, 4)
                .then(STEP, 10)
                .rdp();
        double[] one = RdpAccountant.of(STEP, 30).rdp();
        double[] two = RdpAccountant.of(other, 7).rdp();
        for (int i = 0; i < sum.length; i++) {
            assertThat(sum[i]).isCloseTo(parts[i], within(1e-12 * sum[i])).isEqualTo(one[i] + two[i]);
        }
        assertThat(RdpAccountant.of(STEP, 30).then(other, 7).steps()).isEqualTo(37);
    }

    @Test
    void epsilon_moreStepsOrLessDelta_isLarger() {
        double last = 0;
        for (long steps : new long[] {0, 1, 10, 1000, 100_000, 10_000_000_000L}) {
            double epsilon = RdpAccountant.of(STEP, steps).epsilon(1e-5).epsilon();
            assertThat(epsilon).as("%d steps", steps).isGreaterThanOrEqualTo(last);
            last = epsilon;
        }
        last = 0;
        for (double delta : new double[] {0.9, 0.1, 1e-3, 1e-5, 1e-10, 1e-300}) {
            double epsilon = RdpAccountant.of(STEP, 100).epsilon(delta).epsilon();
            assertThat(epsilon).as("delta %s", delta).isGreaterThanOrEqualTo(last);
            last = epsilon;
        }
        assertThat(last).isGreaterThan(1).isFinite();
    }

    @Test
    void epsilon_noSteps_isZero() {
        assertThat(RdpAccountant.start().epsilon(1e-5).epsilon()).isZero();
        assertThat(RdpAccountant.of(new SampledGaussian(1, 0), 0).epsilon(1e-5).epsilon())
                .isZero();
    }

    @Test
    void epsilon_noNoise_isInfinite() {
        RdpEpsilon epsilon = RdpAccountant.of(STEP, 10)
                .then(new SampledGaussian(0.001, 0), 1)
                .epsilon(1e-5);
        assertThat(epsilon.epsilon()).isInfinite();
        assertThat(epsilon.order()).isNaN();
    }

    @Test
    void publicEdge_badArguments_areRefused() {
        RdpAccountant accountant = RdpAccountant.of(STEP, 10);
        for (double delta : new double[] {0, 1, -1e-5, 2, Double.NaN}) {
            assertThatThrownBy(() -> accountant.epsilon(delta))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("delta=" + delta);
        }
        assertThatThrownBy(() -> accountant.then(STEP, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("steps=-1");
        assertThatThrownBy(() -> accountant.then(STEP, Long.MAX_VALUE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RdpAccountant.startWith())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not be empty");
    }
}
