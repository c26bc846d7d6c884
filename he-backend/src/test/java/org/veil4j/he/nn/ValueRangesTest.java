package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.ckks.PrecisionStats;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.NetworkGraph.Dense;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.rlwe.KeyPairMismatchException;
import org.veil4j.he.rlwe.SecurityLevel;

/** What the compiler says of ranges and precision, against what encrypted runs in a small insecure ring really do. */
class ValueRangesTest {
    private static final int SLOTS = 512;

    @TempDir
    Path folder;

    private static CompileOptions.Builder options() {
        return CompileOptions.builder().logN(10).inputRange(-1, 1).security(SecurityLevel.INSECURE_TEST);
    }

    private static double[][] images(int count, int size, long seed) {
        Random random = new Random(seed);
        double[][] images = new double[count][];
        for (int i = 0; i < count; i++) {
            images[i] = ReferenceNetwork.random(random, size, 1);
        }
        return images;
    }

    private static double[][] encrypted(Compilation compiled, double[][] images) {
        try (ModelClient client = ModelClient.create(compiled.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            ModelServer server = ModelServer.create(compiled.model(), client.evaluationKeys());
            return client.decrypt(server.infer(client.encrypt(ImageBatch.of(images), null), InferenceListener.NONE));
        }
    }

    private static double[][] reference(NetworkGraph graph, double[][] images) {
        return Arrays.stream(images)
                .map(image -> ReferenceNetwork.run(graph, image))
                .toArray(double[][]::new);
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double largest(double[][] rows) {
        return Arrays.stream(flat(rows)).map(Math::abs).max().orElse(0);
    }

    /** A factor times the sum of the inputs' squares. */
    private static NetworkGraph sumOfSquares(double factor) {
        double[] eight = {8, 0, 0, 0, 8, 0, 0, 0, 8};
        double f = factor / 64;
        return NetworkGraph.builder("in", TensorShape.vector(3))
                .add(new Dense("d1", "in", TensorShape.vector(3), eight, new double[3]))
                .add(new Polynomial("a1", "d1", TensorShape.vector(3), new double[][] {{0, 0, 1}}))
                .add(new Dense("d2", "a1", TensorShape.vector(1), new double[] {f, f, f}, new double[1]))
                .build("d2");
    }

    @Test
    void estimate_severalNetworks_isNeverAboveThePrecisionMeasured() {
        for (long seed = 1; seed <= 3; seed++) {
            for (NetworkGraph graph : List.of(
                    ReferenceNetwork.smallCryptoNet(new Random(seed)),
                    ReferenceNetwork.smallResidual(new Random(seed)))) {
                double[][] images = images(SLOTS, graph.inputShape().size(), seed);
                double[][] others = images(40, graph.inputShape().size(), seed + 100);
                Compilation compiled = ModelCompiler.compile(graph, options().build(), ImageBatch.of(others));
                double measured = PrecisionStats.of(flat(reference(graph, images)), flat(encrypted(compiled, images)))
                        .bits();
                double estimated = compiled.report().ranges().estimatedPrecisionBits();
                double bound = ModelCompiler.compile(graph, options().build())
                        .report()
                        .ranges()
                        .estimatedPrecisionBits();
                assertThat(estimated).as("seed %d, samples", seed).isBetween(measured - 5, measured);
                assertThat(bound).as("seed %d, no samples", seed).isLessThan(estimated);
            }
        }
    }

    @Test
    void estimate_withoutSamples_isABoundForEveryImage() {
        NetworkGraph graph = sumOfSquares(10);
        Compilation compiled = ModelCompiler.compile(graph, options().build());
        double[][] images = images(SLOTS, 3, 4);
        Arrays.fill(images[0], 1);
        double measured = PrecisionStats.of(flat(reference(graph, images)), flat(encrypted(compiled, images)))
                .bits();
        assertThat(compiled.report().ranges().estimatedPrecisionBits()).isBetween(measured - 8, measured);
    }

    @Test
    void ranges_residualNetwork_holdWhatOccurs() {
        NetworkGraph graph = ReferenceNetwork.smallResidual(new Random(5));
        double[][] images = images(30, graph.inputShape().size(), 5);
        ValueRanges ranges = ModelCompiler.compile(graph, options().build(), ImageBatch.of(images))
                .report()
                .ranges();
        assertThat(ranges.samples()).isEqualTo(30);
        StageRange last = ranges.stages().get(ranges.stages().size() - 1);
        double largest = largest(reference(graph, images));
        assertThat(last.largestMeasured()).isCloseTo(largest, within(1e-4));
        assertThat(last.measuredHeadroomBits())
                .isCloseTo(Math.log(ranges.outputCapacity() / largest) / Math.log(2), within(1e-3));
        assertThat(ranges.outputCapacity()).isCloseTo(4096, within(1.0));
        for (StageRange s : ranges.stages()) {
            assertThat(s.largestPossible()).as(s.stage()).isGreaterThan(s.largestMeasured());
            assertThat(s.possibleHeadroomBits()).as(s.stage()).isLessThan(s.measuredHeadroomBits());
        }
    }

    @Test
    void compile_samplesThatWouldWrapAround_areRefusedWithARemedyThatHelps() {
        NetworkGraph graph = sumOfSquares(1000); // up to 3000 where 4096 fit
        double[][] images = {{1, 1, 1}, {0.1, 0.2, 0.3}};
        assertThatThrownBy(() -> ModelCompiler.compile(graph, options().build(), ImageBatch.of(images)))
                .isInstanceOf(ValueRangeException.class)
                .hasMessageContaining("stage=d2")
                .hasMessageContaining("3.00e+03")
                .hasMessageContaining("logOutputScale to 34 ");
        Compilation remedied =
                ModelCompiler.compile(graph, options().logOutputScale(34).build(), ImageBatch.of(images));
        double[][] have = encrypted(remedied, images);
        assertThat(have[0][0]).isCloseTo(3000, within(1e-3));
        assertThat(have[1][0]).isCloseTo(140, within(1e-3));
    }

    @Test
    void decrypt_valuesThatWrappedAround_areNearCapacity() {
        Compilation compiled =
                ModelCompiler.compile(sumOfSquares(1667), options().build());
        double[][] images = new double[SLOTS][3];
        Arrays.fill(images, new double[] {1, 1, 1}); // 5001 where 4096 fit
        double[][] have = encrypted(compiled, images);
        for (double[] row : have) {
            assertThat(row[0]).isNotCloseTo(5001, within(1.0));
            assertThat(compiled.clientSpec().nearCapacity(row)).isTrue();
        }
        assertThat(compiled.clientSpec().nearCapacity(new double[] {0, -2049})).isTrue();
        assertThat(compiled.clientSpec().nearCapacity(new double[] {Double.NaN}))
                .isTrue();
        assertThat(compiled.clientSpec().nearCapacity(new double[] {0, 2047})).isFalse();
    }

    @Test
    void notes_onlyTheWorstCaseTooLarge_saySoAndNothingIsRefused() {
        NetworkGraph large = sumOfSquares(2000);
        double[][] images = {{0.1, 0.2, 0.3}};
        CompilationReport sampled = ModelCompiler.compile(large, options().build(), ImageBatch.of(images))
                .report();
        assertThat(sampled.notes()).singleElement().asString().contains("1 sample images", "bits of headroom");
        assertThat(sampled.ranges().possibleHeadroomBits()).isNegative();
        CompilationReport unsampled =
                ModelCompiler.compile(large, options().build()).report();
        assertThat(unsampled.notes()).singleElement().asString().contains("give the compiler sample images");
        assertThat(unsampled.ranges().samples()).isZero();
        assertThat(unsampled.ranges().measuredHeadroomBits()).isNaN();
        assertThat(unsampled.ranges().estimatedPrecisionBits())
                .as("some images may wrap around")
                .isEqualTo(Double.NEGATIVE_INFINITY);
        CompilationReport unbounded = ModelCompiler.compile(
                        large,
                        options()
                                .inputRange(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)
                                .build())
                .report();
        assertThat(unbounded.notes()).singleElement().asString().contains("nothing bounds");
        assertThat(unbounded.ranges().estimatedPrecisionBits()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(ModelCompiler.compile(sumOfSquares(10), options().build())
                        .report()
                        .notes())
                .isEmpty();
    }

    @Test
    void compile_badSamples_areRefused() {
        NetworkGraph graph = sumOfSquares(1);
        CompileOptions options = options().build();
        assertThatThrownBy(() -> ModelCompiler.compile(graph, options, ImageBatch.of(new double[2][4])))
                .hasMessageContaining("4 elements");
        assertThatThrownBy(() -> ModelCompiler.compile(graph, options, ImageBatch.of(new double[0][3])))
                .hasMessageContaining("0 images");
        assertThatThrownBy(() ->
                        ModelCompiler.compile(graph, options, ImageBatch.of(new double[][] {{0, Double.NaN, 0}})))
                .hasMessageContaining("image 0, element 1");
        assertThatThrownBy(() -> ModelCompiler.compile(graph, options, ImageBatch.of(new double[][] {{0, 0, 1.5}})))
                .hasMessageContaining("input range");
        assertThatThrownBy(() -> CompileOptions.builder().inputRange(1, 1).build())
                .hasMessageContaining("inputRange=1.0");
    }

    @Test
    void encrypt_pixelOutsideTheInputRange_isRefused() {
        Compilation compiled = ModelCompiler.compile(
                sumOfSquares(1),
                options()
                        .inputRange(0, 255)
                        .normalisation(new double[] {100}, new double[] {50})
                        .build());
        try (ModelClient client = ModelClient.create(compiled.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            assertThatThrownBy(() -> client.encrypt(ImageBatch.of(new double[][] {{0, 0, 0}, {0, 65535, 0}}), null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("image 1, element 1: 65535.0")
                    .hasMessageContaining("0.0 to 255.0");
            assertThat(client.encrypt(ImageBatch.of(new double[][] {{0, 255, 128}}), null)
                            .images())
                    .isEqualTo(1);
        }
    }

    @Test
    void publication_logits_areRoundedAboveTheNoiseAndNotAtAllWithoutPrecision() {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(6));
        double[][] images = images(3, graph.inputShape().size(), 6);
        Compilation compiled = ModelCompiler.compile(graph, options().build(), ImageBatch.of(images));
        int bits = compiled.clientSpec().publishableBits();
        assertThat(bits)
                .isEqualTo((int) Math.floor(compiled.report().ranges().estimatedPrecisionBits()) - 3)
                .isGreaterThan(8);
        try (ModelClient client = ModelClient.create(compiled.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            ModelServer server = ModelServer.create(compiled.model(), client.evaluationKeys());
            EncryptedTensor output = server.infer(client.encrypt(ImageBatch.of(images), null), InferenceListener.NONE);
            PublishedOutputs outputs = client.decryptForPublication(output);
            assertThat(outputs.bits()).isEqualTo(bits);
            double[][] published = outputs.rows();
            double[][] raw = client.decrypt(output);
            for (int i = 0; i < raw.length; i++) {
                for (int o = 0; o < raw[i].length; o++) {
                    double scaled = Math.scalb(published[i][o], bits);
                    assertThat(scaled).isEqualTo(Math.rint(scaled));
                    assertThat(published[i][o])
                            .isNotEqualTo(raw[i][o])
                            .isCloseTo(raw[i][o], within(Math.scalb(0.5, -bits)));
                }
            }
        }
        Compilation unknown = ModelCompiler.compile(
                graph,
                options()
                        .inputRange(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)
                        .build());
        assertThatThrownBy(() -> unknown.clientSpec().requirePublishable())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("sample images");
    }

    @Test
    void publication_specificationThatPromisesTooMuch_isBoundedByTheNoiseItself() throws IOException {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(6));
        double[][] images = images(3, graph.inputShape().size(), 6);
        Compilation compiled = ModelCompiler.compile(graph, options().build(), ImageBatch.of(images));
        Path honest = folder.resolve("honest.veil");
        compiled.clientSpec().write(honest);
        Path promising = withFrames(honest, FileKind.CLIENT_SPEC, List.of("SPC2"), out -> {
            for (double x : new double[] {-1, 1, 4096, 1000}) {
                out.writeDouble(x);
            }
        });
        ClientSpec spec = ClientSpec.read(promising);
        assertThat(spec.publishableBits()).isEqualTo(40);
        try (ModelClient client = ModelClient.create(spec, SecurityLevel.INSECURE_TEST);
                ModelClient other = ModelClient.create(spec, SecurityLevel.INSECURE_TEST)) {
            EncryptedTensor input = client.encrypt(ImageBatch.of(images), null);
            EncryptedTensor output = ModelServer.create(compiled.model(), client.evaluationKeys())
                    .infer(input, InferenceListener.NONE);
            PublishedOutputs published = client.decryptForPublication(output);
            double[][] want = reference(graph, images);
            double error =
                    PrecisionStats.of(flat(want), flat(client.decrypt(output))).maxError();
            assertThat(published.bits()).isBetween(10, 25);
            assertThat(published.rows()[2][1])
                    .isCloseTo(want[2][1], within(error + Math.scalb(0.5, -published.bits())));
            ModelServer others = ModelServer.create(compiled.model(), other.evaluationKeys());
            assertThatThrownBy(() -> others.infer(input, InferenceListener.NONE))
                    .isInstanceOf(KeyPairMismatchException.class)
                    .hasMessageContaining("key pair");
            // As in files of earlier versions, which do not say whose they are: then the noise tells.
            EncryptedTensor unnamed =
                    new EncryptedTensor(input.layout(), input.images(), input.model(), input.ciphertexts());
            EncryptedTensor answer = others.infer(unnamed, InferenceListener.NONE);
            EncryptedTensor foreign =
                    new EncryptedTensor(answer.layout(), answer.images(), answer.model(), answer.ciphertexts());
            assertThatThrownBy(() -> client.decryptForPublication(foreign))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("too noisy");
        }
    }

    @Test
    void files_withAndWithoutRanges_areRead() throws IOException {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(8));
        Compilation compiled = ModelCompiler.compile(
                graph,
                options().build(),
                ImageBatch.of(images(2, graph.inputShape().size(), 8)));
        Path model = folder.resolve("model.veil");
        Path spec = folder.resolve("client.veil");
        compiled.model().write(model);
        compiled.clientSpec().write(spec);
        assertThat(CompiledModel.read(model).ranges())
                .isEqualTo(compiled.report().ranges());
        ClientSpec read = ClientSpec.read(spec);
        assertThat(read.estimatedPrecisionBits())
                .isEqualTo(compiled.report().ranges().estimatedPrecisionBits());
        assertThat(read.outputCapacity()).isEqualTo(compiled.report().ranges().outputCapacity());
        assertThat(read.inputLow()).isEqualTo(-1);
        assertThat(read.inputHigh()).isEqualTo(1);
        Path old = withFrames(spec, FileKind.CLIENT_SPEC, List.of("SPC2"));
        assertThat(ClientSpec.read(old).outputCapacity()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(ClientSpec.read(old).publishableBits()).isNegative();
        Path oldModel = withFrames(model, FileKind.MODEL, List.of("PLAN"));
        assertThat(CompiledModel.read(oldModel).ranges()).isNull();
        assertThat(CompiledModel.read(oldModel).fingerprint())
                .isEqualTo(compiled.model().fingerprint());
        Path strange = withFrames(spec, FileKind.CLIENT_SPEC, List.of("SPC2", "RANG", "RANG"));
        assertThatThrownBy(() -> ClientSpec.read(strange)).isInstanceOf(CorruptDataException.class);
    }

    /** A copy of a file with the first frame of each of these tags. */
    private Path withFrames(Path file, FileKind kind, List<String> tags) throws IOException {
        return withFrames(file, kind, tags, null);
    }

    private interface Content {
        void write(DataOutput out) throws IOException;
    }

    private Path withFrames(Path file, FileKind kind, List<String> tags, @Nullable Content ranges) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        Path copy = folder.resolve("copy-" + tags.size() + "-" + file.getFileName());
        for (String tag : tags) {
            try (FrameReader reader = FrameReader.open(file, kind)) {
                String found = reader.nextFrame();
                while (!tag.equals(found)) {
                    reader.skipFrame();
                    found = reader.nextFrame();
                }
                frames.add(remaining(reader));
            }
        }
        try (FrameReader reader = FrameReader.open(file, kind);
                FrameWriter writer = FrameWriter.create(copy, kind, reader.parameters())) {
            for (int i = 0; i < tags.size(); i++) {
                writer.beginFrame(tags.get(i));
                writer.out().write(frames.get(i));
                writer.endFrame();
            }
            if (ranges != null) {
                writer.beginFrame("RANG");
                ranges.write(writer.out());
                writer.endFrame();
            }
            writer.commit();
        }
        return copy;
    }

    private static byte[] remaining(FrameReader reader) throws IOException {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        while (true) {
            try {
                bytes.write(reader.in().readUnsignedByte());
            } catch (CorruptDataException end) {
                return bytes.toByteArray();
            }
        }
    }
}
