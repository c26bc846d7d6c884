package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCommandTest {
    @TempDir
    Path folder;

    @Test
    void audit_brokenNoise_isFoundAndRecorded() throws IOException {
        Path json = folder.resolve("run.json");
        Cli done = Cli.run(
                "audit",
                "--examples",
                "400",
                "--canaries",
                "200",
                "--epsilon",
                "1",
                "--fault",
                "noise",
                "--json",
                json.toString());
        assertThat(done.status()).as(done.err()).isZero();
        assertThat(done.out()).contains("NO: the training is not as private as it says");
        JsonNode record = Cli.json(json);
        assertThat(record.get("epsilonLowerBound").asDouble())
                .isGreaterThan(record.get("epsilonStated").asDouble());
        assertThat(record.get("holds").asBoolean()).isFalse();
    }

    @Test
    void audit_badInput_isRefusedInOneLine() {
        assertRefused("must be none, noise or clipping", "--fault", "both");
        assertRefused("canaries=5", "--canaries", "5");
        assertRefused("examples=10", "--examples", "10");
        assertRefused("psilon=-1.0", "--epsilon", "-1");
    }

    private static void assertRefused(String expected, String... options) {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "audit";
        System.arraycopy(options, 0, arguments, 1, options.length);
        Cli done = Cli.run((Object[]) arguments);
        assertThat(done.status()).isEqualTo(2);
        assertThat(done.err().strip().lines()).hasSize(1);
        assertThat(done.err()).contains(expected);
    }
}
