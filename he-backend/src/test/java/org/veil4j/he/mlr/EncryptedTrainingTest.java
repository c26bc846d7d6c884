package org.veil4j.he.mlr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.mlr.clear.ClearMlr;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.Samples;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import org.veil4j.he.mlr.clear.StepSchedule;
import org.veil4j.he.mlr.encoding.Encoding;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.MissingEvaluationKeyException;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.SecurityLevel;

/** Training under real encryption in a small insecure ring: client, server, files, interruptions, refusals. */
class EncryptedTrainingTest {
    private static final Preparation PREPARATION = Preparation.STANDARDISE_ROW_NORMALISE;
    private static final double TOLERANCE = 1e-3;

    @TempDir
    Path folder;

    private static MlrPlanBuilder plan(LabelledFeatures data, MlrSettings settings) {
        return MlrPlan.builder(data, PREPARATION, settings).logN(10).security(SecurityLevel.INSECURE_TEST);
    }

    private static MlrSettings settings(int iterations, int degree, double start, int batch) {
        SigmoidPolynomial sigmoid =
                degree == 3 ? SigmoidPolynomial.PAPER : SigmoidPolynomial.leastSquares(degree, degree == 1 ? 4 : 8);
        return new MlrSettings(
                MlrAlgorithm.SIGMOID_NAG_QUADRATIC, iterations, new StepSchedule(1, 2), sigmoid, start, batch);
    }

    /** Trains and compares every iteration with the clear run of the same circuit. */
    private void assertEncryptedEqualsClear(MlrPlan plan, LabelledFeatures data) {
        List<SoftmaxHead> clear = MlrSimulation.run(plan, data);
        try (MlrClient client = MlrClient.create(plan, data)) {
            List<SoftmaxHead> have = new ArrayList<>();
            ClientRefresher refresher = new ClientRefresher(client, folder);
            EncryptedDataset dataset = client.encrypt(data);
            assertThat(dataset.count()).isEqualTo(plan.report().ciphertextsUploaded());
            MlrKeys keys = client.evaluationKeys();
            assertThat(keys.keys().count()).isEqualTo(plan.report().evaluationKeys());
            EncryptedWeights last = MlrTrainer.create(plan, keys)
                    .train(dataset, null, refresher, (weights, seconds) -> have.add(client.decryptRaw(weights.head())));
            assertThat(have).hasSize(plan.settings().iterations());
            for (int t = 0; t < have.size(); t++) {
                assertThat(have.get(t).maxWeightDifference(clear.get(t)))
                        .as("iteration %d", t + 1)
                        .isLessThan(TOLERANCE);
            }
            assertThat(last.iteration()).isEqualTo(plan.settings().iterations());
            assertThat(refresher.count()).isEqualTo(plan.report().refreshes());
            assertThat(refresher.bytesToClient() + refresher.bytesToServer())
                    .isCloseTo(
                            plan.report().refreshBytes(), within(plan.report().refreshBytes() / 100 + 1));
            assertThat(client.decrypt(last.head(), 8).maxWeightDifference(have.get(have.size() - 1)))
                    .isLessThanOrEqualTo(0x1p-9);
        }
    }

    @Test
    void train_severalBlocksFromZero_equalsTheClearRunOfTheSameCircuit() {
        LabelledFeatures data = Samples.clusters(100, 6, 3, 31);
        assertEncryptedEqualsClear(plan(data, settings(3, 3, 0, 0)).build(), data);
    }

    @Test
    void train_startWeightsBatchesAndRefreshes_equalsTheClearRunOfTheSameCircuit() {
        LabelledFeatures data = Samples.clusters(60, 9, 4, 32);
        MlrPlan plan = plan(data, settings(5, 3, 0.0128, 25))
                .refreshEvery(2)
                .keepRotations(false)
                .build();
        assertThat(plan.refreshPoints()).containsExactly(2, 4);
        assertEncryptedEqualsClear(plan, data);
    }

    @Test
    void train_otherDegrees_equalTheClearRunOfTheSameCircuit() {
        LabelledFeatures data = Samples.clusters(40, 6, 3, 33);
        for (int degree : new int[] {1, 5, 7}) {
            assertEncryptedEqualsClear(plan(data, settings(2, degree, 0, 0)).build(), data);
        }
    }

    @Test
    void train_withoutQuadraticGradient_equalsTheClearRunOfTheSameCircuit() {
        LabelledFeatures data = Samples.clusters(70, 9, 4, 40);
        MlrSettings plain = new MlrSettings(
                MlrAlgorithm.SIGMOID_NAG, 3, new StepSchedule(0.01, 0.02), SigmoidPolynomial.PAPER, 0.0128, 0);
        assertEncryptedEqualsClear(plan(data, plain).build(), data);
    }

    @Test
    void train_manyClasses_equalsTheClearRunOfTheSameCircuit() {
        LabelledFeatures ten = Samples.clusters(300, 20, 10, 41); // labels over two vectors
        assertEncryptedEqualsClear(plan(ten, settings(2, 3, 0, 0)).build(), ten);
        LabelledFeatures forty = Samples.clusters(90, 30, 40, 42); // a period of 64 in rows of 128
        assertEncryptedEqualsClear(plan(forty, settings(2, 3, 0, 0)).build(), forty);
    }

    /** An owner who takes his time does not make the server's iterations look slow. */
    @Test
    void train_slowOwner_isNoPartOfAnIteration() {
        LabelledFeatures data = Samples.clusters(20, 4, 2, 43);
        MlrPlan plan = plan(data, settings(4, 3, 0, 0)).refreshEvery(2).build();
        try (MlrClient client = MlrClient.create(plan, data)) {
            MlrTrainer trainer = MlrTrainer.create(plan, client.evaluationKeys());
            EncryptedDataset dataset = client.encrypt(data);
            List<Double> seconds = new ArrayList<>();
            List<EncryptedWeights> states = new ArrayList<>();
            Refresher slow = weights -> {
                sleep(3000);
                return client.refresh(weights);
            };
            TrainingListener listener = (weights, s) -> {
                seconds.add(s);
                states.add(weights);
            };
            trainer.train(dataset, null, slow, listener);
            trainer.train(dataset, states.get(1), slow, listener); // resumed where a refresh comes first
            assertThat(seconds)
                    .hasSize(6)
                    .allSatisfy(s -> assertThat(s).isPositive().isLessThan(3));
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Test
    void train_columnsOverSeveralBlocks_equalsTheClearRunOfTheSameCircuit() {
        LabelledFeatures data = Samples.clusters(7, 600, 3, 34);
        assertEncryptedEqualsClear(plan(data, settings(2, 3, 0, 0)).build(), data);
    }

    /** What a feature does that is constant on the training rows, and is something else when the head is used. */
    @ParameterizedTest
    @EnumSource(Preparation.class)
    void train_constantFeature_predictsAsTheClearRunWhateverItIsLater(Preparation preparation) {
        LabelledFeatures some = Samples.clusters(80, 6, 3, 38);
        double[][] x = new double[80][];
        int[] labels = new int[80];
        for (int r = 0; r < 80; r++) {
            x[r] = java.util.Arrays.copyOf(some.row(r), 7);
            x[r][6] = r < 60 ? 0.1 : r % 2 == 0 ? 1e6 : -1e6;
            labels[r] = some.label(r);
        }
        LabelledFeatures all = LabelledFeatures.of(x, labels, 3);
        LabelledFeatures train = all.slice(0, 60);
        LabelledFeatures test = all.slice(60, 80);
        for (Encoding encoding : Encoding.values()) {
            MlrSettings settings = settings(3, 3, 0, 0);
            MlrPlan plan = MlrPlan.builder(train, preparation, settings)
                    .encoding(encoding)
                    .logN(10)
                    .security(SecurityLevel.INSECURE_TEST)
                    .build();
            SoftmaxHead clear =
                    ClearMlr.train(train, null, preparation, settings).head();
            try (MlrClient client = MlrClient.create(plan, train)) {
                EncryptedWeights last = MlrTrainer.create(plan, client.evaluationKeys())
                        .train(client.encrypt(train), null, w -> w, TrainingListener.NONE);
                SoftmaxHead head = client.decryptRaw(last.head());
                assertThat(head.maxWeightDifference(clear)).as("%s", encoding).isLessThan(TOLERANCE);
                for (int r = 0; r < test.size(); r++) {
                    assertThat(head.predict(test.row(r)))
                            .as("%s, row %d", encoding, r)
                            .isEqualTo(clear.predict(test.row(r)));
                }
            }
        }
    }

    @Test
    void train_everythingThroughFilesAndInterrupted_givesTheSameHead() throws IOException {
        LabelledFeatures data = Samples.clusters(50, 5, 3, 35);
        MlrPlan written = plan(data, settings(4, 3, 0.01, 0)).refreshEvery(2).build();
        Path planFile = folder.resolve("plan.veil");
        Path secret = folder.resolve("secret.key");
        Path owner = folder.resolve("owner.veil");
        Path keys = folder.resolve("evaluation.keys");
        Path features = folder.resolve("features.veil");
        Path state = folder.resolve("state.veil");
        Path headFile = folder.resolve("head.veil");
        written.write(planFile);
        MlrPlan plan = MlrPlan.read(planFile);
        assertThat(plan.fingerprint()).isEqualTo(written.fingerprint());
        assertThat(plan.report()).isEqualTo(written.report());
        try (MlrClient client = MlrClient.create(plan, data)) {
            client.writeSecretKey(secret);
            client.writeOwner(owner);
            assertThat(client.writeEvaluationKeys(keys)).isEqualTo(Files.size(keys));
            assertThat(client.encrypt(data).write(features)).isEqualTo(Files.size(features));
            assertThat(plan.report().bytesUploaded())
                    .isCloseTo(Files.size(features), within(Files.size(features) / 100));
        }
        // The server is interrupted in the second iteration, after the first was saved.
        assertThatThrownBy(() -> MlrTrainer.open(plan, keys)
                        .trainToRefresh(EncryptedDataset.read(features, plan), null, (weights, seconds) -> {
                            if (weights.iteration() == 2) {
                                throw new IllegalStateException("interrupted");
                            }
                            save(weights, state);
                        }))
                .hasMessage("interrupted");
        MlrTrainer trainer = MlrTrainer.open(plan, keys);
        EncryptedDataset dataset = EncryptedDataset.read(features, plan);
        EncryptedWeights resumed = EncryptedWeights.read(state, plan);
        assertThat(resumed.iteration()).isEqualTo(1);
        EncryptedWeights used = trainer.trainToRefresh(dataset, resumed, TrainingListener.NONE);
        assertThat(used.iteration()).isEqualTo(2);
        assertThat(trainer.needsRefresh(used)).isTrue();
        assertThatThrownBy(() -> trainer.trainToRefresh(dataset, used, TrainingListener.NONE))
                .hasMessageContaining("iteration=2");
        try (MlrClient client = MlrClient.open(plan, secret, owner)) {
            client.refresh(used).write(state);
            EncryptedWeights last =
                    trainer.trainToRefresh(dataset, EncryptedWeights.read(state, plan), TrainingListener.NONE);
            last.head().write(headFile);
            SoftmaxHead head = client.decryptRaw(EncryptedHead.read(headFile, plan));
            SoftmaxHead want = MlrSimulation.run(plan, data).get(3);
            assertThat(head.maxWeightDifference(want)).isLessThan(TOLERANCE);
            assertThatThrownBy(() -> trainer.trainToRefresh(dataset, last, TrainingListener.NONE))
                    .hasMessageContaining("iteration=4");
            assertThatThrownBy(() -> client.refresh(last)).hasMessageContaining("iteration=4");
        }
        for (Path file : List.of(planFile, owner, features, headFile, state)) {
            assertDamageIsFound(file, plan, secret);
        }
    }

    private static void save(EncryptedWeights weights, Path file) {
        try {
            weights.write(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void assertDamageIsFound(Path file, MlrPlan plan, Path secret) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 60] ^= 1;
        Path damaged = Files.write(folder.resolve("damaged"), bytes);
        assertThatThrownBy(() -> {
                    switch (file.getFileName().toString()) {
                        case "plan.veil" -> MlrPlan.read(damaged);
                        case "owner.veil" ->
                            MlrClient.open(plan, secret, damaged).close();
                        case "features.veil" -> EncryptedDataset.read(damaged, plan);
                        case "head.veil" -> EncryptedHead.read(damaged, plan);
                        default -> EncryptedWeights.read(damaged, plan);
                    }
                })
                .as("%s", file)
                .isInstanceOf(CorruptDataException.class);
    }

    @Test
    void train_keysOrDataOfAnotherPlan_areRefused() throws IOException {
        LabelledFeatures data = Samples.clusters(30, 5, 3, 36);
        MlrPlan plan = plan(data, settings(2, 3, 0, 0)).build();
        MlrPlan other = plan(data, settings(2, 3, 0.5, 0)).build();
        try (MlrClient client = MlrClient.create(plan, data);
                MlrClient stranger = MlrClient.create(other, data)) {
            MlrKeys keys = client.evaluationKeys();
            MlrTrainer trainer = MlrTrainer.create(plan, keys);
            EncryptedDataset foreign = stranger.encrypt(data);
            assertThatThrownBy(() -> trainer.train(foreign, null, w -> w, TrainingListener.NONE))
                    .isInstanceOf(ParameterMismatchException.class);
            Path file = folder.resolve("foreign.veil");
            foreign.write(file);
            assertThatThrownBy(() -> EncryptedDataset.read(file, plan)).isInstanceOf(ParameterMismatchException.class);
            assertThatThrownBy(() -> MlrTrainer.create(other, keys)).isInstanceOf(ParameterMismatchException.class);
        }
        KeyGenerator generator = new KeyGenerator(plan.parameters().rlwe());
        int last = plan.keys().rotations().lastKey();
        EvaluationKeys few = generator.evaluationKeys(
                generator.secretKey(),
                KeyRequest.none()
                        .withRelinearization()
                        .withRotations(plan.keys().rotations().headMap(last).keySet()));
        assertThatThrownBy(() -> MlrTrainer.create(plan, new MlrKeys(Origin.create(plan), few)))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("steps=" + last);
    }

    /** One plan, one data set, two sets of keys: nothing of one goes with anything of the other. */
    @Test
    void files_ofTwoRunsOfOnePlan_doNotMix() throws IOException {
        LabelledFeatures data = Samples.clusters(30, 5, 3, 39);
        MlrPlan plan = plan(data, settings(3, 3, 0, 0)).refreshEvery(1).build();
        Path[] secrets = {folder.resolve("a.key"), folder.resolve("b.key")};
        Path[] owners = {folder.resolve("a.veil"), folder.resolve("b.veil")};
        Path keysFile = folder.resolve("keys");
        Path file = folder.resolve("file");
        String message = "take all files from one run of encrypt-features";
        try (MlrClient mine = MlrClient.create(plan, data);
                MlrClient other = MlrClient.create(plan, data)) {
            MlrClient[] clients = {mine, other};
            for (int i = 0; i < 2; i++) {
                clients[i].writeSecretKey(secrets[i]);
                clients[i].writeOwner(owners[i]);
            }
            assertThat(mine.writeEvaluationKeys(keysFile)).isEqualTo(Files.size(keysFile));
            MlrTrainer trainer = MlrTrainer.open(plan, keysFile);
            other.encrypt(data).write(file);
            EncryptedDataset foreign = EncryptedDataset.read(file, plan);
            assertThatThrownBy(() -> trainer.train(foreign, null, mine::refresh, TrainingListener.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("data set of key set")
                    .hasMessageContaining(message);
            MlrTrainer others = MlrTrainer.create(plan, other.evaluationKeys());
            others.trainToRefresh(foreign, null, TrainingListener.NONE).write(file);
            EncryptedWeights stale = EncryptedWeights.read(file, plan);
            EncryptedDataset own = mine.encrypt(data);
            assertThatThrownBy(() -> trainer.train(own, other.refresh(stale), mine::refresh, TrainingListener.NONE))
                    .hasMessageContaining("weights of key set");
            assertThatThrownBy(() -> trainer.trainToRefresh(own, other.refresh(stale), TrainingListener.NONE))
                    .hasMessageContaining("weights of key set");
            // An answer to another server's request.
            assertThatThrownBy(() -> trainer.train(own, null, used -> other.refresh(stale), TrainingListener.NONE))
                    .hasMessageContaining("weights of key set");
            assertThatThrownBy(() -> mine.refresh(stale)).hasMessageContaining("as the secret key; " + message);
            stale.head().write(file);
            EncryptedHead head = EncryptedHead.read(file, plan);
            assertThatThrownBy(() -> mine.decryptRaw(head)).hasMessageContaining("head of key set");
            assertThatThrownBy(() -> mine.decrypt(head, 1)).hasMessageContaining("head of key set");
            assertThat(other.decryptRaw(head).classes()).isEqualTo(3);
        }
        assertThatThrownBy(() -> MlrClient.open(plan, secrets[1], owners[0]).close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("file b.key of key set")
                .hasMessageContaining("as the file a.veil; " + message);
        MlrClient.open(plan, secrets[1], owners[1]).close();
    }

    @Test
    void client_otherRowsThanPlanned_areRefused() {
        LabelledFeatures data = Samples.clusters(30, 5, 3, 37);
        MlrPlan plan = plan(data, settings(2, 3, 0, 0)).build();
        assertThatThrownBy(() -> MlrClient.create(plan, data.slice(0, 29))).hasMessageContaining("rows=29");
        double[][] large = new double[30][5];
        int[] labels = new int[30];
        for (int r = 0; r < 30; r++) {
            labels[r] = r % 3;
            java.util.Arrays.fill(large[r], r == 0 ? 1 : 0);
        }
        assertThatThrownBy(() -> MlrClient.create(plan, LabelledFeatures.of(large, labels, 3)))
                .hasMessageContaining("largest prepared feature");
    }
}
