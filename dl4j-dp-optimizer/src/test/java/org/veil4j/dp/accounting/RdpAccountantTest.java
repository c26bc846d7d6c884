package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RdpAccountantTest {
    @Test
    void epsilon_publishedVectors_agree() {
        assertThat(RdpAccountant.of(new SampledGaussian(0.04, 1.5), 2250)
                        .epsilon(1e-5)
                        .epsilon())
                .isCloseTo(7.32911117143, within(1e-10));
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
}
