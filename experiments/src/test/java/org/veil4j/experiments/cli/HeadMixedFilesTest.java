package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of two runs of {@code encrypt-features} with one plan: none of one goes with any of the other. */
class HeadMixedFilesTest {
    private static final String REMEDY = "take all files from one run of encrypt-features";

    @TempDir
    Path folder;

    private Path mine = Path.of("");
    private Path other = Path.of("");
    private Path state = Path.of("");

    @BeforeEach
    void encryptTwice() throws IOException {
        Path csv = HeadFiles.clusters(folder.resolve("features.csv"), 30, 5, 3, 95);
        mine = Files.createDirectory(folder.resolve("mine"));
        other = Files.createDirectory(folder.resolve("other"));
        state = Files.createDirectory(folder.resolve("state"));
        for (Path out : List.of(mine, other)) {
            List<Object> args = new ArrayList<>(List.of("encrypt-features", "--features", csv, "--out", out));
            args.addAll(List.of("--iterations", 2, "--refresh-every", 1, "--step-base", 1, "--step-decay", 1));
            args.addAll(List.of("--log-n", 10, "--insecure-test-parameters"));
            Cli run = Cli.run(args.toArray());
            assertThat(run.err()).isEmpty();
        }
        assertThat(other.resolve("plan.veil")).hasSameBinaryContentAs(mine.resolve("plan.veil"));
    }

    private Cli train(Path keys, Path features, Object... more) {
        List<Object> args = new ArrayList<>(List.of("train-head", "--plan", mine.resolve("plan.veil")));
        args.addAll(List.of("--keys", keys.resolve("evaluation.keys"), "--in", features.resolve("features.veil")));
        args.addAll(List.of("--state", state, "--out", folder.resolve("head.veil")));
        args.addAll(Arrays.asList(more));
        return Cli.run(args.toArray());
    }

    private Cli owner(String verb, Path secret, Path owner, Object... more) {
        List<Object> args = new ArrayList<>(List.of(verb, "--plan", mine.resolve("plan.veil")));
        args.addAll(List.of("--secret", secret.resolve("secret.key"), "--owner", owner.resolve("owner.veil")));
        args.addAll(Arrays.asList(more));
        return Cli.run(args.toArray());
    }

    private static void assertRefused(Cli run, String message) {
        assertThat(run.status()).as(run.err()).isEqualTo(2);
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.err()).contains(message).contains(REMEDY);
    }

    @Test
    void everyMix_isRefused() throws IOException {
        assertRefused(train(other, mine), "data set of key set");
        assertRefused(train(mine, other), "data set of key set");
        assertThat(state).isEmptyDirectory();
        // Another run's weights: to resume from, to be refreshed, and as a finished head.
        assertThat(train(other, other).status()).isEqualTo(TrainHeadCommand.REFRESH_PENDING);
        assertRefused(train(mine, mine, "--resume"), "weights of key set");
        assertRefused(owner("refresh-head", mine, mine, "--state", state), "weights of key set");
        assertRefused(owner("refresh-head", mine, other, "--state", state), "file secret.key of key set");
        assertThat(owner("refresh-head", other, other, "--state", state).status())
                .isZero();
        assertThat(train(other, other, "--resume").status()).isZero();
        assertRefused(train(mine, mine, "--resume"), "weights of key set"); // a finished run of the same plan
        Object[] decrypt = {"--in", folder.resolve("head.veil"), "--out", folder.resolve("plain.veil")};
        assertRefused(owner("decrypt-head", mine, mine, decrypt), "head of key set");
        assertRefused(owner("decrypt-head", mine, other, decrypt), "file secret.key of key set");
        assertRefused(owner("decrypt-head", other, mine, decrypt), "as the file owner.veil");
        assertThat(folder.resolve("plain.veil")).doesNotExist();
        assertThat(owner("decrypt-head", other, other, decrypt).err()).isEmpty();
    }

    @Test
    void decrypt_moreBitsThanTheNoiseLeaves_isRefused() {
        assertThat(train(mine, mine).status()).isEqualTo(TrainHeadCommand.REFRESH_PENDING);
        assertThat(owner("refresh-head", mine, mine, "--state", state).status()).isZero();
        assertThat(train(mine, mine, "--resume").status()).isZero();
        Path plain = folder.resolve("plain.veil");
        Object[] decrypt = {"--in", folder.resolve("head.veil"), "--out", plain, "--bits", 40};
        Cli fine = owner("decrypt-head", mine, mine, decrypt);
        assertThat(fine.status()).isEqualTo(2);
        assertThat(fine.err().strip().lines()).hasSize(1);
        assertThat(fine.err())
                .contains("bits=40: weights have errors up to about")
                .contains("--raw");
        assertThat(plain).doesNotExist();
        Cli raw = owner("decrypt-head", mine, mine, "--in", folder.resolve("head.veil"), "--out", plain, "--raw");
        assertThat(raw.err()).isEmpty();
        assertThat(plain).exists();
    }
}
