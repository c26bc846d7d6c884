package org.veil4j.dp.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class OneRunAuditTest {
    @Test
    void epsilonLowerBound_allGuessesRightWithoutDelta_isTheClosedForm() {
        // p^r = 0.05 for p = e^eps / (1 + e^eps)
        double p = Math.pow(0.05, 1 / 300.0);
        assertThat(new OneRunAudit(1000, 300, 300).epsilonLowerBound(0, 0.95))
                .isCloseTo(Math.log(p / (1 - p)), within(1e-5));
    }

    @Test
    void epsilonLowerBound_halfRight_rulesNothingOut() {
        assertThat(new OneRunAudit(1000, 400, 200).epsilonLowerBound(1e-5, 0.95))
                .isZero();
        assertThat(new OneRunAudit(1000, 400, 0).epsilonLowerBound(1e-5, 0.95)).isZero();
    }

    @Test
    void pValue_smallCase_isTheDefinitionByHand() {
        // r = 2, v = 2, eps = ln 3: success 3/4. P[both right] = 9/16; i = 1: P[1 right] = 6/16; i = 2: (6 + 1)/16 / 2
        OneRunAudit audit = new OneRunAudit(10, 2, 2);
        assertThat(audit.pValue(Math.log(3), 0)).isCloseTo(9 / 16.0, within(1e-12));
        assertThat(audit.pValue(Math.log(3), 0.01)).isCloseTo(9 / 16.0 + 2 * 10 * 0.01 * 6 / 16, within(1e-12));
    }

    @Test
    void epsilonLowerBound_growsWithRightGuessesAndShrinksWithDelta() {
        double last = 0;
        for (int right = 60; right <= 100; right += 10) {
            double bound = new OneRunAudit(200, 100, right).epsilonLowerBound(1e-6, 0.95);
            assertThat(bound).isGreaterThanOrEqualTo(last);
            assertThat(new OneRunAudit(200, 100, right).epsilonLowerBound(1e-3, 0.95))
                    .isLessThanOrEqualTo(bound);
            last = bound;
        }
        assertThat(last).isGreaterThan(3);
    }

    @Test
    void arguments_outOfRange_areRefusedByName() {
        assertThatThrownBy(() -> new OneRunAudit(10, 0, 0)).hasMessageContaining("guesses=0");
        assertThatThrownBy(() -> new OneRunAudit(10, 11, 0)).hasMessageContaining("guesses=11");
        assertThatThrownBy(() -> new OneRunAudit(10, 5, 6)).hasMessageContaining("right=6");
        OneRunAudit audit = new OneRunAudit(10, 5, 5);
        assertThatThrownBy(() -> audit.epsilonLowerBound(1, 0.95)).hasMessageContaining("delta=1.0");
        assertThatThrownBy(() -> audit.epsilonLowerBound(0, 1)).hasMessageContaining("confidence=1.0");
    }

    @Test
    void auc_knownCases_areExact() {
        assertThat(MembershipInference.auc(new double[] {3, 4}, new double[] {1, 2}))
                .isEqualTo(1);
        assertThat(MembershipInference.auc(new double[] {1, 2}, new double[] {3, 4}))
                .isZero();
        assertThat(MembershipInference.auc(new double[] {1, 1}, new double[] {1, 1, 1}))
                .isEqualTo(0.5);
        // pairs: (2,1) right, (2,3) wrong, (3,1) right, (3,3) tie
        assertThat(MembershipInference.auc(new double[] {2, 3}, new double[] {1, 3}))
                .isEqualTo(2.5 / 4);
        assertThatThrownBy(() -> MembershipInference.auc(new double[0], new double[] {1}))
                .hasMessageContaining("members=0");
        assertThatThrownBy(() -> MembershipInference.auc(new double[] {Double.NaN}, new double[] {1}))
                .hasMessageContaining("NaN");
    }
}
