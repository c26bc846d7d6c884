package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PrivacyGuaranteeTest {
    private static final SampledGaussian STEP = new SampledGaussian(0.04, 1.5);

    @Test
    void of_poisson_holdsBothFigures() {
        PrivacyGuarantee guarantee = PrivacyGuarantee.of(STEP, 2250, 1e-5).build();
        assertThat(guarantee.epsilon()).isEqualTo(guarantee.epsilonRdp()).isCloseTo(7.32911117143, within(1e-9));
        assertThat(guarantee.order()).isEqualTo(3.9);
        assertThat(guarantee.epsilonPrv()).isBetween(6.76, 6.79);
        assertThat(guarantee.prvErrorBound()).isBetween(1e-3, 0.011);
        assertThat(guarantee.isPrivate()).isTrue();
        assertThat(guarantee.notPrivateReason()).isEmpty();
        assertThat(guarantee.warnings()).isEmpty();
        assertThat(guarantee.examples()).isEmpty();
        assertThat(guarantee.sampling()).isEqualTo(Sampling.POISSON);
        assertThat(guarantee.samplingRate()).isEqualTo(0.04);
        assertThat(guarantee.noiseMultiplier()).isEqualTo(1.5);
        assertThat(guarantee.steps()).isEqualTo(2250);
        assertThat(guarantee.delta()).isEqualTo(1e-5);
        PrivacyGuarantee prv =
                PrivacyGuarantee.of(STEP, 2250, 1e-5).accounting(Accounting.PRV).build();
        assertThat(prv.epsilon()).isEqualTo(guarantee.epsilonPrv());
    }

    @Test
    void statement_poisson_saysEverything() {
        String statement = PrivacyGuarantee.of(STEP, 2250, 1e-5).build().statement();
        assertThat(statement)
                .contains("epsilon = 7.32912 and delta = 1.0E-5")
                .contains("unit of privacy: one training example")
                .contains("neighbouring relation: add or remove one example")
                .contains("Poisson: each example is in each step with probability 0.04")
                .contains("2,250 steps")
                .contains("1.5 times the clip norm")
                .contains("Renyi")
                .contains("at order 3.9")
                .contains("epsilon by PRV: 6.7")
                .contains("hyper-parameters")
                .contains("training accuracy")
                .contains("preprocessing")
                .contains("floating-point")
                .doesNotContain("NOT PRIVATE")
                .doesNotContain("WARNING")
                .endsWith("\n");
    }

    @Test
    void epsilon_shuffled_isOneGaussianAnEpoch() {
        PrivacyGuarantee guarantee = PrivacyGuarantee.of(new SampledGaussian(0.01, 2), 301, 1e-5)
                .shuffled(100)
                .accounting(Accounting.PRV)
                .build();
        // Four begun epochs: four Gaussian mechanisms of noise 2, which are one of noise 1.
        assertThat(guarantee.epsilon()).isCloseTo(AnalyticGaussian.epsilon(1, 1e-5), within(1e-7));
        assertThat(guarantee.epsilonReplaceOne()).isCloseTo(AnalyticGaussian.epsilon(2, 1e-5), within(1e-7));
        assertThat(guarantee.epsilonRdp())
                .isEqualTo(RdpAccountant.of(new SampledGaussian(1, 2), 4)
                        .epsilon(1e-5)
                        .epsilon());
        assertThat(guarantee.neighbouringRelation()).contains("zero-out");
        assertThat(guarantee.statement())
                .contains("zero-out")
                .contains("in one step of an epoch, 4 in all")
                .contains("nothing is gained from sampling")
                .contains("replaced by any other");
    }

    @Test
    void epsilon_shuffled_isWorseThanPoisson() {
        double poisson = PrivacyGuarantee.of(STEP, 250, 1e-5).build().epsilon();
        double shuffled =
                PrivacyGuarantee.of(STEP, 250, 1e-5).shuffled(25).build().epsilon();
        assertThat(shuffled).isGreaterThan(2 * poisson);
        PrivacyGuarantee guarantee = PrivacyGuarantee.of(STEP, 250, 1e-5).build();
        assertThatThrownBy(guarantee::epsilonReplaceOne).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void participations_begunEpoch_counts() {
        assertThat(PrivacyGuarantee.participations(0, 10)).isZero();
        assertThat(PrivacyGuarantee.participations(1, 10)).isEqualTo(1);
        assertThat(PrivacyGuarantee.participations(10, 10)).isEqualTo(1);
        assertThat(PrivacyGuarantee.participations(11, 10)).isEqualTo(2);
    }

    @Test
    void build_noNoise_isInfiniteAndSaysSo() {
        PrivacyGuarantee guarantee =
                PrivacyGuarantee.of(new SampledGaussian(0.04, 0), 10, 1e-5).build();
        assertThat(guarantee.epsilon()).isInfinite();
        assertThat(guarantee.epsilonPrv()).isInfinite();
        assertThat(guarantee.isPrivate()).isFalse();
        assertThat(guarantee.statement()).contains("NOT PRIVATE").contains("infinite (no privacy)");
        assertThat(guarantee.toString()).contains("NOT PRIVATE");
    }

    @Test
    void build_notPrivate_saysSoFirst() {
        PrivacyGuarantee guarantee = PrivacyGuarantee.of(STEP, 10, 1e-5)
                .notPrivate("the random seed is known")
                .build();
        assertThat(guarantee.isPrivate()).isFalse();
        assertThat(guarantee.notPrivateReason()).contains("the random seed is known");
        assertThat(guarantee.statement()).startsWith("NOT PRIVATE: the random seed is known");
    }

    @Test
    void build_noSteps_costsNothing() {
        PrivacyGuarantee guarantee = PrivacyGuarantee.of(STEP, 0, 1e-5).build();
        assertThat(guarantee.epsilon()).isZero();
        assertThat(guarantee.epsilonPrv()).isZero();
        assertThat(guarantee.isPrivate()).isTrue();
    }

    @Test
    void warnings_deltaNotBelowOneOverExamples_areGiven() {
        assertThat(PrivacyGuarantee.of(STEP, 10, 1e-3).examples(1000).build().warnings())
                .singleElement()
                .asString()
                .contains("delta=0.001: not below 1/examples");
        PrivacyGuarantee fine =
                PrivacyGuarantee.of(STEP, 10, 0.99e-3).examples(1000).build();
        assertThat(fine.warnings()).isEmpty();
        assertThat(fine.examples()).hasValue(1000);
    }

    @Test
    void publicEdge_badArguments_areRefused() {
        for (double delta : new double[] {0, 1, -1, Double.NaN}) {
            assertThatThrownBy(() -> PrivacyGuarantee.of(STEP, 10, delta))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("delta=" + delta);
        }
        assertThatThrownBy(() -> PrivacyGuarantee.of(STEP, -1, 1e-5)).hasMessageStartingWith("steps=-1");
        assertThatThrownBy(() -> PrivacyGuarantee.of(STEP, 1, 1e-5).shuffled(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("stepsPerEpoch=0");
        assertThatThrownBy(() -> PrivacyGuarantee.of(STEP, 1, 1e-5).examples(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("examples=0");
        assertThatThrownBy(() -> PrivacyGuarantee.participations(-1, 1)).hasMessageStartingWith("steps=-1");
    }

    @Test
    void statement_wideErrorBound_saysSo() {
        PrivacyGuarantee loose = PrivacyGuarantee.of(new SampledGaussian(1e-5, 0.7), 10_000_000, 1e-12)
                .build();
        assertThat(loose.prvErrorBound()).isBetween(0.1 * loose.epsilonPrv(), 0.9 * loose.epsilonPrv());
        assertThat(loose.statement()).contains("a loose bound: more than a tenth of it may be error");
        PrivacyGuarantee unknown = PrivacyGuarantee.of(new SampledGaussian(0.3, 0.3), 10_000_000, 1e-5)
                .build();
        assertThat(unknown.prvErrorBound()).isEqualTo(unknown.epsilonPrv());
        assertThat(unknown.statement()).contains("how far the truth is below it could not be shown");
        PrivacyGuarantee tight = PrivacyGuarantee.of(STEP, 2250, 1e-5).build();
        assertThat(tight.prvErrorBound()).isLessThan(0.1 * tight.epsilonPrv());
        assertThat(tight.statement()).contains("the truth at most").doesNotContain("loose");
    }

    @Test
    void epsilonShown_isRoundedUp() {
        assertThat(PrivacyStatement.epsilon(7.3291111)).isEqualTo("7.32912");
        assertThat(PrivacyStatement.epsilon(2)).isEqualTo("2");
        assertThat(PrivacyStatement.epsilon(0)).isEqualTo("0");
        assertThat(PrivacyStatement.epsilon(Double.POSITIVE_INFINITY)).contains("infinite");
    }
}
