package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyPairMismatchException;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.SecurityLevel;

/** A model whose weights only their owner knows: owner, client with a public key, and server, in memory and over files. */
class EncryptedWeightsTest {
    @TempDir
    Path folder;

    static CompileOptions.Builder options() {
        return CompileOptions.builder()
                .logN(10)
                .layout(LayoutChoice.PACKED)
                .weights(WeightSecrecy.ENCRYPTED)
                .inputRange(-1, 1)
                .security(SecurityLevel.INSECURE_TEST);
    }

    private static double[] image(NetworkGraph graph, long seed) {
        return ReferenceNetwork.random(new Random(seed), graph.inputShape().size(), 1);
    }

    private static ModelClient owner(Compilation compiled) {
        return ModelClient.create(compiled.clientSpec(), SecurityLevel.INSECURE_TEST);
    }

    private static double[] classify(ModelClient owner, ModelServer server, double[] image) {
        ImageEncryptor client = ImageEncryptor.of(owner.spec(), owner.publicKey());
        EncryptedTensor input = client.encrypt(ImageBatch.of(new double[][] {image}), null);
        return owner.decrypt(server.infer(input, InferenceListener.NONE))[0];
    }

    private static void assertEqual(double[] have, double[] want, double error, long seed) {
        for (int o = 0; o < want.length; o++) {
            assertThat(have[o])
                    .as("seed %d, output %d", seed, o)
                    .isCloseTo(want[o], within(error * Math.max(1, Math.abs(want[o]))));
        }
    }

    @Test
    void infer_cryptoNet_keepsTheEstimatedPrecisionWithExactlyTheKeysAsked() {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(21));
        double[] image = image(graph, 5);
        Compilation compiled = ModelCompiler.compile(graph, options().build(), ImageBatch.of(new double[][] {image}));
        double error = Math.pow(2, -compiled.clientSpec().estimatedPrecisionBits());
        assertThat(error).isLessThan(0x1p-14);
        assertThat(compiled.report().weights()).isEqualTo(WeightSecrecy.ENCRYPTED);
        try (ModelClient owner = owner(compiled)) {
            EvaluationKeys keys = owner.evaluationKeys();
            CompiledModel model = owner.encryptModel(compiled.model());
            assertThat(model.keys()).isEqualTo(compiled.clientSpec().keys());
            assertThat(model.keys().relinearizationLevel())
                    .as("a stage relinearises at the level of its transform")
                    .isEqualTo(compiled.report().levels());
            assertThat(model.estimatedPeakBytes()).isEqualTo(compiled.report().estimatedPeakBytes());
            double[] have = classify(owner, ModelServer.create(model, keys), image);
            assertEqual(have, ReferenceNetwork.run(graph, image), error, 21);
        }
    }

    @Test
    void infer_randomGraphs_equalLayerByLayer() {
        int ran = 0;
        for (long seed = 0; seed < 30 && ran < 8; seed++) {
            NetworkGraph graph = RandomGraphs.graph(new Random(seed));
            Compilation compiled;
            try {
                compiled = ModelCompiler.compile(graph, options().build());
            } catch (IllegalArgumentException e) {
                assertThat(e).as("seed %d", seed).hasMessageContaining("use the batch layout");
                continue;
            }
            if (compiled.report().levels() > 8) {
                continue;
            }
            ran++;
            double[] image = image(graph, seed);
            try (ModelClient owner = owner(compiled)) {
                ModelServer server = ModelServer.create(owner.encryptModel(compiled.model()), owner.evaluationKeys());
                assertEqual(classify(owner, server, image), ReferenceNetwork.run(graph, image), 0x1p-10, seed);
            }
        }
        assertThat(ran).isEqualTo(8);
    }

    @Test
    void compile_cubicActivation_saysThatItsCoefficientsStayPublic() {
        NetworkGraph.Builder b = NetworkGraph.builder("in", new TensorShape(1, 2, 2));
        b.add(ReferenceNetwork.dense(new Random(1), "d1", "in", 4, 3));
        b.add(new NetworkGraph.Polynomial("cubic", "d1", TensorShape.vector(3), new double[][] {{0.1, 0.5, 0.2, 0.3}}));
        b.add(ReferenceNetwork.dense(new Random(2), "d2", "cubic", 3, 2));
        Compilation compiled = ModelCompiler.compile(b.build("d2"), options().build());
        assertThat(String.join("; ", compiled.report().notes()))
                .contains("stay public")
                .contains("cubic");
    }

    /** Everything over files; also with weights that stay in theirs. */
    @Test
    void files_inMemoryAndStreamed_giveTheSameAnswer() throws IOException {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(22));
        OwnersFiles files = OwnersFiles.of(graph, folder);
        double[] image = image(graph, 6);
        double[] want = ReferenceNetwork.run(graph, image);
        try (ModelClient owner = files.owner()) {
            ImageEncryptor.open(owner.spec(), files.open)
                    .encryptTo(ImageBatch.of(new double[][] {image}), files.inputs, null);
            for (long budget : new long[] {0, Long.MAX_VALUE, 1}) {
                try (ModelFile file = ModelFile.open(files.model, budget)) {
                    assertThat(file.isStreamed()).isEqualTo(budget == 1);
                    assertThat(file.model().keyPair()).isNotNull();
                    assertThat(file.model().ranges())
                            .as("follow from the weights")
                            .isNull();
                    ModelServer.open(file.model(), files.keys)
                            .inferFile(files.inputs, files.outputs, InferenceListener.NONE);
                    assertEqual(owner.decryptFile(files.outputs)[0], want, 0x1p-12, 22);
                }
            }
        }
    }

    @Test
    void inferFile_modelFileShrinksOrChangesMeanwhile_isNamed() throws IOException {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(23));
        OwnersFiles files = OwnersFiles.of(graph, folder);
        try (ModelClient owner = files.owner();
                ModelFile file = ModelFile.open(files.model, 1)) {
            owner.encryptTo(ImageBatch.of(new double[][] {image(graph, 1)}), files.inputs, null);
            ModelServer server = ModelServer.open(file.model(), files.keys);
            long size = Files.size(files.model);
            try (RandomAccessFile raw = new RandomAccessFile(files.model.toFile(), "rw")) {
                raw.seek(size / 2);
                int old = raw.read();
                raw.seek(size / 2);
                raw.write(old ^ 1);
                assertThatThrownBy(() -> server.inferFile(files.inputs, files.outputs, InferenceListener.NONE))
                        .isInstanceOf(CorruptDataException.class)
                        .hasMessageContaining("encrypted.veil");
                raw.seek(size / 2);
                raw.write(old);
                server.inferFile(files.inputs, files.outputs, InferenceListener.NONE);
                Files.delete(files.outputs);
                raw.setLength(size - 1);
                assertThatThrownBy(() -> server.inferFile(files.inputs, files.outputs, InferenceListener.NONE))
                        .isInstanceOf(CorruptDataException.class)
                        .hasMessageContaining("the file has changed");
            }
            assertThat(files.outputs).doesNotExist();
        }
    }

    @Test
    void server_ownersModel_isRefused() {
        Compilation compiled = ModelCompiler.compile(
                ReferenceNetwork.smallCryptoNet(new Random(24)), options().build());
        try (ModelClient owner = owner(compiled)) {
            assertThatThrownBy(() -> ModelServer.create(compiled.model(), owner.evaluationKeys()))
                    .hasMessageContaining("not encrypted yet");
            CompiledModel encrypted = owner.encryptModel(compiled.model());
            assertThat(encrypted.fingerprint()).isEqualTo(compiled.model().fingerprint());
            assertThatThrownBy(() -> owner.encryptModel(encrypted)).hasMessageContaining("is encrypted already");
        }
    }

    @Test
    void encryptModel_plainOrAnotherModel_isRefused() {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(25));
        Compilation compiled = ModelCompiler.compile(graph, options().build());
        Compilation again = ModelCompiler.compile(graph, options().build());
        Compilation plain = ModelCompiler.compile(
                graph, options().weights(WeightSecrecy.PLAIN).build());
        try (ModelClient owner = owner(compiled)) {
            assertThat(again.model().fingerprint())
                    .as("tells nothing of the weights, not even that they are the same")
                    .isNotEqualTo(compiled.model().fingerprint());
            assertThatThrownBy(() -> owner.encryptModel(again.model())).isInstanceOf(ParameterMismatchException.class);
            assertThatThrownBy(() -> owner.encryptModel(plain.model())).hasMessageContaining("weights=encrypted");
        }
    }

    @Test
    void run_thingsOfAnotherKeyPair_areRefusedByName() throws IOException {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(26));
        Compilation compiled = ModelCompiler.compile(graph, options().build());
        ImageBatch images = ImageBatch.of(new double[][] {image(graph, 1)});
        try (ModelClient owner = owner(compiled);
                ModelClient other = owner(compiled)) {
            CompiledModel model = owner.encryptModel(compiled.model());
            assertThatThrownBy(() -> ModelServer.create(model, other.evaluationKeys()))
                    .isInstanceOf(KeyPairMismatchException.class)
                    .hasMessageContaining("evaluation keys");
            ModelServer server = ModelServer.create(model, owner.evaluationKeys());
            EncryptedTensor foreign =
                    ImageEncryptor.of(compiled.clientSpec(), other.publicKey()).encrypt(images, null);
            assertThatThrownBy(() -> server.infer(foreign, InferenceListener.NONE))
                    .isInstanceOf(KeyPairMismatchException.class)
                    .hasMessageContaining("encrypted images");
            EncryptedTensor unnamed = new EncryptedTensor(foreign.layout(), 1, foreign.model(), foreign.ciphertexts());
            assertThatThrownBy(() -> server.infer(unnamed, InferenceListener.NONE))
                    .isInstanceOf(KeyPairMismatchException.class)
                    .hasMessageContaining("an unnamed key pair");
            EncryptedTensor answer = server.infer(owner.encrypt(images, null), InferenceListener.NONE);
            assertThatThrownBy(() -> other.decrypt(answer))
                    .isInstanceOf(KeyPairMismatchException.class)
                    .hasMessageContaining("result");
        }
    }

    @Test
    void open_publicKeyForASecretOneAndTheReverse_areRefusedByName() throws IOException {
        OwnersFiles files = OwnersFiles.of(ReferenceNetwork.smallCryptoNet(new Random(27)), folder);
        ClientSpec spec = files.compiled.clientSpec();
        assertThatThrownBy(() -> ModelClient.open(spec, files.open))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("expected secret key, found public key");
        assertThatThrownBy(() -> ImageEncryptor.open(spec, files.secret))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("expected public key, found secret key");
    }

    @Test
    void encryptModelTo_interrupted_leavesNothing() throws IOException {
        OwnersFiles files = OwnersFiles.of(ReferenceNetwork.smallCryptoNet(new Random(28)), folder);
        Path half = folder.resolve("half.veil");
        try (ModelClient owner = files.owner()) {
            assertThatThrownBy(() ->
                            owner.encryptModelTo(files.compiled.model(), half, (stage, stages, name, done, total) -> {
                                if (stage == 1) {
                                    throw new IllegalStateException("interrupted");
                                }
                            }))
                    .hasMessage("interrupted");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(p -> p.getFileName().toString()))
                    .noneMatch(name -> name.contains("half") || name.endsWith(".tmp"));
        }
    }

    @Test
    void compile_batchLayout_isRefused() {
        assertThatThrownBy(() -> options().layout(LayoutChoice.BATCH).build())
                .hasMessageContaining("weights=encrypted")
                .hasMessageContaining("packed layout");
    }

    /** The files of an owner. */
    record OwnersFiles(Compilation compiled, Path secret, Path open, Path keys, Path model, Path inputs, Path outputs) {
        static OwnersFiles of(NetworkGraph graph, Path folder) throws IOException {
            Compilation compiled = ModelCompiler.compile(graph, options().build());
            OwnersFiles files = new OwnersFiles(
                    compiled,
                    folder.resolve("secret.key"),
                    folder.resolve("public.key"),
                    folder.resolve("evaluation.keys"),
                    folder.resolve("encrypted.veil"),
                    folder.resolve("inputs.veil"),
                    folder.resolve("outputs.veil"));
            Path owners = folder.resolve("model.veil");
            compiled.model().write(owners);
            try (ModelClient owner = EncryptedWeightsTest.owner(compiled)) {
                owner.writeSecretKey(files.secret);
                owner.writePublicKey(files.open);
                owner.writeEvaluationKeys(files.keys);
                assertThat(owner.encryptModelTo(CompiledModel.read(owners), files.model, InferenceListener.NONE))
                        .isEqualTo(Files.size(files.model));
            }
            return files;
        }

        ModelClient owner() throws IOException {
            return ModelClient.open(compiled.clientSpec(), secret);
        }
    }
}
