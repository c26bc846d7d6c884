package org.veil4j.dp.mechanism;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.veil4j.dp.accounting.Accounting;
import org.veil4j.dp.accounting.PrivacyGuarantee;
import org.veil4j.dp.accounting.Sampling;
import org.veil4j.dp.accounting.UnreachableEpsilonException;

class DpPlanTest {
    private static DpPlanBuilder complete() {
        return DpPlan.builder()
                .examples(60_000)
                .expectedBatch(2_400)
                .epochs(90)
                .clipNorm(1)
                .delta(1e-5)
                .noiseMultiplier(1.5);
    }

    private static void refused(UnaryOperator<DpPlanBuilder> change, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> change.apply(complete()).build())
                .withMessageContainingAll(parts);
    }

    @Test
    void guarantee_publishedSetting_hasThePublishedEpsilon() {
        DpPlan plan = complete().build();
        assertThat(plan.samplingRate()).isEqualTo(0.04);
        assertThat(plan.plannedSteps()).isEqualTo(2250);
        assertThat(plan.guarantee().epsilonRdp()).isCloseTo(7.32911117143, within(1e-9));
        assertThat(plan.guaranteeAfter(0).epsilon()).isZero();
        assertThat(plan.guaranteeAfter(100).epsilon()).isBetween(0.5, 3.0);
        assertThat(plan.guarantee().isPrivate()).isTrue();
    }

    @Test
    void targetEpsilon_published_givesThePublishedNoise() {
        DpPlan plan = DpPlan.builder()
                .examples(60_000)
                .expectedBatch(2_400)
                .steps(2_250)
                .clipNorm(1)
                .delta(1e-5)
                .targetEpsilon(8)
                .build();
        assertThat(plan.noiseMultiplier()).isCloseTo(1.416, within(1e-3));
        assertThat(plan.guarantee().epsilon()).isBetween(7.999, 8.0);
        assertThat(plan.targetEpsilon()).isEqualTo(8);
    }

    @Test
    void targetEpsilon_prvAccounting_needsLessNoise() {
        DpPlan plan = DpPlan.builder()
                .examples(60_000)
                .expectedBatch(2_400)
                .steps(2_250)
                .clipNorm(1)
                .delta(1e-5)
                .targetEpsilon(8)
                .accounting(Accounting.PRV)
                .build();
        // Published: 1.34765625, found by bisection to a coarser tolerance.
        assertThat(plan.noiseMultiplier()).isBetween(1.335, 1.3477);
        assertThat(plan.guarantee().epsilon()).isBetween(7.9, 8.0);
        assertThat(plan.guarantee().epsilonRdp()).isGreaterThan(8);
    }

    @Test
    void guarantee_shuffled_isThatOfOneGaussianAnEpoch() {
        DpPlan plan = complete().sampling(Sampling.SHUFFLED).noiseMultiplier(10).build();
        PrivacyGuarantee guarantee = plan.guarantee();
        DpPlan whole = DpPlan.builder()
                .examples(10)
                .expectedBatch(10)
                .steps(90)
                .clipNorm(1)
                .delta(1e-5)
                .noiseMultiplier(10)
                .build();
        assertThat(guarantee.epsilon()).isEqualTo(whole.guarantee().epsilon());
        assertThat(guarantee.neighbouringRelation()).contains("zero-out");
        assertThat(plan.guaranteeAfter(1).epsilon())
                .isEqualTo(plan.guaranteeAfter(25).epsilon())
                .isLessThan(plan.guaranteeAfter(26).epsilon());
    }

    @Test
    void targetEpsilon_shuffled_isKept() {
        DpPlan plan = DpPlan.builder()
                .examples(1_000)
                .expectedBatch(100)
                .epochs(5)
                .clipNorm(1)
                .delta(1e-4)
                .targetEpsilon(4)
                .sampling(Sampling.SHUFFLED)
                .build();
        assertThat(plan.guarantee().epsilon()).isBetween(3.99, 4.0);
    }

    @Test
    void noiseMultiplier_zero_hasInfiniteEpsilonAndSaysSo() {
        DpPlan plan = complete().noiseMultiplier(0).build();
        assertThat(plan.guarantee().epsilon()).isInfinite();
        assertThat(plan.guarantee().isPrivate()).isFalse();
        assertThat(plan.guarantee().statement()).contains("noise multiplier is 0");
        assertThat(plan.warnings()).anyMatch(w -> w.startsWith("noiseMultiplier=0: no noise, so epsilon is infinite"));
    }

    @Test
    void seededForTesting_guarantee_isNotPrivateAndSaysSo() {
        DpPlan plan = complete().seededForTesting(3).build();
        assertThat(plan.guarantee().isPrivate()).isFalse();
        assertThat(plan.guarantee().statement()).contains("seed");
        assertThat(plan.toString()).contains("NOT PRIVATE");
        assertThat(plan.warnings()).anyMatch(w -> w.startsWith("seededForTesting"));
    }

    @Test
    void delta_notBelowOneOverExamples_isWarned() {
        assertThat(complete().delta(1.0 / 60_000).build().warnings()).anyMatch(w -> w.startsWith("delta="));
        assertThat(complete().delta(1.0 / 60_001).build().warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void targetEpsilon_outOfRange_isRefused(double epsilon) {
        refused(b -> b.targetEpsilon(epsilon), "targetEpsilon=" + epsilon, "positive and finite");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.5, 2, Double.NaN})
    void delta_outOfRange_isRefused(double delta) {
        refused(b -> b.delta(delta), "delta=" + delta, "(0, 1)");
    }

    @Test
    void targetEpsilon_unreachable_isRefused() {
        assertThatExceptionOfType(UnreachableEpsilonException.class)
                .isThrownBy(() -> DpPlan.builder()
                        .examples(1000)
                        .expectedBatch(1000)
                        .steps(1_000_000_000_000L)
                        .clipNorm(1)
                        .delta(1e-9)
                        .targetEpsilon(1e-4)
                        .build())
                .withMessageContaining("cannot be reached");
    }

    @Test
    void otherValues_outOfRange_areRefused() {
        refused(b -> b.examples(0), "examples=0");
        refused(b -> b.expectedBatch(0), "expectedBatch=0");
        refused(b -> b.expectedBatch(60_001), "expectedBatch=60001", "examples=60000");
        refused(b -> b.epochs(0), "epochs=0");
        refused(b -> b.steps(0), "steps=0");
        refused(b -> b.clipNorm(0), "clipNorm=0.0");
        refused(b -> b.clipNorm(Double.POSITIVE_INFINITY), "clipNorm=Infinity");
        refused(b -> b.noiseMultiplier(-1), "noiseMultiplier=-1.0");
        refused(b -> b.physicalBatch(0), "physicalBatch=0");
    }

    @Test
    void build_missingOrContradictory_isRefused() {
        refused(b -> b.steps(5), "epochs=90, steps=5");
        refused(b -> b.targetEpsilon(8), "targetEpsilon=8.0, noiseMultiplier=1.5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DpPlan.builder().build())
                .withMessageContaining("examples is missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DpPlan.builder()
                        .examples(9)
                        .expectedBatch(3)
                        .clipNorm(1)
                        .delta(0.01)
                        .noiseMultiplier(1)
                        .build())
                .withMessageContaining("steps is missing");
    }

    @Test
    void guaranteeAfter_moreThanPlanned_isRefused() {
        DpPlan plan = complete().build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan.guaranteeAfter(2251))
                .withMessageContaining("steps=2251");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan.guaranteeAfter(-1))
                .withMessageContaining("steps=-1");
    }

    @ParameterizedTest
    @EnumSource
    void json_roundTrip_isEqual(Clipping clipping) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        DpPlan plan = complete().clipping(clipping).build();
        DpPlan seeded = complete().seededForTesting(-4).physicalBatch(17).build();
        DpPlan read = mapper.readValue(mapper.writeValueAsString(plan), DpPlan.class);
        assertThat(read).isEqualTo(plan).hasSameHashCodeAs(plan).isNotEqualTo(seeded);
        assertThat(mapper.readValue(mapper.writeValueAsString(seeded), DpPlan.class))
                .isEqualTo(seeded);
    }

    @Test
    void json_damaged_isRefused() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        String json = mapper.writeValueAsString(complete().build());
        for (String damage :
                new String[] {"\"noiseMultiplier\":1.5,", "\"clipNorm\":1.0,", "\"sampling\":\"POISSON\","}) {
            String changed = json.replace(damage, "");
            assertThat(changed).isNotEqualTo(json);
            assertThatExceptionOfType(JsonMappingException.class)
                    .as(damage)
                    .isThrownBy(() -> mapper.readValue(changed, DpPlan.class));
        }
        assertThatExceptionOfType(JsonMappingException.class)
                .isThrownBy(() -> mapper.readValue(json.replace("\"delta\":1.0E-5", "\"delta\":3"), DpPlan.class))
                .withMessageContaining("delta=3.0");
    }

    @Test
    void physicalBatch_default_coversSmallBatchesAndIsBounded() {
        assertThat(complete().expectedBatch(128).build().physicalBatch()).isEqualTo(196);
        assertThat(complete().build().physicalBatch()).isEqualTo(512);
    }
}
