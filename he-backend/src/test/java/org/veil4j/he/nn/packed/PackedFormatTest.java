package org.veil4j.he.nn.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.veil4j.he.circuit.PlaintextForm;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.RandomGraphs;
import org.veil4j.he.nn.ReferenceNetwork;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.packed.DiagonalCover.Shift;
import org.veil4j.he.nn.packed.PackedStage.Activation;
import org.veil4j.he.rlwe.RlweParameters;

/** Packed plans as bytes: damaged, crafted, and as they were written. */
class PackedFormatTest {
    private static final int SLOTS = 512;
    private static final TensorShape INPUT = TensorShape.vector(4);

    private static byte[] bytes(PackedPlan plan) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PackedFormat.write(new DataOutputStream(bytes), plan);
        return bytes.toByteArray();
    }

    private static Placement placement(int slots, int size) {
        return Placement.vector(slots, size);
    }

    private static StageStructure stage(
            Activation activation, double @Nullable [] polynomial, int source, TensorShape shape) {
        return new StageStructure("s", new int[] {source}, activation, polynomial, shape);
    }

    private static StageLayout layout(Placement placement, int modulus, int fold, Shift shift, BabyGiantSplit split) {
        return new StageLayout(placement, modulus, fold, List.of(List.of(shift)), split);
    }

    private static final Placement FOUR = placement(SLOTS, 4);
    private static final BabyGiantSplit SPLIT = new BabyGiantSplit(SLOTS, 2, 0, false);
    private static final StageLayout LAYOUT = layout(FOUR, 4, 1, new Shift(0, 0, 0), SPLIT);
    private static final StageStructure SQUARE = stage(Activation.SQUARE, null, PackedStage.INPUT, INPUT);
    private static final StageStructure LAST = stage(Activation.NONE, null, PackedStage.result(0), INPUT);

    private static PackedPlan plan(StageStructure first, StageLayout layout, StageStructure last, int... levels) {
        return new PackedPlan(
                List.of(first, last),
                new PackedLayout(new Grid(SLOTS, 1, 1), FOUR, List.of(layout, LAYOUT)),
                1,
                levels,
                3,
                0x1p40,
                0x1p36);
    }

    private static PackedPlan plan(StageLayout layout) {
        return plan(SQUARE, layout, LAST, 3, 1);
    }

    private static PackedPlan plan(
            int images, Grid grid, Placement input, int level, double scale, double outputScale) {
        return new PackedPlan(
                List.of(SQUARE, LAST),
                new PackedLayout(grid, input, List.of(LAYOUT, LAYOUT)),
                images,
                new int[] {3, 1},
                level,
                scale,
                outputScale);
    }

    private static void assertCorrupt(PackedPlan plan, String words) throws IOException {
        byte[] bytes = bytes(plan);
        assertThatThrownBy(() -> PackedFormat.read(PayloadReader.of(bytes), SLOTS, INPUT))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(words);
    }

    private static PackedPlan read(byte[] bytes) throws IOException {
        PayloadReader in = PayloadReader.of(bytes);
        PackedPlan plan = PackedFormat.read(in, SLOTS, INPUT);
        in.expectEnd();
        return plan;
    }

    @Test
    void read_plannedNetworks_areTheSame() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            NetworkGraph graph = RandomGraphs.graph(new Random(seed));
            int images = 1 << seed % 3;
            PackedPlanner.Candidate planned;
            try {
                planned = PackedPlanner.plan(graph, PackedNetworksTest.settings(10, images));
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("use the batch layout");
                continue;
            }
            byte[] bytes = bytes(planned.plan());
            PackedPlan read = PackedFormat.read(PayloadReader.of(bytes), SLOTS, graph.inputShape());
            assertThat(bytes(read)).as("seed %d", seed).isEqualTo(bytes);
            assertThat(read.describe())
                    .as("seed %d", seed)
                    .isEqualTo(planned.plan().describe());
            assertThat(read.layout().steps())
                    .as("seed %d", seed)
                    .isEqualTo(planned.plan().layout().steps());
            assertThat(read.inputMap(graph.inputShape().size()))
                    .isDeepEqualTo(planned.plan().inputMap(graph.inputShape().size()));
            assertThat(read.outputMap()).isDeepEqualTo(planned.plan().outputMap());
            assertThat(PackedPlanner.count(planned.parameters(), read, PlaintextForm.RESIDUES, false)
                            .keyRequest())
                    .as("seed %d", seed)
                    .isEqualTo(planned.cost().keyRequest());
        }
    }

    @Test
    void read_fieldsThatMakeNoSense_areCorrupt() throws IOException {
        assertThat(bytes(read(bytes(plan(LAYOUT))))).isEqualTo(bytes(plan(LAYOUT)));
        Grid grid = new Grid(SLOTS, 1, 1);
        assertCorrupt(plan(0, grid, FOUR, 3, 2, 2), "images");
        assertCorrupt(plan(3, grid, FOUR, 3, 2, 2), "power of two");
        assertCorrupt(plan(2, grid, FOUR, 3, 2, 2), "slots of an image");
        assertCorrupt(plan(1024, grid, FOUR, 3, 2, 2), "images");
        assertCorrupt(plan(1, new Grid(SLOTS, 3, 1), FOUR, 3, 2, 2), "power of two");
        assertCorrupt(plan(1, new Grid(SLOTS, -8, 1), FOUR, 3, 2, 2), "rows");
        assertCorrupt(plan(1, new Grid(SLOTS, 32, 32), FOUR, 3, 2, 2), "32x32");
        assertCorrupt(plan(1, grid, FOUR, 0, 2, 2), "input level");
        assertCorrupt(plan(1, grid, FOUR, 128, 2, 2), "input level");
        assertCorrupt(plan(1, grid, FOUR, 3, Double.NaN, 2), "scale");
        assertCorrupt(plan(1, grid, FOUR, 3, 2, 0x1p101), "scale");
        assertCorrupt(plan(1, grid, new Placement(FOUR.at(), 3), 3, 2, 2), "power of two");
        assertCorrupt(plan(1, grid, new Placement(FOUR.at(), 2), 3, 2, 2), "slots for 4 elements");
        assertCorrupt(plan(1, grid, new Placement(new int[][] {{3, 2, 0, 0}}, 4), 3, 2, 2), "element 1");
        assertCorrupt(plan(1, grid, placement(SLOTS, 5), 3, 2, 2), "element in [-1, 3]");
        assertCorrupt(plan(1, grid, new Placement(placement(1024, 4).at(), 1024), 3, 2, 2), "period");
        assertCorrupt(plan(1, grid, new Placement(new int[][] {{-2, 0, 1, 2, 3}}, 4), 3, 2, 2), "element");
    }

    @Test
    void read_levelsAndSourcesThatDoNotFit_areCorrupt() throws IOException {
        assertCorrupt(plan(SQUARE, LAYOUT, LAST, 4, 1), "stage level");
        assertCorrupt(plan(SQUARE, LAYOUT, LAST, 3, 2), "stage level");
        assertCorrupt(plan(SQUARE, LAYOUT, LAST, 1, 1), "stage level");
        assertCorrupt(plan(SQUARE, LAYOUT, LAST, 3, 0), "stage level");
        assertCorrupt(plan(SQUARE, LAYOUT, LAST, 3, -1), "stage level");
        StageStructure tap = stage(Activation.NONE, null, PackedStage.tap(0), INPUT);
        read(bytes(plan(SQUARE, LAYOUT, tap, 3, 2))); // before the activation
        assertCorrupt(plan(SQUARE, LAYOUT, tap, 3, 3), "stage level");
        StageStructure cubic = stage(Activation.POLYNOMIAL, new double[] {0, 1, 0, 1}, PackedStage.INPUT, INPUT);
        assertCorrupt(plan(cubic, LAYOUT, LAST, 3, 1), "stage level");
        StageStructure constant = stage(Activation.POLYNOMIAL, new double[] {1}, PackedStage.INPUT, INPUT);
        assertCorrupt(plan(constant, LAYOUT, LAST, 3, 1), "coefficients");
        StageStructure high = stage(Activation.POLYNOMIAL, new double[33], PackedStage.INPUT, INPUT);
        assertCorrupt(plan(high, LAYOUT, LAST, 3, 1), "coefficients");
        assertCorrupt(plan(LAST, LAYOUT, LAST, 3, 1), "source");
        assertCorrupt(plan(SQUARE, LAYOUT, SQUARE, 3, 2), "activation");
        StageStructure early = stage(Activation.NONE, null, PackedStage.INPUT, INPUT);
        assertCorrupt(plan(early, LAYOUT, LAST, 3, 1), "activation");
        for (int source : new int[] {-2, 2, Integer.MAX_VALUE}) {
            assertCorrupt(plan(SQUARE, LAYOUT, stage(Activation.NONE, null, source, INPUT), 3, 1), "source");
        }
        StageStructure none = new StageStructure("s", new int[0], Activation.NONE, null, INPUT);
        assertCorrupt(plan(SQUARE, LAYOUT, none, 3, 1), "sources");
    }

    @Test
    void read_layoutsThatDoNotFit_areCorrupt() throws IOException {
        Shift zero = new Shift(0, 0, 0);
        for (int modulus : new int[] {0, 2, 5, 6, 1024, Integer.MIN_VALUE}) {
            assertCorrupt(plan(layout(FOUR, modulus, 1, zero, SPLIT)), "modulus");
        }
        for (int fold : new int[] {0, 3, 4, Integer.MIN_VALUE}) {
            assertCorrupt(plan(layout(FOUR, 8, fold, zero, SPLIT)), "fold");
        }
        for (int unit : new int[] {0, -1, 513}) {
            assertCorrupt(plan(layout(FOUR, 4, 1, zero, new BabyGiantSplit(SLOTS, unit, 0, false))), "unit");
        }
        for (int low : new int[] {-513, 513, Integer.MIN_VALUE}) {
            assertCorrupt(plan(layout(FOUR, 4, 1, zero, new BabyGiantSplit(SLOTS, 2, low, false))), "baby");
        }
        for (Shift shift : List.of(
                new Shift(1, 0, 0),
                new Shift(-1, 0, 0),
                new Shift(0, 1, 0),
                new Shift(0, 0, -1),
                new Shift(0, 0, 512))) {
            assertCorrupt(plan(layout(FOUR, 4, 1, shift, SPLIT)), "shift");
        }
        assertCorrupt(plan(new StageLayout(FOUR, 4, 1, List.of(List.of()), SPLIT)), "shift");
    }

    /** The same diagonal a million times over is twelve bytes each in a file, and as many slots in memory. */
    @Test
    void read_shiftsThatRepeat_areCorrupt() throws IOException {
        Shift zero = new Shift(0, 0, 0);
        StageLayout twice = new StageLayout(FOUR, 4, 1, List.of(List.of(zero, new Shift(0, 0, 1), zero)), SPLIT);
        assertCorrupt(plan(twice), "shift");
    }

    @Test
    void read_fewBytesThatAskForMuchMemory_areCorruptBeforeItIsThere() throws IOException {
        int slots = 1 << 15;
        // One slot is written, and stands for all slots of 4096 ciphertexts.
        int[][] at = new int[4096][1];
        Placement wide = new Placement(at, 1);
        PackedPlan manyCiphertexts = new PackedPlan(
                List.of(stage(Activation.NONE, null, PackedStage.INPUT, INPUT)),
                new PackedLayout(new Grid(slots, 1, 1), wide, List.of(LAYOUT)),
                1,
                new int[] {1},
                1,
                2,
                2);
        assertCheaplyCorrupt(manyCiphertexts, slots, TensorShape.vector(1));
        assertCheaplyCorrupt(manyCiphertexts, slots, TensorShape.vector(1 << 26));
    }

    private static void assertCheaplyCorrupt(PackedPlan plan, int slots, TensorShape input) throws IOException {
        byte[] bytes = bytes(plan);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        assertThatThrownBy(() -> PackedFormat.read(PayloadReader.of(bytes), slots, input))
                .isInstanceOf(CorruptDataException.class);
        long after = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        assertThat(after - before).as("bytes for a file of " + bytes.length).isLessThan(8 << 20);
    }

    @Test
    void read_truncatedAnywhere_isCorrupt() throws IOException {
        byte[] bytes = bytes(plan(LAYOUT));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> read(cut)).as("cut at %d", length).isInstanceOf(CorruptDataException.class);
        }
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(1));
        byte[] larger = bytes(
                PackedPlanner.plan(graph, PackedNetworksTest.settings(10, 1)).plan());
        Random random = new Random(2);
        for (int i = 0; i < 300; i++) {
            int length = random.nextInt(larger.length);
            assertThatThrownBy(() -> PackedFormat.read(
                            PayloadReader.of(Arrays.copyOf(larger, length)), SLOTS, graph.inputShape()))
                    .as("cut at %d", length)
                    .isInstanceOf(CorruptDataException.class);
        }
    }

    /** Every byte of a small plan is changed in many ways. */
    @Test
    void read_anyByteChanged_isCorruptOrAPlanThatCanBeCounted() throws IOException {
        StageStructure cubic = stage(Activation.POLYNOMIAL, new double[] {0, 1, 0, 1}, PackedStage.INPUT, INPUT);
        StageLayout folded =
                new StageLayout(FOUR, 16, 4, List.of(List.of(new Shift(0, 0, 1), new Shift(0, 0, 3))), SPLIT);
        PackedPlan plan = new PackedPlan(
                List.of(cubic, LAST),
                new PackedLayout(new Grid(SLOTS, 1, 1), FOUR, List.of(folded, LAYOUT)),
                1,
                new int[] {5, 1},
                5,
                0x1p40,
                0x1p36);
        RlweParameters parameters = RlweParameters.builder()
                .logN(10)
                .moduliBits(49, 30, 40, 40, 40, 30)
                .security(org.veil4j.he.rlwe.SecurityLevel.INSECURE_TEST)
                .build();
        byte[] bytes = bytes(plan);
        int valid = 0;
        for (int at = 0; at < bytes.length; at++) {
            for (int change = 1; change < 256; change = change * 2 - change / 8) {
                byte[] changed = bytes.clone();
                changed[at] ^= (byte) change;
                PackedPlan read;
                try {
                    read = read(changed);
                } catch (CorruptDataException e) {
                    continue;
                }
                valid++;
                if (read.inputLevel() <= parameters.maxLevel()) {
                    count(parameters, read);
                    assertThat(PackedMemory.runBytes(read, parameters, 2, false))
                            .isPositive();
                    assertThat(read.describe()).hasSize(2);
                }
            }
        }
        assertThat(valid).as("names and scales, for example, may be anything").isGreaterThan(20);
    }

    @Test
    void read_randomBytesOfAPlannedNetworkChanged_isCorruptOrAPlan() throws IOException {
        for (long seed = 0; seed < 4; seed++) {
            NetworkGraph graph = seed == 0
                    ? ReferenceNetwork.smallCryptoNet(new Random(seed))
                    : RandomGraphs.graph(new Random(100 + seed));
            PackedPlanner.Candidate planned;
            try {
                planned = PackedPlanner.plan(graph, PackedNetworksTest.settings(10, 2));
            } catch (IllegalArgumentException e) {
                continue;
            }
            byte[] bytes = bytes(planned.plan());
            Random random = new Random(seed);
            for (int trial = 0; trial < 300; trial++) {
                byte[] changed = bytes.clone();
                for (int k = random.nextInt(3); k >= 0; k--) {
                    changed[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? -1 : random.nextInt(256));
                }
                PackedPlan read;
                try {
                    read = PackedFormat.read(PayloadReader.of(changed), SLOTS, graph.inputShape());
                } catch (CorruptDataException e) {
                    continue;
                }
                if (read.inputLevel() <= planned.parameters().maxLevel()) {
                    count(planned.parameters(), read);
                }
            }
        }
    }

    /** A counted run, which is the first thing that a server does. */
    private static void count(RlweParameters parameters, PackedPlan plan) {
        try {
            PackedPlanner.count(parameters, plan, PlaintextForm.RESIDUES, false);
        } catch (IllegalArgumentException e) {
            assertThat(e)
                    .as("weights, and scales that do not go with the primes")
                    .hasMessageContaining("scale");
        }
    }
}
