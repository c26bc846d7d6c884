package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is refused before any data is read; the attack itself: see MembershipAttackTest. */
class MembershipCommandTest {
    @Test
    void membership_badInput_isRefusedInOneLine() {
        assertRefused("preset=resnet", "--preset", "resnet");
        assertRefused("variant=square", "--variant", "square");
        assertRefused("--images", "--images", "many");
    }

    private static void assertRefused(String expected, String option, String value) {
        Cli done = Cli.run("membership", option, value);
        assertThat(done.status()).isEqualTo(2);
        assertThat(done.err().strip().lines()).hasSize(1);
        assertThat(done.err()).contains(expected);
    }
}
