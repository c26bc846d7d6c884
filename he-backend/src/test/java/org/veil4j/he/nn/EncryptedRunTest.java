package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.circuit.ClearSlots;
import org.veil4j.he.circuit.CleartextAlgebra;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.nn.batch.PlanCandidate;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.MissingEvaluationKeyException;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecurityLevel;

/** Compiled networks under real encryption, in a small insecure ring: client, server, files, and their refusals. */
class EncryptedRunTest {
    @TempDir
    Path folder;

    private static CompileOptions.Builder options() {
        return CompileOptions.builder().logN(10).inputRange(-1, 1).security(SecurityLevel.INSECURE_TEST);
    }

    private static double[][] images(NetworkGraph graph, int count, long seed) {
        Random random = new Random(seed);
        double[][] images = new double[count][];
        for (int i = 0; i < count; i++) {
            images[i] = ReferenceNetwork.random(random, graph.inputShape().size(), 1);
        }
        return images;
    }

    @Test
    void infer_cryptoNetFullBatch_equalsLayerByLayer() {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(11));
        assertEncryptedEqualsReference(graph, 512, 11);
    }

    @Test
    void infer_residualWithCubic_equalsLayerByLayer() {
        assertEncryptedEqualsReference(ReferenceNetwork.smallResidual(new Random(12)), 5, 12);
    }

    private static void assertEncryptedEqualsReference(NetworkGraph graph, int count, long seed) {
        CompileOptions options = options().build();
        for (boolean late : new boolean[] {false, true}) {
            Program program = BatchProgram.compile(graph, options, late);
            assertEncryptedEqualsReference(graph, ModelCompiler.assemble(graph, options, program, null), count, seed);
        }
    }

    private static void assertEncryptedEqualsReference(NetworkGraph graph, Compilation compiled, int count, long seed) {
        double[][] images = images(graph, count, seed);
        try (ModelClient client = ModelClient.create(compiled.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            ModelServer server = ModelServer.create(compiled.model(), client.evaluationKeys());
            server.warmUp(Duration.ZERO); // must not disturb what follows: it borrows the same buffers
            List<String> seen = new ArrayList<>();
            EncryptedTensor output =
                    server.infer(client.encrypt(ImageBatch.of(images), null), (stage, stages, name, done, total) -> {
                        if (done == total && !seen.contains(name)) {
                            seen.add(name);
                        }
                    });
            assertThat(seen).hasSize(compiled.report().stages().size());
            double[][] have = client.decrypt(output);
            double[][] clear = clear(compiled, images);
            assertThat(have).hasDimensions(count, compiled.model().outputs());
            for (int i = 0; i < count; i++) {
                double[] want = ReferenceNetwork.run(graph, images[i]);
                for (int o = 0; o < want.length; o++) {
                    // Encryption's own error against the clear run of the same circuit, then everything together.
                    assertThat(have[i][o]).as("seed %d, image %d", seed, i).isCloseTo(clear[i][o], within(0x1p-20));
                    assertThat(have[i][o]).as("seed %d, image %d", seed, i).isCloseTo(want[o], within(0x1p-19));
                }
            }
        }
    }

    private static double[][] clear(Compilation compiled, double[][] images) {
        Program program = compiled.model().program();
        List<ClearSlots> in = new ArrayList<>();
        for (int e = 0; e < compiled.model().inputShape().size(); e++) {
            double[] slots = new double[images.length];
            for (int i = 0; i < slots.length; i++) {
                slots[i] = images[i][e];
            }
            in.add(ClearSlots.of(slots, program.inputLevel(), program.inputScale()));
        }
        double[] primes = PlanCandidate.primes(compiled.model().parameters());
        List<ClearSlots> out =
                program.over(new CleartextAlgebra(images.length, primes)).run(in, InferenceListener.NONE);
        double[][] rows = new double[images.length][out.size()];
        for (int o = 0; o < out.size(); o++) {
            for (int i = 0; i < rows.length; i++) {
                rows[i][o] = out.get(o).toArray()[i];
            }
        }
        return rows;
    }

    @Test
    void files_everyStepThroughFilesAndTwoBatches_givesTheSameAnswer() throws IOException {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(13));
        CompileOptions options = options()
                .normalisation(new double[] {0.25, -0.5}, new double[] {2, 0.5})
                .build();
        Compilation compiled = ModelCompiler.compile(graph, options);
        Path model = folder.resolve("model.veil");
        Path spec = folder.resolve("client.veil");
        Path secret = folder.resolve("secret.key");
        Path keys = folder.resolve("evaluation.keys");
        Path inputs = folder.resolve("inputs.veil");
        Path outputs = folder.resolve("outputs.veil");
        compiled.model().write(model);
        compiled.clientSpec().write(spec);
        double[][] images = images(graph, 515, 13);
        try (ModelClient owner = ModelClient.create(ClientSpec.read(spec), SecurityLevel.INSECURE_TEST)) {
            owner.writeSecretKey(secret);
            assertThat(owner.writeEvaluationKeys(keys)).isEqualTo(Files.size(keys));
        }
        try (ModelClient sender = ModelClient.open(ClientSpec.read(spec), secret)) {
            AtomicInteger most = new AtomicInteger();
            assertThat(sender.encryptTo(ImageBatch.of(images), inputs, done -> most.accumulateAndGet(done, Math::max)))
                    .isEqualTo(Files.size(inputs));
            assertThat(most).as("elements of two batches").hasValue(2 * 2 * 81);
        }
        CompiledModel served = CompiledModel.read(model);
        assertThat(served.fingerprint()).isEqualTo(compiled.model().fingerprint());
        ModelServer server = ModelServer.open(served, keys);
        assertThat(server.inferFile(inputs, outputs, InferenceListener.NONE)).isEqualTo(515);
        for (Path cut : List.of(secret, keys)) { // without the end marker of 24 bytes
            byte[] bytes = Files.readAllBytes(cut);
            Path damaged = Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(bytes, bytes.length - 20));
            assertThatThrownBy(() -> {
                        if (cut == keys) {
                            ModelServer.open(served, damaged);
                        } else {
                            ModelClient.open(ClientSpec.read(spec), damaged).close();
                        }
                    })
                    .as(cut.toString())
                    .isInstanceOf(CorruptDataException.class);
        }
        try (ModelClient receiver = ModelClient.open(ClientSpec.read(spec), secret)) {
            double[][] have = receiver.decryptFile(outputs);
            assertThat(have.length).isEqualTo(515);
            for (int i = 0; i < have.length; i += 57) {
                double[] image = images[i].clone();
                for (int e = 0; e < image.length; e++) {
                    image[e] = e < 81 ? (image[e] - 0.25) / 2 : (image[e] + 0.5) / 0.5;
                }
                double[] want = ReferenceNetwork.run(graph, image);
                for (int o = 0; o < want.length; o++) {
                    assertThat(have[i][o]).isCloseTo(want[o], within(0x1p-18));
                }
            }
        }
    }

    @Test
    void infer_inputOfAnotherModel_isRefused() {
        Compilation a = ModelCompiler.compile(
                ReferenceNetwork.smallCryptoNet(new Random(1)), options().build());
        Compilation b = ModelCompiler.compile(
                ReferenceNetwork.smallCryptoNet(new Random(2)), options().build());
        try (ModelClient client = ModelClient.create(a.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            ModelServer server = ModelServer.create(b.model(), client.evaluationKeys());
            EncryptedTensor input = client.encrypt(
                    ImageBatch.of(new double[1][a.model().inputShape().size()]), null);
            assertThatThrownBy(() -> server.infer(input, InferenceListener.NONE))
                    .isInstanceOf(ParameterMismatchException.class)
                    .hasMessageContaining(a.model().fingerprint().shortHex());
        }
    }

    @Test
    void create_keysOfOtherParameters_isRefused() {
        Compilation a = ModelCompiler.compile(
                ReferenceNetwork.smallCryptoNet(new Random(1)), options().build());
        Compilation b = ModelCompiler.compile(
                ReferenceNetwork.smallCryptoNet(new Random(1)),
                options().logScale(40).build());
        try (ModelClient client = ModelClient.create(b.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            EvaluationKeys keys = client.evaluationKeys();
            assertThatThrownBy(() -> ModelServer.create(a.model(), keys))
                    .isInstanceOf(ParameterMismatchException.class);
        }
    }

    @Test
    void create_specificationThatProtectsNothing_isRefusedUnlessAskedForByName() {
        ClientSpec spec = ModelCompiler.compile(
                        ReferenceNetwork.smallCryptoNet(new Random(1)),
                        options().build())
                .clientSpec();
        for (SecurityLevel least : List.of(SecurityLevel.BITS_128, SecurityLevel.BITS_192)) {
            assertThatThrownBy(() -> ModelClient.create(spec, least).close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("protect nothing")
                    .hasMessageContaining(Integer.toString(least.bits()));
        }
        assertThatThrownBy(() -> ModelClient.create(spec).close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must have 128");
        try (ModelClient client = ModelClient.create(spec, SecurityLevel.INSECURE_TEST)) {
            assertThat(client.spec()).isSameAs(spec);
        }
    }

    @Test
    void create_keyMissingOrTooLow_namesItBeforeAnyInference() {
        Compilation a = ModelCompiler.compile(
                ReferenceNetwork.smallCryptoNet(new Random(1)), options().build());
        RlweParameters parameters = a.model().parameters();
        KeyGenerator generator = new KeyGenerator(parameters);
        int needed = a.clientSpec().keys().relinearizationLevel();
        assertThat(a.model().keys()).isEqualTo(a.clientSpec().keys());
        EvaluationKeys low = generator.evaluationKeys(
                generator.secretKey(), KeyRequest.none().withRelinearization(needed - 1));
        for (EvaluationKeys keys : List.of(EvaluationKeys.none(parameters), low)) {
            assertThatThrownBy(() -> ModelServer.create(a.model(), keys))
                    .isInstanceOf(MissingEvaluationKeyException.class)
                    .hasMessageContaining("relinearisation key at level=" + needed)
                    .hasMessageContaining("KeyRequest.withRelinearization(" + needed + ")");
        }
        ModelServer.create(
                a.model(),
                generator.evaluationKeys(
                        generator.secretKey(), KeyRequest.none().withRelinearization(needed)));
    }

    @Test
    void encrypt_badImages_areRefused() {
        Compilation a = ModelCompiler.compile(
                ReferenceNetwork.smallCryptoNet(new Random(1)), options().build());
        int size = a.model().inputShape().size();
        try (ModelClient client = ModelClient.create(a.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            double[][] nan = new double[3][size];
            nan[2][7] = Double.NaN;
            assertThatThrownBy(() -> client.encrypt(ImageBatch.of(nan), null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("image 2, element 7");
            nan[2][7] = Double.POSITIVE_INFINITY;
            assertThatThrownBy(() -> client.encrypt(ImageBatch.of(nan), null)).hasMessageContaining("Infinity");
            assertThatThrownBy(() -> client.encrypt(ImageBatch.of(new double[1][size + 1]), null))
                    .hasMessageContaining("2x9x9");
            double[][] ragged = {new double[size], new double[size - 1]};
            assertThatThrownBy(() -> ImageBatch.of(ragged)).hasMessageContaining("image 1");
            assertThatThrownBy(() -> ImageBatch.of(new byte[][] {new byte[size], new byte[size + 1]}))
                    .hasMessageContaining("image 1");
            EncryptedTensor one = client.encrypt(ImageBatch.of(new double[1][size]), null);
            assertThatThrownBy(() -> new EncryptedTensor(one.layout(), 513, one.model(), one.ciphertexts()))
                    .hasMessageContaining("images=513");
            assertThatThrownBy(() -> client.encrypt(ImageBatch.of(new byte[513][size]), null))
                    .hasMessageContaining("512");
            assertThatThrownBy(() -> client.encrypt(ImageBatch.of(new byte[0][size]), null))
                    .hasMessageContaining("images=0");
        }
    }

    @Test
    void files_ofAnotherKindOrDamaged_areRefused() throws IOException {
        Compilation a = ModelCompiler.compile(
                ReferenceNetwork.smallCryptoNet(new Random(1)), options().build());
        Path model = folder.resolve("m");
        a.model().write(model);
        assertThatThrownBy(() -> ClientSpec.read(model))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(FileKind.CLIENT_SPEC.title());
        byte[] bytes = Files.readAllBytes(model);
        Random random = new Random(5);
        for (int trial = 0; trial < 40; trial++) {
            byte[] damaged = bytes.clone();
            int at = random.nextInt(damaged.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(model, damaged);
            assertThatThrownBy(() -> CompiledModel.read(model))
                    .as("bit flipped at %d", at)
                    .isInstanceOf(CorruptDataException.class);
            Files.write(model, java.util.Arrays.copyOf(bytes, at));
            assertThatThrownBy(() -> CompiledModel.read(model))
                    .as("cut at %d", at)
                    .isInstanceOf(CorruptDataException.class);
        }
    }
}
