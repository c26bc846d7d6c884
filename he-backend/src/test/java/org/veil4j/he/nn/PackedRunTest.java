package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veil4j.he.circuit.PlaintextForm;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.NetworkGraph.Addition;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.MissingEvaluationKeyException;
import org.veil4j.he.rlwe.RecordingKeys;
import org.veil4j.he.rlwe.SecretKey;
import org.veil4j.he.rlwe.SecurityLevel;

/** Networks in the packed layout under real encryption, in a small insecure ring: the twins of what runs in the clear. */
class PackedRunTest {
    private static final int NETWORKS = 30;

    @TempDir
    Path folder;

    private static CompileOptions.Builder options(int images) {
        return CompileOptions.builder()
                .logN(10)
                .layout(LayoutChoice.PACKED)
                .imagesPerCiphertext(images)
                .inputRange(-1, 1)
                .security(SecurityLevel.INSECURE_TEST);
    }

    private static double[][] images(NetworkGraph graph, int count, long seed) {
        Random random = new Random(seed);
        double[][] images = new double[count][];
        for (int i = 0; i < count; i++) {
            images[i] = ReferenceNetwork.random(random, graph.inputShape().size(), 1);
        }
        return images;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void infer_randomGraphs_areWithinTheEstimatedPrecision(int images) {
        int run = 0;
        for (long seed = 0; run < NETWORKS; seed++) {
            NetworkGraph graph = RandomGraphs.graph(new Random(seed));
            ImageBatch samples = ImageBatch.of(images(graph, 16, 500 + seed));
            Compilation compiled;
            try {
                compiled = ModelCompiler.compile(graph, options(images).build(), samples);
            } catch (ValueRangeException e) {
                continue; // random weights: values may become anything
            } catch (IllegalArgumentException e) {
                assertThat(e).as("seed %d", seed).hasMessageContaining("use the batch layout");
                continue;
            }
            run++;
            assertEncryptedEqualsReference(graph, compiled, images, seed);
        }
    }

    private static void assertEncryptedEqualsReference(
            NetworkGraph graph, Compilation compiled, int images, long seed) {
        assertEncryptedEqualsReference(graph, compiled, images, seed, 0x1p36);
    }

    private static void assertEncryptedEqualsReference(
            NetworkGraph graph, Compilation compiled, int images, long seed, double outputScale) {
        CompiledModel model = compiled.model();
        ClientSpec spec = compiled.clientSpec();
        double[][] pixels = images(graph, images, 900 + seed);
        double precision = Math.pow(2, -compiled.report().ranges().estimatedPrecisionBits());
        try (ModelClient client = ModelClient.create(spec, SecurityLevel.INSECURE_TEST)) {
            RecordingKeys keys = new RecordingKeys(client.evaluationKeys());
            ModelServer server = ModelServer.create(model, keys);
            server.warmUp(Duration.ZERO); // must not disturb what follows
            List<String> seen = new ArrayList<>();
            EncryptedTensor output = server.infer(
                    client.encrypt(ImageBatch.of(pixels), null), (stage, stages, name, done, total) -> seen.add(name));
            assertThat(seen)
                    .as("seed %d", seed)
                    .hasSize(compiled.report().stages().size());
            for (Ciphertext c : output.ciphertexts()) {
                assertThat(c.level()).as("seed %d", seed).isZero();
                assertThat(c.scale()).as("seed %d", seed).isEqualTo(outputScale);
                assertThat(c.degree()).as("seed %d", seed).isEqualTo(1);
            }
            assertThat(keys.used()).as("seed %d", seed).isEqualTo(spec.keys());
            assertThat(model.keys()).isEqualTo(spec.keys());
            double[][] have = client.decrypt(output);
            for (int i = 0; i < images; i++) {
                double[] want = ReferenceNetwork.run(graph, pixels[i]);
                assertThat(have[i]).hasSameSizeAs(want);
                for (int o = 0; o < want.length; o++) {
                    assertThat(have[i][o])
                            .as("seed %d, image %d, output %d, precision %g", seed, i, o, precision)
                            .isCloseTo(want[o], within(precision));
                }
            }
        }
    }

    /** 20 channels of 8 x 8 are three ciphertexts; a cubic, a shortcut and a projection at other levels. */
    @Test
    void infer_severalCiphertextsATensor_isWithinTheEstimatedPrecision() {
        Random random = new Random(17);
        TensorShape in = new TensorShape(9, 8, 8);
        TensorShape wide = new TensorShape(20, 8, 8);
        NetworkGraph.Builder b = NetworkGraph.builder("in", in);
        b.add(ReferenceNetwork.convolution(random, "c", "in", in, 20, 1, 1, 0));
        b.add(new Polynomial("a", "c", wide, new double[][] {{0.1, 0.4, 0.1, 0.05}}));
        b.add(ReferenceNetwork.convolution(random, "c2", "a", wide, 10, 2, 2, 0));
        b.add(ReferenceNetwork.convolution(random, "p", "c", wide, 10, 2, 2, 0));
        TensorShape small = new TensorShape(10, 4, 4);
        b.add(new Addition("s", List.of("c2", "p"), small));
        b.add(new Polynomial("a2", "s", small, new double[][] {{0, 0.5, 0.25}}));
        b.add(ReferenceNetwork.dense(random, "d", "a2", 160, 4));
        NetworkGraph graph = b.build("d");
        Compilation compiled = ModelCompiler.compile(graph, options(1).build(), ImageBatch.of(images(graph, 16, 18)));
        assertThat(compiled.model().inputLayout().ciphertexts()).isEqualTo(2);
        assertEncryptedEqualsReference(graph, compiled, 1, 17);
    }

    private static NetworkGraph dense(double magnitude) {
        NetworkGraph.Builder b = NetworkGraph.builder("in", TensorShape.vector(6));
        Random random = new Random(20);
        b.add(ReferenceNetwork.dense(random, "d", "in", 6, 6));
        b.add(new Polynomial("a", "d", TensorShape.vector(6), new double[][] {{0.1, 0.4, 0.3}}));
        b.add(new NetworkGraph.Dense(
                "d2", "a", TensorShape.vector(3), ReferenceNetwork.random(random, 18, magnitude), new double[] {
                    magnitude, 0, 0
                }));
        return b.build("d2");
    }

    @ParameterizedTest
    @CsvSource({"48,44", "44,39", "40,38", "38,20", "30,20", "30,30"})
    void compile_anyScales_areKept(int logScale, int logOutputScale) {
        NetworkGraph graph = dense(0.3);
        CompileOptions options =
                options(1).logScale(logScale).logOutputScale(logOutputScale).build();
        ClientSpec spec = ModelCompiler.compile(graph, options).clientSpec();
        assertThat(spec.inputScale()).isGreaterThanOrEqualTo(Math.pow(2, logScale));
        Compilation compiled = ModelCompiler.compile(graph, options, ImageBatch.of(images(graph, 16, 21)));
        assertEncryptedEqualsReference(graph, compiled, 1, 20, Math.pow(2, logOutputScale));
    }

    /** What the refusal advises must help. */
    @Test
    void compile_largeResults_fitAtTheOutputScaleThatTheRefusalNames() {
        NetworkGraph graph = dense(2000);
        ImageBatch samples = ImageBatch.of(images(graph, 16, 22));
        ValueRangeException refusal = catchThrowableOfType(
                ValueRangeException.class,
                () -> ModelCompiler.compile(graph, options(1).build(), samples));
        assertThat(refusal).hasMessageNotContainingAny("NaN", "Infinity");
        Matcher advice = Pattern.compile("set logOutputScale to (\\d+) or less").matcher(refusal.getMessage());
        assertThat(advice.find()).as(refusal.getMessage()).isTrue();
        int fits = Integer.parseInt(advice.group(1));
        Compilation compiled =
                ModelCompiler.compile(graph, options(1).logOutputScale(fits).build(), samples);
        assertEncryptedEqualsReference(graph, compiled, 1, 22, Math.pow(2, fits));
    }

    @Test
    void compile_anyNumberOfThreads_givesTheSameModel() {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(19));
        List<Fingerprint> made = new ArrayList<>();
        for (int threads : new int[] {1, 3, 3}) {
            made.add(Workers.withThreads(
                    threads,
                    () -> ModelCompiler.compile(graph, options(2).build())
                            .model()
                            .fingerprint()));
        }
        assertThat(made.get(1)).isEqualTo(made.get(0)).isEqualTo(made.get(2));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void files_everyStepThroughFiles_givesTheSameAnswer(int perCiphertext) throws IOException {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(13));
        CompileOptions options = options(perCiphertext)
                .logN(11)
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
        double[][] images = images(graph, 6, 13);
        try (ModelClient owner = ModelClient.create(ClientSpec.read(spec), SecurityLevel.INSECURE_TEST)) {
            owner.writeSecretKey(secret);
            assertThat(owner.writeEvaluationKeys(keys)).isEqualTo(Files.size(keys));
        }
        try (ModelClient sender = ModelClient.open(ClientSpec.read(spec), secret)) {
            assertThat(sender.encryptTo(ImageBatch.of(images), inputs, null)).isEqualTo(Files.size(inputs));
        }
        CompiledModel served = CompiledModel.read(model);
        assertThat(served.fingerprint()).isEqualTo(compiled.model().fingerprint());
        assertThat(served.keys()).isEqualTo(compiled.clientSpec().keys());
        assertThat(served.workingBytes()).isEqualTo(compiled.model().workingBytes());
        assertThat(served.inputLayout()).isEqualTo(compiled.clientSpec().inputLayout());
        assertThat(served.program().stages()).isEqualTo(compiled.report().stages());
        assertThat(ModelServer.open(served, keys).inferFile(inputs, outputs, InferenceListener.NONE))
                .isEqualTo(6);
        try (ModelClient receiver = ModelClient.open(ClientSpec.read(spec), secret)) {
            double[][] have = receiver.decryptFile(outputs);
            assertThat(have).hasDimensions(6, 4);
            for (int i = 0; i < have.length; i++) {
                double[] image = images[i].clone();
                for (int e = 0; e < image.length; e++) {
                    image[e] = e < 81 ? (image[e] - 0.25) / 2 : (image[e] + 0.5) / 0.5;
                }
                double[] want = ReferenceNetwork.run(graph, image);
                for (int o = 0; o < want.length; o++) {
                    assertThat(have[i][o]).as("image %d", i).isCloseTo(want[o], within(0x1p-14));
                }
            }
        }
    }

    @Test
    void compile_budgetForCoefficientsOnly_takesThemAndAnswersAlike() throws IOException {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(14));
        Compilation fast = ModelCompiler.compile(graph, options(1).build());
        assertThat(fast.model().program().plaintextForm()).isEqualTo(PlaintextForm.RESIDUES);
        long budget = fast.model().estimatedPeakBytes() - 1;
        Compilation lean = ModelCompiler.compile(
                graph, options(1).memoryBudgetBytes(budget).build());
        assertThat(lean.model().program().plaintextForm()).isEqualTo(PlaintextForm.COEFFICIENTS);
        assertThat(lean.model().estimatedPeakBytes()).isLessThanOrEqualTo(budget);
        assertThat(lean.clientSpec().keys()).isEqualTo(fast.clientSpec().keys());
        Path file = folder.resolve("lean");
        lean.model().write(file);
        assertThat(CompiledModel.read(file).program().plaintextForm()).isEqualTo(PlaintextForm.COEFFICIENTS);
        assertThat(CompiledModel.read(file).fingerprint())
                .isEqualTo(lean.model().fingerprint());
        Compilation sampled = ModelCompiler.compile(
                graph, options(1).memoryBudgetBytes(budget).build(), ImageBatch.of(images(graph, 8, 14)));
        assertEncryptedEqualsReference(graph, sampled, 1, 14);
        assertThatThrownBy(() -> ModelCompiler.compile(
                        graph, options(1).memoryBudgetBytes(100 << 20).build()))
                .isInstanceOf(MemoryBudgetExceededException.class);
    }

    @Test
    void create_anyKeyMissingOrTooLow_namesItBeforeAnyInference() {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(1));
        Compilation compiled = ModelCompiler.compile(graph, options(1).build());
        CompiledModel model = compiled.model();
        KeyGenerator generator = new KeyGenerator(model.parameters());
        SecretKey secret = generator.secretKey();
        KeyRequest all = compiled.clientSpec().keys();
        assertThat(all.rotations()).isNotEmpty();
        assertThat(all.conjugation()).isFalse();
        List<Integer> steps = new ArrayList<>(all.rotations().keySet());
        Random random = new Random(2);
        for (int trial = 0; trial < 6; trial++) {
            int step = steps.get(random.nextInt(steps.size()));
            int level = Objects.requireNonNull(all.rotations().get(step));
            Map<Integer, Integer> rotations = new TreeMap<>(all.rotations());
            if (trial % 2 == 0) {
                rotations.remove(step);
            } else {
                rotations.put(step, level - 1);
            }
            KeyRequest less =
                    new KeyRequest(all.relinearizationLevel(), new TreeMap<>(rotations), all.conjugationLevel());
            assertThatThrownBy(() -> ModelServer.create(model, generator.evaluationKeys(secret, less)))
                    .as("steps %d, level %d, trial %d", step, level, trial)
                    .isInstanceOf(MissingEvaluationKeyException.class)
                    .hasMessageContaining("rotation key for steps=" + step)
                    .hasMessageContaining("level=" + level);
        }
        KeyRequest low = new KeyRequest(all.relinearizationLevel() - 1, all.rotations(), KeyRequest.NO_KEY);
        assertThatThrownBy(() -> ModelServer.create(model, generator.evaluationKeys(secret, low)))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("relinearisation");
    }

    @Test
    void infer_inputOfAnotherScale_isRefused() {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(3));
        Compilation compiled = ModelCompiler.compile(graph, options(1).build());
        try (ModelClient client = ModelClient.create(compiled.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            ModelServer server = ModelServer.create(compiled.model(), client.evaluationKeys());
            EncryptedTensor good = client.encrypt(ImageBatch.of(images(graph, 1, 3)), null);
            List<Ciphertext> scaled = good.ciphertexts().stream()
                    .map(c -> c.withScale(c.scale() * 2))
                    .toList();
            EncryptedTensor bad = new EncryptedTensor(good.layout(), 1, good.model(), scaled);
            assertThatThrownBy(() -> server.infer(bad, InferenceListener.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("scale");
        }
    }

    @Test
    void compile_imagesThatDoNotFit_namesThem() {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(1)); // of 9 x 9: 256 slots an image
        for (int images : new int[] {4, 65536}) {
            assertThatThrownBy(
                            () -> ModelCompiler.compile(graph, options(images).build()))
                    .as("%d images", images)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("images=" + images)
                    .hasMessageContaining("256");
        }
    }

    /** A program's bytes behind a right checksum: what a hostile owner of a model may send to a server. */
    @Test
    void read_programWithBytesChanged_isCorruptOrCanBePlanned() throws IOException {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(5));
        CompiledModel model = ModelCompiler.compile(graph, options(2).build()).model();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        model.program().write(new DataOutputStream(out));
        byte[] bytes = out.toByteArray();
        Random random = new Random(6);
        int valid = 0;
        for (int trial = 0; trial < 400; trial++) {
            byte[] changed = bytes.clone();
            int at = trial < 200 ? random.nextInt(60) : random.nextInt(bytes.length);
            changed[at] ^= (byte) (1 << random.nextInt(8));
            Program program;
            try {
                PayloadReader in = PayloadReader.of(changed);
                program = Program.read("packed", in, model.parameters());
                in.expectEnd();
            } catch (CorruptDataException e) {
                continue;
            }
            valid++;
            try {
                assertThat(program.memory(2).peakBytes()).as("byte %d", at).isPositive();
            } catch (IllegalArgumentException e) {
                assertThat(e).as("byte %d", at).hasMessageContaining("scale");
            }
        }
        assertThat(valid).isPositive();
        for (int trial = 0; trial < 100; trial++) {
            byte[] cut = Arrays.copyOf(bytes, trial < 50 ? trial : random.nextInt(bytes.length));
            assertThatThrownBy(() -> Program.read("packed", PayloadReader.of(cut), model.parameters()))
                    .as("cut at %d", cut.length)
                    .isInstanceOf(CorruptDataException.class);
        }
    }

    /** What a server keeps, and what a run adds, against what the compiler said. */
    @Test
    void memory_ofARun_isAboutWhatWasSaid() {
        Random random = new Random(8);
        NetworkGraph.Builder b = NetworkGraph.builder("in", TensorShape.vector(200));
        b.add(ReferenceNetwork.dense(random, "d", "in", 200, 200));
        b.add(new Polynomial("a", "d", TensorShape.vector(200), new double[][] {{0, 0, 1}}));
        b.add(ReferenceNetwork.dense(random, "d2", "a", 200, 10));
        Compilation compiled =
                ModelCompiler.compile(b.build("d2"), options(1).logN(12).build());
        try (ModelClient client = ModelClient.create(compiled.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            long before = live();
            EvaluationKeys keys = client.evaluationKeys();
            ModelServer server = ModelServer.create(compiled.model(), keys);
            EncryptedTensor input = client.encrypt(ImageBatch.of(new double[1][200]), null);
            EncryptedTensor output = server.infer(input, InferenceListener.NONE); // the pool keeps what it borrowed
            long after = live();
            assertThat(output.images()).isEqualTo(1);
            assertThat(keys.count()).isPositive();
            double said = compiled.model().workingBytes();
            assertThat((after - before) / said).as("of %.1f MB", said / 1e6).isBetween(0.75, 1.25);
        }
    }

    private static long live() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Runtime r = Runtime.getRuntime();
            least = Math.min(least, r.totalMemory() - r.freeMemory());
        }
        return least;
    }
}
