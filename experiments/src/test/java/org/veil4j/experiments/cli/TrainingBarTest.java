package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.veil4j.dp.accounting.Accounting;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.experiments.train.EpochResult;

class TrainingBarTest {
    private record Shown(String bar, String lines) {}

    private static Shown show(@Nullable DpPlan plan, int steps, int total) {
        ByteArrayOutputStream drawn = new ByteArrayOutputStream();
        StringWriter out = new StringWriter();
        try (TrainingBar bar = new TrainingBar(
                new PrintWriter(out),
                plan,
                Progress.start("training", total, new PrintStream(drawn, true, StandardCharsets.US_ASCII)))) {
            for (int step = 1; step <= steps; step++) {
                bar.iterationDone(step, total, 1.5);
            }
            bar.epochDone(new EpochResult(1, 1.5, Double.NaN, Double.NaN, 2));
        }
        return new Shown(drawn.toString(StandardCharsets.US_ASCII), out.toString());
    }

    private static String shown(double epsilon) {
        return BigDecimal.valueOf(epsilon).setScale(3, RoundingMode.CEILING).toString();
    }

    private static DpPlan plan(Accounting accounting) {
        return DpPlan.builder()
                .examples(1000)
                .expectedBatch(100)
                .epochs(2)
                .clipNorm(1)
                .delta(1e-5)
                .noiseMultiplier(1)
                .accounting(accounting)
                .build();
    }

    @Test
    void bar_underAPlan_showsEpsilonSpent() {
        DpPlan plan = plan(Accounting.RDP);
        double spent = plan.guaranteeAfter(10).epsilon();
        String expected = "epsilon " + shown(spent);
        Shown shown = show(plan, 10, 20);
        assertThat(shown.bar()).contains("10/20").contains(expected);
        assertThat(shown.lines()).contains("loss 1.5000 (not private)").contains(expected);
        assertThat(show(plan, 20, 20).bar())
                .contains("epsilon " + shown(plan.guarantee().epsilon()));
    }

    @Test
    void bar_numericalComposition_isStatedOnceAnEpoch() {
        DpPlan plan = plan(Accounting.PRV);
        Shown shown = show(plan, 10, 20);
        assertThat(shown.bar())
                .contains("epsilon " + shown(plan.guaranteeAfter(10).epsilonRdp()));
        assertThat(shown.lines())
                .contains("epsilon " + shown(plan.guaranteeAfter(10).epsilonPrv()));
    }

    @Test
    void bar_withoutAPlan_saysNothingOfPrivacy() {
        Shown shown = show(null, 3, 3);
        assertThat(shown.bar()).contains("3/3").doesNotContain("epsilon");
        assertThat(shown.lines()).isEqualTo("epoch   1  loss 1.5000  2.0 s" + System.lineSeparator());
    }
}
