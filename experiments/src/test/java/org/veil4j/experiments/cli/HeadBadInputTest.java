package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/** What is wrong is said in one line, with exit status 2, and leaves no file behind. */
class HeadBadInputTest {
    private static final String GOOD = "0,1,2\n1,2,1\n2,0,3\n0,1,1\n1,3,0\n2,1,4\n";

    @TempDir
    Path folder;

    private Path out = Path.of("");

    @BeforeEach
    void folders() throws IOException {
        out = Files.createDirectory(folder.resolve("out"));
    }

    private Path csv(String text) throws IOException {
        return Files.writeString(folder.resolve("features.csv"), text);
    }

    private static Cli run(String verb, Object... args) {
        List<Object> all = new ArrayList<>(List.of(verb));
        all.addAll(Arrays.asList(args));
        return Cli.run(all.toArray());
    }

    private static void assertRefused(Cli run, String message) {
        assertThat(run.status()).as(run.err()).isEqualTo(2);
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.err()).contains(message);
    }

    /** Both verbs that read features for training, in a small ring. */
    private void assertFeaturesRefused(Path csv, String message, Object... more) throws IOException {
        List<Object> small = new ArrayList<>(List.of("--log-n", 10, "--insecure-test-parameters"));
        if (Arrays.asList(more).contains("--log-n")) {
            small.clear();
        }
        List<Object> local = new ArrayList<>(List.of("--local", "--features", csv));
        local.addAll(small);
        local.addAll(Arrays.asList(more));
        assertRefused(run("train-head", local.toArray()), message);
        List<Object> encrypt = new ArrayList<>(List.of("--features", csv, "--out", out));
        encrypt.addAll(small);
        encrypt.addAll(Arrays.asList(more));
        assertRefused(run("encrypt-features", encrypt.toArray()), message);
        assertThat(out).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0,1,2|1,2,1|3,0,3;line 3: label=3: must be a whole number from 0 to 2",
                "0,1,2|-1,2,1|2,0,3;line 2: label=-1: must be a whole number from 0 to 2",
                "0,1,2|1,2,1|1,0,3;class=2: has no row among 3",
                "0,1,2|1,NaN,1|2,0,3;line 2: column 2=NaN: must be finite",
                "0,1,2|1,2|2,0,3;line 2: fields=2: must be 3",
                "0,1,2|1,2,1,9|2,0,3;line 2: fields=4: must be 3",
                "label,a,b|0,1,2;line 1: column 1=label: must be a number; there must be no header"
            })
    void features_badLine_isNamed(String text, String message) throws IOException {
        assertFeaturesRefused(csv(text.replace("|", "\n")), message, "--classes", 3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "centre",
                "standardise",
                "row-normalise",
                "centre-row-normalise",
                "standardise-row-normalise"
            })
    void features_everyFeatureConstant_isRefused(String preparation) throws IOException {
        // Three times 0.1 or 0.7 is not exactly three times as much: means are off by a rounding.
        assertFeaturesRefused(
                csv("0,0.1,0.7\n1,0.1,0.7\n2,0.1,0.7\n"),
                "features: all 2 are constant",
                "--classes",
                3,
                "--preparation",
                preparation);
    }

    @Test
    void rows_moreThanThereAre_areRefused() throws IOException {
        Path csv = csv(GOOD);
        assertFeaturesRefused(csv, "train=7: must be 1 to 6", "--train", 7);
        assertRefused(
                run("train-head", "--local", "--features", csv, "--train", 4, "--test", 3), "test=3: must be 1 to 2");
        assertRefused(
                run("train-head", "--local", "--features", csv, "--train", 4, "--test", -1),
                "test=-1: must be at least 1");
        assertRefused(
                run("train-head", "--local", "--features", csv, "--test-features", csv, "--test", -1),
                "test=-1: must be at least 1");
        Path narrow = Files.writeString(folder.resolve("narrow.csv"), "0,1\n");
        assertRefused(
                run("train-head", "--local", "--features", csv, "--test-features", narrow),
                "has 1 features, must have 2");
        assertRefused(run("train-head", "--local", "--train", 3), "--features: not given");
        assertRefused(run("train-head", "--local", "--features", folder.resolve("none.csv")), "does not exist");
    }

    @Test
    void plan_thatDoesNotFit_isRefused() throws IOException {
        Path csv = csv(GOOD);
        assertFeaturesRefused(csv, "logN=11: holds no", "--log-n", 11); // levels
        assertFeaturesRefused(csv, "memory=100 MiB: this plan needs about", "--memory", "100m");
        assertFeaturesRefused(csv, "log-n=9: must be 10 to 17", "--log-n", 9);
        assertFeaturesRefused(csv, "logN=13: holds no", "--log-n", 13, "--iterations", 6, "--refresh-every", 5);
        assertFeaturesRefused(
                csv, "encoding=revolver: must be one of diagonal, volley-revolver", "--encoding", "revolver");
        assertFeaturesRefused(csv, "maxAbsScore=", "--step-base", 500, "--iterations", 3);
        assertFeaturesRefused(csv, "degree=4: must be odd", "--sigmoid-degree", 4);
        assertFeaturesRefused(csv, "degree=0: must be odd", "--sigmoid-degree", 0);
        assertFeaturesRefused(csv, "sigmoid-bound=9.0: is for a polynomial that is fitted", "--sigmoid-bound", 9);
        StringBuilder many = new StringBuilder();
        for (int c = 0; c < 300; c++) {
            many.append(c).append(",1.").append(c).append('\n');
        }
        assertFeaturesRefused(csv(many.toString()), "classes=300: must be at most 256"); // slots
    }

    /** Before keys are made, and with the remedy. */
    @Test
    void plan_largerThanTheHeap_isRefused() throws IOException {
        Assumptions.assumeTrue(
                Runtime.getRuntime().maxMemory() < 5L << 30, "the plan is too large for a heap below 5 GiB");
        Path csv = HeadFiles.clusters(folder.resolve("good.csv"), 30, 5, 3, 95);
        Object[] large = {"--log-n", 17, "--preparation", "standardise", "--step-base", 1, "--step-decay", 1};
        for (Cli refused : List.of(
                run("train-head", joined("--local", "--features", csv, large)),
                run("encrypt-features", joined("--features", csv, "--out", out, large)))) {
            assertThat(refused.status()).as(refused.err()).isEqualTo(1);
            assertThat(refused.err().strip().lines()).hasSize(1);
            assertThat(refused.err()).contains("give the JVM more by VEIL4J_HEAP, such as VEIL4J_HEAP=");
        }
        assertThat(out).isEmptyDirectory();
    }

    private static Object[] joined(Object... args) {
        List<Object> all = new ArrayList<>(Arrays.asList(args).subList(0, args.length - 1));
        all.addAll(Arrays.asList((Object[]) args[args.length - 1]));
        return all.toArray();
    }

    @Test
    void server_filesThatDoNotBelongTogether_areRefused() throws IOException {
        Path csv = HeadFiles.clusters(folder.resolve("good.csv"), 30, 5, 3, 93);
        Path mine = Files.createDirectory(folder.resolve("mine"));
        Path other = Files.createDirectory(folder.resolve("other"));
        Object[] plan = {"--features", csv, "--log-n", 10, "--insecure-test-parameters", "--iterations"};
        for (Path to : new Path[] {mine, other}) {
            List<Object> args = new ArrayList<>(Arrays.asList(plan));
            args.addAll(List.of(2, "--step-base", to == mine ? 1 : 1.5, "--step-decay", 1, "--out", to));
            assertThat(run("encrypt-features", args.toArray()).err()).isEmpty();
        }
        assertRefused(train(mine, mine, other), "features.veil");
        assertThat(train(mine, mine, other).err()).contains("plan of file");
        assertRefused(train(mine, mine.resolve("none"), mine), "does not exist");
        Path few = Files.createDirectory(folder.resolve("few"));
        writeFewKeys(MlrPlan.read(mine.resolve("plan.veil")), few.resolve("evaluation.keys"));
        assertRefused(train(mine, few, mine), "steps=");
        assertThat(train(mine, few, mine).err()).contains("rotation");
        assertThat(train(mine, mine, mine).status()).isZero();
        assertRefused(decrypt(mine, other), "plan of file owner.veil");
        assertOutRefusedBeforeWork(mine);
        Object[] little = {"--plan", mine.resolve("plan.veil"), "--memory", "100m", "--state", out};
        assertRefused(run("train-head", little), "memory=100 MiB: this plan needs about");
        assertRefused(
                run("train-head", "--plan", csv, "--keys", csv, "--in", csv, "--state", out, "--out", out.resolve("h")),
                "good.csv");
    }

    private Cli train(Path plan, Path keys, Path features) throws IOException {
        Path state = Files.createTempDirectory(folder, "state");
        return run(
                "train-head",
                "--plan",
                plan.resolve("plan.veil"),
                "--keys",
                keys.resolve("evaluation.keys"),
                "--in",
                features.resolve("features.veil"),
                "--state",
                state,
                "--out",
                out.resolve("head.veil"));
    }

    private Cli decrypt(Path plan, Path owner) {
        return run(
                "decrypt-head",
                "--plan",
                plan.resolve("plan.veil"),
                "--secret",
                plan.resolve("secret.key"),
                "--owner",
                owner.resolve("owner.veil"),
                "--in",
                out.resolve("head.veil"),
                "--out",
                out.resolve("plain.veil"));
    }

    /** A head that cannot be written must not be trained, or decrypted, first. */
    private void assertOutRefusedBeforeWork(Path mine) throws IOException {
        Path state = Files.createTempDirectory(folder, "untouched");
        Object[] files = {
            "--plan",
            mine.resolve("plan.veil"),
            "--keys",
            mine.resolve("evaluation.keys"),
            "--in",
            mine.resolve("features.veil"),
            "--state",
            state,
            "--out"
        };
        List<Object> args = new ArrayList<>(Arrays.asList(files));
        args.add(folder.resolve("nodir").resolve("head.veil"));
        assertRefused(run("train-head", args.toArray()), "head.veil: its folder does not exist");
        args.set(args.size() - 1, out);
        assertRefused(run("train-head", args.toArray()), "out: is a folder; name a file");
        assertThat(state).isEmptyDirectory();
        Object[] nowhere = {
            "--plan", mine.resolve("plan.veil"), "--secret", mine.resolve("secret.key"),
            "--owner", mine.resolve("owner.veil"), "--in", out.resolve("head.veil"),
            "--out", folder.resolve("nodir").resolve("plain.veil")
        };
        assertRefused(run("decrypt-head", nowhere), "plain.veil: its folder does not exist");
    }

    private static void writeFewKeys(MlrPlan plan, Path file) throws IOException {
        RlweParameters rlwe = plan.parameters().rlwe();
        KeyGenerator generator = new KeyGenerator(rlwe);
        SortedMap<Integer, Integer> rotations = plan.keys().rotations();
        KeyRequest few = KeyRequest.none()
                .withRelinearization()
                .withRotations(rotations.headMap(rotations.lastKey()).keySet());
        try (FrameWriter writer = FrameWriter.create(file, FileKind.EVALUATION_KEYS, rlwe.fingerprint())) {
            writer.beginFrame("ORIG");
            plan.fingerprint().write(writer.out());
            plan.fingerprint().write(writer.out()); // any name of the set of keys
            writer.endFrame();
            generator.evaluationKeys(generator.secretKey(), few).write(writer);
            writer.commit();
        }
    }

    @Test
    void state_ofAnotherPlanOrDamaged_isRefused() throws IOException {
        Path csv = HeadFiles.clusters(folder.resolve("good.csv"), 30, 5, 3, 94);
        Path mine = Files.createDirectory(folder.resolve("mine"));
        Path other = Files.createDirectory(folder.resolve("other"));
        for (Path to : new Path[] {mine, other}) {
            Object[] args = {
                "--features",
                csv,
                "--log-n",
                10,
                "--insecure-test-parameters",
                "--iterations",
                3,
                "--refresh-every",
                2,
                "--step-base",
                to.equals(mine) ? 1 : 1.5,
                "--step-decay",
                1,
                "--out",
                to
            };
            assertThat(run("encrypt-features", args).err()).isEmpty();
        }
        Path state = Files.createDirectory(folder.resolve("state"));
        assertThat(resume(mine, state).status()).isEqualTo(TrainHeadCommand.REFRESH_PENDING);
        assertRefused(resume(other, state), "plan of file weights.veil");

        // The owner answers a request under the name that says after which iteration it was made, and no other.
        Path request = state.resolve("refresh-2-request.veil");
        Path renamed = Files.move(request, state.resolve("refresh-1-request.veil"));
        assertRefused(refresh(mine, state), "holds the weights after iteration 2, must be 1; keep the name");
        assertThat(state.resolve("refresh-1-answer.veil")).doesNotExist();
        Files.move(renamed, request);
        assertRefused(refresh(other, state), "plan of file refresh-2-request.veil");
        damage(request);
        assertRefused(refresh(mine, state), "refresh-2-request.veil");
        damage(request);
        assertThat(refresh(mine, state).err()).isEmpty();

        Path weights = state.resolve("weights.veil");
        damage(weights);
        assertRefused(resume(mine, state), "weights.veil");
        assertThat(out.resolve("head.veil")).doesNotExist();
        damage(weights);
        assertThat(resume(mine, state).status()).isZero(); // nothing was lost by all this
    }

    /** Flips a bit in the middle of a file; a second time, back. */
    private static void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    private Cli resume(Path files, Path state) {
        return run(
                "train-head",
                "--plan",
                files.resolve("plan.veil"),
                "--keys",
                files.resolve("evaluation.keys"),
                "--in",
                files.resolve("features.veil"),
                "--state",
                state,
                "--out",
                out.resolve("head.veil"),
                "--resume");
    }

    private static Cli refresh(Path owner, Path state) {
        return run(
                "refresh-head",
                "--plan",
                owner.resolve("plan.veil"),
                "--secret",
                owner.resolve("secret.key"),
                "--owner",
                owner.resolve("owner.veil"),
                "--state",
                state);
    }

    @Test
    void roles_optionsOfTheOther_areRefused() throws IOException {
        Path csv = csv(GOOD);
        assertRefused(run("train-head", "--local", "--features", csv, "--plan", csv), "--plan: belongs to a server");
        assertRefused(run("train-head", "--features", csv), "--features: is for --local");
        assertRefused(run("train-head", "--iterations", 3), "--iterations: is for --local");
        assertRefused(run("train-head"), "--plan: not given");
        Files.writeString(out.resolve("secret.key"), "precious");
        assertRefused(run("encrypt-features", "--features", csv, "--out", out), "--force");
        assertThat(out.resolve("secret.key")).hasContent("precious");
        assertRefused(
                run("decrypt-head", "--plan", csv, "--secret", csv, "--owner", csv, "--in", csv),
                "name a file for the head");
        assertRefused(
                run(
                        "decrypt-head",
                        "--plan",
                        csv,
                        "--secret",
                        csv,
                        "--owner",
                        csv,
                        "--in",
                        csv,
                        "--out",
                        csv,
                        "--raw",
                        "--bits",
                        3),
                "mutually exclusive");
    }

    @Test
    void decrypt_cutWithoutNetwork_isRefused() throws IOException {
        Path csv = csv(GOOD);
        List<Object> files = List.of("--plan", csv, "--secret", csv, "--owner", csv, "--in", csv, "--out", csv);
        List<Object> foreign = new ArrayList<>(files);
        foreign.addAll(List.of("--weights", csv));
        assertRefused(run("decrypt-head", foreign.toArray()), "--weights: belongs to --install squeezenet");
        for (List<Object> cut : List.<List<Object>>of(List.of("--layer", "layer1"), List.of("--average-maps"))) {
            List<Object> args = new ArrayList<>(files);
            args.addAll(cut);
            assertRefused(run("decrypt-head", args.toArray()), cut.get(0) + ": says where a network is cut");
        }
    }

    @Test
    void predict_badRows_areRefused() throws IOException {
        Path csv = csv(GOOD);
        assertRefused(run("predict", "--head", csv, "--features", csv), "features.csv");
    }
}
