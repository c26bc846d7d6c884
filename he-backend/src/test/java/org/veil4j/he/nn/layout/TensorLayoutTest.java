package org.veil4j.he.nn.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.TensorShape;

class TensorLayoutTest {
    private static final TensorShape SHAPE = new TensorShape(1, 1, 3);

    private static double value(int image, int element) {
        return 10 * image + element + 1;
    }

    /** Two images in two ciphertexts of eight slots: gaps, copies, and a run over the end of a ciphertext. */
    private static SlotLayout small() {
        return SlotLayout.of(SHAPE, 2, new int[][] {{5, -1, 0, 0, 0, -1, 1, 2}, {3, 4, -1, -1, 2, -1, 1, 0}});
    }

    private static byte[] bytes(TensorLayout layout) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        layout.write(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    @Test
    void pack_batch_isOneElementOfEveryImage() {
        BatchLayout layout = new BatchLayout(SHAPE, 8);
        assertThat(layout.images()).isEqualTo(8);
        assertThat(layout.ciphertexts()).isEqualTo(3);
        assertThat(layout.pack(TensorLayoutTest::value, 2, 1)).containsExactly(2, 12);
        List<String> seen = new ArrayList<>();
        layout.visit(2, 1, (slot, image, element) -> seen.add(slot + " " + image + " " + element));
        assertThat(seen).containsExactly("0 0 1", "1 1 1");
    }

    @Test
    void pack_slotLayout_fillsCopiesAndLeavesTheRestZero() {
        SlotLayout layout = small();
        assertThat(layout.ciphertexts()).isEqualTo(2);
        assertThat(layout.slots()).isEqualTo(8);
        assertThat(layout.pack(TensorLayoutTest::value, 2, 0)).containsExactly(13, 0, 1, 1, 1, 0, 2, 3);
        assertThat(layout.pack(TensorLayoutTest::value, 2, 1)).containsExactly(11, 12, 0, 0, 3, 0, 2, 1);
        assertThat(layout.pack(TensorLayoutTest::value, 1, 1))
                .as("one image of two")
                .containsExactly(0, 0, 0, 0, 3, 0, 2, 1);
        List<String> seen = new ArrayList<>();
        layout.visit(1, 1, (slot, image, element) -> seen.add(slot + " " + image + " " + element));
        assertThat(seen).containsExactly("4 0 2", "6 0 1", "7 0 0");
    }

    @Test
    void unpack_copies_readsTheFirst() {
        double[][] slots = {{100, 101, 102, 103, 104, 105, 106, 107}, {110, 111, 112, 113, 114, 115, 116, 117}};
        assertThat(small().unpack(slots, 2)).isDeepEqualTo(new double[][] {{102, 106, 107}, {110, 111, 100}});
        assertThat(small().unpack(slots, 1)).isDeepEqualTo(new double[][] {{102, 106, 107}});
        assertThat(new BatchLayout(TensorShape.vector(2), 8).unpack(slots, 2))
                .isDeepEqualTo(new double[][] {{100, 110}, {101, 111}});
    }

    @Test
    void unpack_afterPack_givesTheImagesBack() {
        for (TensorLayout layout : List.of(small(), new BatchLayout(SHAPE, 8))) {
            for (int images = 1; images <= 2; images++) {
                double[][] slots = new double[layout.ciphertexts()][];
                for (int c = 0; c < slots.length; c++) {
                    slots[c] = Arrays.copyOf(layout.pack(TensorLayoutTest::value, images, c), layout.slots());
                }
                assertThat(layout.unpack(slots, images))
                        .isDeepEqualTo(Arrays.copyOf(new double[][] {{1, 2, 3}, {11, 12, 13}}, images));
            }
        }
    }

    @Test
    void requireImages_outOfRange_isRefused() {
        assertThatThrownBy(() -> small().pack(TensorLayoutTest::value, 3, 0)).hasMessageContaining("images=3");
        assertThatThrownBy(() -> small().unpack(new double[2][8], 0)).hasMessageContaining("images=0");
        assertThatThrownBy(() -> new BatchLayout(SHAPE, 8).pack(TensorLayoutTest::value, 9, 0))
                .hasMessageContaining("images=9");
        assertThatThrownBy(() -> new BatchLayout(SHAPE, 0)).hasMessageContaining("slots=0");
    }

    @Test
    void of_badMaps_areRefused() {
        assertRefused("at least one ciphertext", 1);
        assertRefused("at least one slot", 1, new int[0]);
        assertRefused("map[1]: has 2 slots", 1, new int[] {0, 1, 2}, new int[] {0, 1});
        assertRefused("map[0][1]=3: must be -1 to 2", 1, new int[] {0, 3, 2});
        assertRefused("map[0][1]=-2", 1, new int[] {0, -2, 2});
        assertRefused("element 1 of image 0", 1, new int[] {0, -1, 2});
        assertRefused("element 2 of image 1", 2, new int[] {0, 1, 2, 3, 4, 0});
        assertRefused("images=0", 0, new int[] {-1, -1, -1});
        assertRefused("images=2", 2, new int[] {0, 1, 2});
        assertRefused("at most 16777216", 1, new int[1 << 23], new int[1 << 23], new int[1 << 23]);
    }

    private static void assertRefused(String words, int images, int[]... map) {
        assertThatThrownBy(() -> SlotLayout.of(SHAPE, images, map))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }

    @Test
    void of_mapChangedLater_staysAsItWas() {
        int[][] map = {{0, 1, 2, -1}};
        SlotLayout layout = SlotLayout.of(SHAPE, 1, map);
        map[0][3] = 1;
        assertThat(layout.at(0, 3)).isEqualTo(SlotLayout.UNUSED);
        assertThat(layout).isNotEqualTo(SlotLayout.of(SHAPE, 1, map));
        assertThat(layout.firstSlot(0, 2)).isEqualTo(2);
    }

    @Test
    void read_written_isEqual() throws IOException {
        long seed = 5;
        Random random = new Random(seed);
        List<TensorLayout> layouts = new ArrayList<>(List.of(small(), new BatchLayout(SHAPE, 8)));
        for (int trial = 0; trial < 20; trial++) {
            int images = 1 + random.nextInt(4);
            int[][] map = new int[1 + random.nextInt(3)][64];
            for (int[] row : map) {
                for (int s = 0; s < row.length; s++) {
                    row[s] = random.nextInt(3 * images + 1) - 1;
                }
            }
            for (int p = 0; p < 3 * images; p++) {
                map[0][p] = p;
            }
            layouts.add(SlotLayout.of(SHAPE, images, map));
        }
        for (TensorLayout layout : layouts) {
            TensorLayout read = TensorLayout.read(PayloadReader.of(bytes(layout)), layout.slots());
            assertThat(read).as("seed %d, %s", seed, layout).isEqualTo(layout).hasSameHashCodeAs(layout);
        }
    }

    @Test
    void write_plainOrder_takesFewBytes() throws IOException {
        int[][] map = new int[4][1 << 12];
        for (int c = 0; c < map.length; c++) {
            Arrays.setAll(map[c], s -> s < 784 ? s : -1);
        }
        assertThat(bytes(SlotLayout.of(TensorShape.vector(784), 1, map))).hasSizeLessThan(80);
    }

    @Test
    void read_cutAnywhereOrAnotherSize_isCorrupt() throws IOException {
        byte[] bytes = bytes(small());
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> TensorLayout.read(PayloadReader.of(cut), 8))
                    .as("cut at %d", length)
                    .isInstanceOf(CorruptDataException.class);
        }
        assertThatThrownBy(() -> TensorLayout.read(PayloadReader.of(bytes), 16))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("slots");
    }

    @Test
    void read_anyByteChanged_isCorruptOrAValidLayout() throws IOException {
        byte[] bytes = bytes(small());
        int refused = 0;
        for (int at = 0; at < bytes.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = bytes.clone();
                changed[at] ^= (byte) (1 << bit);
                try {
                    assertThat(TensorLayout.read(PayloadReader.of(changed), 8).slots())
                            .isEqualTo(8);
                } catch (CorruptDataException e) {
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(bytes.length);
    }
}
