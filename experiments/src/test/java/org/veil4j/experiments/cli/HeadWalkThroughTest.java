package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.head.HeadServer;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.mlr.MlrSimulation;
import org.veil4j.he.mlr.clear.FeatureCsv;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import org.veil4j.zoo.InputNormalisation;

/** Encrypted training over files, each role on its own, in a small ring that protects nothing. */
class HeadWalkThroughTest {
    private static final int SEED = 91;
    private static final int TRAIN = 60;
    private static final int ITERATIONS = 5;

    @TempDir
    Path folder;

    private Path csv = Path.of("");
    private Path client = Path.of("");
    private Path server = Path.of("");

    @BeforeEach
    void folders() throws IOException {
        csv = HeadFiles.clusters(folder.resolve("features.csv"), 100, 6, 3, SEED);
        client = Files.createDirectory(folder.resolve("client"));
        server = Files.createDirectory(folder.resolve("server"));
    }

    private Cli encrypt(int refreshEvery, Object... more) throws IOException {
        List<Object> args = new ArrayList<>(List.of("encrypt-features", "--features", csv, "--train", TRAIN));
        args.addAll(
                List.of("--iterations", ITERATIONS, "--refresh-every", refreshEvery, "--log-n", 10, "--out", client));
        args.addAll(List.of("--insecure-test-parameters", "--step-base", 1, "--step-decay", 1));
        args.addAll(Arrays.asList(more));
        Cli run = Cli.run(args.toArray());
        if (run.status() == 0) {
            for (String name : new String[] {"plan.veil", "evaluation.keys", "features.veil"}) {
                Files.move(client.resolve(name), server.resolve(name));
            }
            Files.copy(server.resolve("plan.veil"), client.resolve("plan.veil"));
        }
        return run;
    }

    private Cli train(Object... more) {
        List<Object> args = new ArrayList<>(List.of("train-head", "--plan", server.resolve("plan.veil")));
        args.addAll(List.of("--keys", server.resolve("evaluation.keys"), "--in", server.resolve("features.veil")));
        args.addAll(List.of("--state", state(), "--out", server.resolve("head.veil")));
        args.addAll(Arrays.asList(more));
        return Cli.run(args.toArray());
    }

    private Path state() {
        try {
            return Files.createDirectories(folder.resolve("state"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Cli owner(String verb, Object... more) {
        List<Object> args = new ArrayList<>(List.of(verb, "--plan", client.resolve("plan.veil")));
        args.addAll(List.of("--secret", client.resolve("secret.key"), "--owner", client.resolve("owner.veil")));
        args.addAll(Arrays.asList(more));
        return Cli.run(args.toArray());
    }

    /** The decrypted head is that of the clear run of the same circuit. */
    private void assertTrained() throws IOException {
        Path file = client.resolve("raw.veil");
        Cli decrypted = owner("decrypt-head", "--in", server.resolve("head.veil"), "--raw", "--out", file);
        assertThat(decrypted.err()).isEmpty();
        assertThat(decrypted.out()).contains("after 5 iterations, raw: keep it to yourself");
        LabelledFeatures train = FeatureCsv.read(csv, 3).slice(0, TRAIN);
        MlrPlan plan = MlrPlan.read(client.resolve("plan.veil"));
        SoftmaxHead want = MlrSimulation.run(plan, train).get(ITERATIONS - 1);
        assertThat(SoftmaxHead.read(file).maxWeightDifference(want))
                .as("seed %d", SEED)
                .isLessThan(1e-3);
    }

    @Test
    void files_stoppedAtEachRefresh_giveTheHeadOfTheClearRun() throws IOException {
        Path json = folder.resolve("run.json");
        Cli encrypted = encrypt(2, "--json", json);
        assertThat(encrypted.err()).isEmpty();
        assertThat(encrypted.out())
                .contains("for the server")
                .contains("to keep")
                .contains("NONE (test parameters)");
        JsonNode plan = Cli.json(json);
        assertThat(plan.get("rows").asInt()).isEqualTo(TRAIN);
        assertThat(plan.get("refreshes").asInt()).isEqualTo(2);
        assertThat(plan.get("bytesUploaded").asLong()).isEqualTo(Files.size(server.resolve("features.veil")));
        assertThat(plan.get("maxAbsScore").asDouble()).isBetween(0.1, 9.62);
        Cli inspected = Cli.run("inspect", server.resolve("plan.veil"), "--json", json);
        assertThat(inspected.out()).contains("training plan").containsPattern("refreshes by the owner +2");
        assertThat(Cli.json(json).get("plan")).isEqualTo(plan.get("plan"));

        Cli first = train("--json", json);
        assertThat(first.status()).isEqualTo(TrainHeadCommand.REFRESH_PENDING);
        assertThat(first.err().strip().lines()).hasSize(1);
        assertThat(first.err()).contains("refresh after iteration 2").contains("--resume");
        assertThat(Cli.json(json).get("iterationsDone").asInt()).isEqualTo(2);
        assertThat(Cli.json(json).get("secondsPerIteration")).hasSize(2);
        assertThat(state().resolve("refresh-2-request.veil")).exists();
        // Without an answer it asks again; without --resume it does not overwrite the run.
        assertThat(train("--resume").status()).isEqualTo(TrainHeadCommand.REFRESH_PENDING);
        Cli again = train();
        assertThat(again.status()).isEqualTo(2);
        assertThat(again.err()).contains("holds a run that was begun; add --resume");

        Cli answered = owner("refresh-head", "--state", state(), "--json", json);
        assertThat(answered.err()).isEmpty();
        assertThat(answered.out()).startsWith("answered 1 request: ");
        assertThat(Cli.json(json).get("bytesWritten").asLong())
                .isEqualTo(Files.size(state().resolve("refresh-2-answer.veil")));
        assertThat(state().resolve("refresh-2-request.veil")).doesNotExist();
        assertThat(owner("refresh-head", "--state", state()).out()).startsWith("answered 0 requests");

        Cli second = train("--resume", "--json", json);
        assertThat(second.status()).isEqualTo(TrainHeadCommand.REFRESH_PENDING);
        assertThat(second.err()).contains("refresh after iteration 4");
        assertThat(state().resolve("refresh-2-answer.veil")).doesNotExist();
        assertThat(owner("refresh-head", "--state", state()).status()).isZero();
        Cli last = train("--resume", "--json", json);
        assertThat(last.err()).isEmpty();
        assertThat(last.status()).isZero();
        assertThat(last.out()).contains("1 of 5 iterations and 1 refreshes");
        assertThat(Cli.json(json).get("iterationsDone").asInt()).isEqualTo(5);
        try (var left = Files.list(state())) {
            assertThat(left).containsExactly(state().resolve("weights.veil"));
        }
        assertTrained();
    }

    @Test
    void files_ownerAndServerAtTheSameTime_needNoHand() throws IOException {
        encrypt(2);
        CompletableFuture<Cli> serving = CompletableFuture.supplyAsync(() -> train("--wait", 60));
        // The owner stays for as long as the server may take, in the worst case, and no longer than it works.
        CompletableFuture<Cli> answering =
                CompletableFuture.supplyAsync(() -> owner("refresh-head", "--state", state(), "--wait", 5));
        Cli trained = serving.join();
        assertThat(trained.err()).isEmpty();
        assertThat(trained.status()).isZero();
        assertThat(trained.out()).contains("5 of 5 iterations and 2 refreshes");
        assertThat(answering.join().out()).startsWith("answered 2 requests");
        assertTrained();
    }

    @Test
    void files_interruptedBetweenIterations_loseNothing() throws IOException {
        encrypt(0);
        HeadServer interrupted =
                new HeadServer(MlrPlan.read(server.resolve("plan.veil")), state(), 0, (phase, done, total) -> {
                    if (done == 3) {
                        throw new IllegalStateException("power cut after iteration " + done);
                    }
                });
        assertThatThrownBy(() ->
                        interrupted.train(server.resolve("evaluation.keys"), server.resolve("features.veil"), false))
                .hasMessage("power cut after iteration 3");
        Path json = folder.resolve("run.json");
        Cli resumed = train("--resume", "--json", json);
        assertThat(resumed.err()).isEmpty();
        assertThat(resumed.out()).contains("2 of 5 iterations and 0 refreshes");
        assertThat(Cli.json(json).get("secondsPerIteration")).hasSize(2);
        assertTrained();
        // A finished run resumes to the same head.
        assertThat(train("--resume").out()).contains("0 of 5 iterations");
        assertTrained();
    }

    @Test
    void predict_decryptedHead_isWhatTheExperimentFinds() throws IOException {
        encrypt(0);
        assertThat(train().status()).isZero();
        Path head = client.resolve("head.veil");
        Path json = folder.resolve("run.json");
        Cli decrypted =
                owner("decrypt-head", "--in", server.resolve("head.veil"), "--bits", 12, "--out", head, "--json", json);
        assertThat(decrypted.err()).isEmpty();
        assertThat(Cli.json(json).get("bits").asInt()).isEqualTo(12);
        for (double[] row : SoftmaxHead.read(head).weights()) {
            for (double w : row) {
                assertThat(w * 4096).isEqualTo(Math.rint(w * 4096));
            }
        }
        Path classes = folder.resolve("classes.txt");
        Cli predicted = Cli.run(
                "predict", "--head", head, "--features", csv, "--skip", TRAIN, "--out", classes, "--json", json);
        assertThat(predicted.err()).isEmpty();
        double accuracy = Cli.json(json).get("accuracy").asDouble();
        assertThat(accuracy).as("seed %d", SEED).isGreaterThan(0.8);
        assertThat(Files.readAllLines(classes)).hasSize(40);
        assertThat(predicted.out()).contains("of 40 rows right");
        Cli.run(
                "train-head",
                "--local",
                "--features",
                csv,
                "--train",
                TRAIN,
                "--iterations",
                ITERATIONS,
                "--log-n",
                10,
                "--insecure-test-parameters",
                "--step-base",
                1,
                "--step-decay",
                1,
                "--json",
                json);
        assertThat(Cli.json(json).get("accuracyEncrypted").get(4).asDouble()).isEqualTo(accuracy);
    }

    @Test
    void install_onTheBodyOfTheFeatures_predictsWhatTheHeadPredicts() throws IOException {
        Path zip = TinyNetworks.save(TinyNetworks.encryptable(28, 3), folder.resolve("tiny.zip"));
        List<String> images = List.of("--dataset", "fashion-mnist", "--split", "test", "--images", "150");
        List<Object> args = new ArrayList<>(List.of("features", "--network", zip, "--mean", 70, "--std", 90));
        args.addAll(images);
        args.addAll(List.of("--out", csv));
        assertThat(Cli.run(args.toArray()).err()).isEmpty();
        assertThat(encrypt(0).err()).isEmpty();
        assertThat(train().status()).isZero();
        Path head = client.resolve("head.veil");
        Path installed = folder.resolve("installed.zip");
        Cli decrypted = owner(
                "decrypt-head",
                "--in",
                server.resolve("head.veil"),
                "--out",
                head,
                "--install",
                zip,
                "--network-out",
                installed);
        assertThat(decrypted.err()).isEmpty();
        assertThat(decrypted.out()).contains("tiny.zip up to layer1, then the head (after a layer that prepares)");
        SoftmaxHead trained = SoftmaxHead.read(head);
        ComputationGraph network = ModelSerializer.restoreComputationGraph(installed.toFile(), false);
        InputNormalisation normalisation = new InputNormalisation(new double[] {70}, new double[] {90});
        int[] classes = network.outputSingle(
                        DataRepository.open(null).test("fashion-mnist").features(0, 150, normalisation))
                .argMax(1)
                .toIntVector();
        LabelledFeatures rows = FeatureCsv.read(csv, 10);
        int[] counts = new int[10];
        for (int r = 0; r < 150; r++) {
            assertThat(classes[r]).as("row %d", r).isEqualTo(trained.predict(rows.row(r)));
            counts[classes[r]]++;
        }
        assertThat(counts).doesNotContain(150); // a head that always says the same would not tell anything
        Cli half = owner("decrypt-head", "--in", server.resolve("head.veil"), "--out", head, "--install", zip);
        assertThat(half.status()).isEqualTo(2);
        assertThat(half.err()).contains("--network-out");
    }
}
