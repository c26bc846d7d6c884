package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before any data is read. */
class TrainCommandTest {
    @TempDir
    Path folder;

    @Test
    void train_privacyOptionsWithoutDp_areRefused() {
        assertRefused("--dp is missing", "--epsilon", "8");
        assertRefused("--dp is missing", "--compare-plain");
        assertRefused("--dp is missing", "--optimizer", "sgd");
    }

    @Test
    void train_contradictions_areRefused() {
        assertRefused("--flip and --no-flip", "--flip", "--no-flip");
        assertRefused("training.clipNorm=1.0", "--dp", "--clip", "1");
    }

    @Test
    void train_valuesOutOfRange_areRefusedByName() {
        assertRefused("clipNorm=0.0", "--dp", "--clip-norm", "0");
        assertRefused("--optimizer", "--dp", "--optimizer", "newton");
        assertRefused("averaging=1.0", "--dp", "--averaging", "1");
        assertRefused("preset=resnet", "--preset", "resnet");
        assertRefused("variant=square", "--variant", "square");
        assertRefused("rangePenalty=-1.0", "--range-penalty", "-1");
    }

    private void assertRefused(String expected, String... options) {
        List<String> arguments = new ArrayList<>(
                List.of("train", "--out", folder.resolve("x.zip").toString()));
        arguments.addAll(List.of(options));
        Cli done = Cli.run(arguments.toArray());
        assertThat(done.status()).as(done.err()).isEqualTo(2);
        assertThat(done.err().strip().lines()).hasSize(1);
        assertThat(done.err()).contains(expected);
    }
}
