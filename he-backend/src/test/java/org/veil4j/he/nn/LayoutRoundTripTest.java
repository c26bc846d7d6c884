package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.circuit.RangedSlots;
import org.veil4j.he.ckks.CkksParameters;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.BatchLayout;
import org.veil4j.he.nn.layout.SlotLayout;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecurityLevel;

/** Images through client and files in either layout, with the identity for a network. */
class LayoutRoundTripTest {
    private static final long SEED = 31;
    private static final double SCALE = 0x1p40;
    private static final TensorShape SHAPE = new TensorShape(2, 3, 3);
    private static final RlweParameters PARAMETERS =
            CkksParameters.insecureTest(10, 2).rlwe();
    private static final Fingerprint MODEL = Fingerprint.of(new byte[] {1});

    @TempDir
    Path folder;

    /** Three images in two ciphertexts: the first channel backwards with gaps, the second one in blocks of four copies. */
    private static SlotLayout slots(TensorShape shape) {
        int[][] map = new int[2][512];
        for (int[] row : map) {
            Arrays.fill(row, SlotLayout.UNUSED);
        }
        for (int i = 0; i < 3; i++) {
            for (int e = 0; e < 9; e++) {
                map[0][500 - 64 * i - 3 * e] = i * 18 + e;
                Arrays.fill(map[1], 128 * i + 4 * e, 128 * i + 4 * e + 4, i * 18 + 9 + e);
            }
        }
        return SlotLayout.of(shape, 3, map);
    }

    private static ClientSpec spec(TensorLayout input, TensorLayout output) {
        return new ClientSpec(
                PARAMETERS,
                MODEL,
                input,
                output,
                2,
                SCALE,
                new double[] {0.5, 1},
                new double[] {2, 4},
                KeyRequest.none(),
                List.of(),
                new ClientLimits(-1, 1, 1000, 20));
    }

    private static ClientSpec identity() {
        return spec(slots(SHAPE), slots(TensorShape.vector(18)));
    }

    private static double[][] images(int count) {
        Random random = new Random(SEED);
        double[][] images = new double[count][];
        for (int i = 0; i < count; i++) {
            images[i] = ReferenceNetwork.random(random, SHAPE.size(), 1);
        }
        return images;
    }

    private static EncryptedTensor asOutput(ClientSpec spec, EncryptedTensor input) {
        return new EncryptedTensor(spec.outputLayout(), input.images(), input.model(), input.ciphertexts());
    }

    private static void assertNormalised(double[][] have, double[][] images) {
        assertThat(have).hasDimensions(images.length, SHAPE.size());
        for (int i = 0; i < images.length; i++) {
            for (int e = 0; e < SHAPE.size(); e++) {
                double want = e < 9 ? (images[i][e] - 0.5) / 2 : (images[i][e] - 1) / 4;
                assertThat(have[i][e])
                        .as("seed %d, image %d, element %d", SEED, i, e)
                        .isCloseTo(want, within(1e-6));
            }
        }
    }

    @Test
    void encrypt_slotLayout_decryptsToTheImages() {
        ClientSpec spec = identity();
        assertThat(spec.images()).isEqualTo(3);
        assertThat(spec.batchBytes()).isEqualTo(2L * 16 * 1024 * 3);
        try (ModelClient client = ModelClient.create(spec, SecurityLevel.INSECURE_TEST)) {
            for (int count = 1; count <= 3; count++) {
                AtomicInteger most = new AtomicInteger();
                EncryptedTensor input =
                        client.encrypt(ImageBatch.of(images(count)), done -> most.accumulateAndGet(done, Math::max));
                assertThat(most).as("ciphertexts").hasValue(2);
                assertThat(input.sizeBytes()).isEqualTo(spec.batchBytes());
                assertNormalised(client.decrypt(asOutput(spec, input)), images(count));
            }
            assertThatThrownBy(() -> client.encrypt(ImageBatch.of(images(4)), null))
                    .hasMessageContaining("images=4");
            EncryptedTensor input = client.encrypt(ImageBatch.of(images(1)), null);
            assertThatThrownBy(() -> client.decrypt(input)).hasMessageContaining("must have slots of 3 x 18x1x1");
            assertThatThrownBy(() -> new EncryptedTensor(new BatchLayout(SHAPE, 512), 1, MODEL, input.ciphertexts()))
                    .hasMessageContaining("ciphertexts=2");
            assertThatThrownBy(() -> new EncryptedTensor(
                            new BatchLayout(TensorShape.vector(2), 256), 1, MODEL, input.ciphertexts()))
                    .hasMessageContaining("512 slots");
        }
    }

    @Test
    void files_slotLayout_giveTheImagesBack() throws IOException {
        ClientSpec spec = identity();
        Path specFile = folder.resolve("spec");
        Path inputs = folder.resolve("in");
        Path outputs = folder.resolve("out");
        spec.write(specFile);
        ClientSpec read = ClientSpec.read(specFile);
        assertThat(read.inputLayout()).isEqualTo(spec.inputLayout());
        assertThat(read.outputLayout()).isEqualTo(spec.outputLayout());
        assertThat(read.inputShape()).isEqualTo(SHAPE);
        assertThat(read.outputs()).isEqualTo(18);
        try (ModelClient client = ModelClient.create(read, SecurityLevel.INSECURE_TEST)) {
            AtomicInteger most = new AtomicInteger();
            client.encryptTo(ImageBatch.of(images(8)), inputs, done -> most.accumulateAndGet(done, Math::max));
            assertThat(most).as("ciphertexts of three batches").hasValue(6);
            try (TensorFileReader reader =
                            TensorFileReader.open(inputs, FileKind.INPUT, PARAMETERS, MODEL, spec.inputLayout());
                    TensorFileWriter writer = TensorFileWriter.create(
                            outputs, FileKind.OUTPUT, PARAMETERS, MODEL, spec.outputLayout(), null)) {
                EncryptedTensor first = Objects.requireNonNull(reader.next());
                assertThatThrownBy(() -> writer.write(first)).hasMessageContaining("of layout");
                EncryptedTensor batch = first;
                while (batch != null) {
                    writer.write(asOutput(spec, batch));
                    batch = reader.next();
                }
                writer.commit();
            }
            assertNormalised(client.decryptFile(outputs), images(8));
        }
        for (TensorLayout other : List.of(
                new BatchLayout(SHAPE, 512), SlotLayout.of(SHAPE, 3, new int[][] {firstSlots(54), firstSlots(0)}))) {
            assertThatThrownBy(() -> TensorFileReader.open(inputs, FileKind.INPUT, PARAMETERS, MODEL, other)
                            .close())
                    .as(other.toString())
                    .isInstanceOf(CorruptDataException.class);
        }
    }

    private static int[] firstSlots(int count) {
        int[] row = new int[512];
        Arrays.setAll(row, s -> s < count ? s : SlotLayout.UNUSED);
        return row;
    }

    @Test
    void read_layoutsOfOtherImages_areCorrupt() throws IOException {
        Path file = folder.resolve("spec");
        spec(slots(SHAPE), new BatchLayout(TensorShape.vector(18), 512)).write(file);
        assertThatThrownBy(() -> ClientSpec.read(file))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("results of 3 images");
    }

    @Test
    void write_batchLayout_addsNoFrames() throws IOException {
        ClientSpec spec = spec(new BatchLayout(SHAPE, 512), new BatchLayout(TensorShape.vector(18), 512));
        Path specFile = folder.resolve("spec");
        Path inputs = folder.resolve("in");
        spec.write(specFile);
        assertThat(frames(specFile)).containsExactly("SPC2", "RANG");
        try (ModelClient client = ModelClient.create(spec, SecurityLevel.INSECURE_TEST)) {
            client.encryptTo(ImageBatch.of(images(2)), inputs, null);
        }
        assertThat(frames(inputs)).containsExactly("HEAD", "KPAR", "BTCH");
        assertThat(ClientSpec.read(specFile).inputLayout()).isEqualTo(spec.inputLayout());
    }

    private static List<String> frames(Path file) throws IOException {
        List<String> tags = new ArrayList<>();
        try (FrameReader reader = FrameReader.open(file)) {
            for (String tag = reader.nextFrame(); tag != null; tag = reader.nextFrame()) {
                tags.add(tag);
            }
        }
        return tags;
    }

    @Test
    void ranges_slotLayout_coverWhateverIsInACiphertext() {
        CompileOptions options = CompileOptions.builder()
                .inputRange(-1, 1)
                .normalisation(new double[] {0.5, 1}, new double[] {2, 4})
                .build();
        double[][] images = images(7);
        ValueRanges ranges = RangeAnalysis.of(
                new RangeAnalysis.Subject<>(
                        PARAMETERS, slots(SHAPE), 2, SCALE, List.of("s"), 2, (algebra, input, listener) -> {
                            List<RangedSlots> output = input.stream()
                                    .map(x -> algebra.addConstant(x, 0))
                                    .toList();
                            listener.progress(0, 1, "s", 2, 2);
                            return output;
                        }),
                options,
                ImageBatch.of(images));
        assertThat(ranges.samples()).as("what a tensor holds").isEqualTo(3);
        assertThat(ranges.stages().get(0).largestPossible()).isCloseTo(0.75, within(1e-4));
        double largest = 0;
        for (int i = 0; i < 3; i++) {
            for (int e = 0; e < 18; e++) {
                largest = Math.max(largest, Math.abs(e < 9 ? (images[i][e] - 0.5) / 2 : (images[i][e] - 1) / 4));
            }
        }
        assertThat(ranges.stages().get(0).largestMeasured()).as("seed %d", SEED).isCloseTo(largest, within(1e-4));
    }
}
