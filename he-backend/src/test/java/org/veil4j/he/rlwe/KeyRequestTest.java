package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.PayloadReader;

class KeyRequestTest {
    private static final long SEED = 20261201;

    /** N/2 = 512, levels 0 to 5. */
    private final RlweParameters p = Fixtures.parameters(10, 6, 3);

    @Test
    void with_theSameKeyTwice_keepsTheHigherLevel() {
        KeyRequest request = KeyRequest.none()
                .withRelinearization(3)
                .withRelinearization(1)
                .withRotation(7, 2)
                .withRotations(List.of(7, -1), 4)
                .withRotation(7, 0)
                .withConjugation(0)
                .withConjugation(5);
        assertThat(request.relinearizationLevel()).isEqualTo(3);
        assertThat(request.conjugationLevel()).isEqualTo(5);
        assertThat(request.rotations()).containsExactly(entry(-1, 4), entry(7, 4));
        assertThat(request.and(KeyRequest.none())).isEqualTo(request);
        assertThat(request.and(KeyRequest.none().withRotation(-1, 5).withRelinearization(2)))
                .isEqualTo(request.withRotation(-1, 5));
    }

    @Test
    void with_noLevel_isTheHighestOfTheParameters() {
        KeyRequest request =
                KeyRequest.none().withRelinearization().withRotations(3, 4).withConjugation();
        assertThat(request.under(p))
                .isEqualTo(KeyRequest.none()
                        .withRelinearization(5)
                        .withRotations(List.of(3, 4), 5)
                        .withConjugation(5));
        assertThat(request.withRotation(3, 2)).isEqualTo(request);
        assertThat(KeyRequest.none().relinearization()).isFalse();
        assertThat(KeyRequest.none().conjugation()).isFalse();
        assertThat(KeyRequest.none().keyCount(p)).isZero();
        assertThat(KeyRequest.none().sizeBytes(p)).isZero();
    }

    @Test
    void under_stepsOfOneRotation_keepTheHighestLevel() {
        KeyRequest request = KeyRequest.none()
                .withRotation(-1, 1)
                .withRotation(511, 3)
                .withRotation(1023, 2)
                .withRotation(512, 4)
                .withRotation(0, 5);
        assertThat(request.under(p).rotations()).containsExactly(entry(511, 3));
        assertThat(request.under(p).under(p)).isEqualTo(request.under(p));
        assertThat(request.keyCount(p)).isOne();
        assertThat(request.sizeBytes(p)).isEqualTo(KeySwitchKey.sizeBytes(p, 3));
        assertThat(request.serializedBytes(p)).isEqualTo(KeySwitchKey.serializedBytes(p, 3));
    }

    @Test
    void sizes_anyRequest_areTheSumOverItsKeys() {
        KeyRequest request =
                KeyRequest.none().withRelinearization(5).withRotation(1, 2).withConjugation(0);
        assertThat(request.keyCount(p)).isEqualTo(3);
        assertThat(request.sizeBytes(p))
                .isEqualTo(KeySwitchKey.sizeBytes(p, 5) + KeySwitchKey.sizeBytes(p, 2) + KeySwitchKey.sizeBytes(p, 0))
                .isLessThan(3 * KeySwitchKey.sizeBytes(p, 5));
    }

    @Test
    void levels_negativeOrAboveTheTop_areRefused() {
        KeyRequest none = KeyRequest.none();
        for (int level : new int[] {-1, -2, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> none.withRelinearization(level)).hasMessageContaining("level=" + level);
            assertThatThrownBy(() -> none.withRotation(1, level)).hasMessageContaining("level=" + level);
            assertThatThrownBy(() -> none.withConjugation(level)).hasMessageContaining("level=" + level);
            assertThatThrownBy(() -> new KeyRequest(-1, new TreeMap<>(Map.of(1, level)), -1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new KeyRequest(-2, new TreeMap<>(), -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new KeyRequest(-1, new TreeMap<>(), -2)).isInstanceOf(IllegalArgumentException.class);
        for (KeyRequest high : List.of(none.withRelinearization(6), none.withRotation(9, 6), none.withConjugation(6))) {
            assertThatThrownBy(() -> high.sizeBytes(p))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("level=6 of the")
                    .hasMessageContaining("0 to 5");
        }
    }

    @Test
    void rotations_ofARequest_cannotBeChanged() {
        KeyRequest request = KeyRequest.none().withRotation(1, 1);
        assertThatThrownBy(() -> request.rotations().put(2, 1)).isInstanceOf(UnsupportedOperationException.class);
    }

    private byte[] bytes(KeyRequest request) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        request.write(new DataOutputStream(bytes), p);
        return bytes.toByteArray();
    }

    @Test
    void writtenAndRead_randomRequests_areTheSame() throws IOException {
        Random random = new Random(SEED);
        for (int trial = 0; trial < 50; trial++) {
            KeyRequest request = KeyRequest.none();
            for (int k = random.nextInt(20); k > 0; k--) {
                request = request.withRotation(random.nextInt(2000) - 1000, random.nextInt(6));
            }
            request = random.nextBoolean() ? request.withRelinearization(random.nextInt(6)) : request;
            request = random.nextBoolean() ? request.withConjugation() : request;
            assertThat(KeyRequest.read(PayloadReader.of(bytes(request)), p))
                    .as("seed %d, trial %d", SEED, trial)
                    .isEqualTo(request.under(p));
        }
    }

    @Test
    void read_badContent_isCorrupt() throws IOException {
        byte[] good = bytes(KeyRequest.none().withRelinearization(2).withRotations(List.of(5, 9), 3));
        int[][] changes = {
            {0, 6},
            {0, -2},
            {4, 6},
            {4, -2},
            {8, -1},
            {8, 3},
            {8, 512},
            {8, Integer.MAX_VALUE},
            {12, 0},
            {12, -5},
            {12, 9},
            {12, 10},
            {16, -1},
            {16, 6},
            {20, 512},
            {20, 5},
            {20, 4},
            {24, 6}
        };
        for (int[] change : changes) {
            byte[] bad = good.clone();
            ByteBuffer.wrap(bad).putInt(change[0], change[1]);
            assertThatThrownBy(() -> KeyRequest.read(PayloadReader.of(bad), p))
                    .as("%d at %d", change[1], change[0])
                    .isInstanceOf(CorruptDataException.class);
        }
        for (int length = 0; length < good.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(good, length);
            assertThatThrownBy(() -> KeyRequest.read(PayloadReader.of(cut), p))
                    .as("cut at %d", length)
                    .isInstanceOf(CorruptDataException.class);
        }
    }
}
