package org.veil4j.he.ckks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.EvaluationKeyFile;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.KeySwitchKey;
import org.veil4j.he.rlwe.MissingEvaluationKeyException;

/** Computing with keys of different levels, and with keys that do not fit in memory together. */
class KeysInFileTest {
    private static final int[] STEPS = {1, 0, -1, 5, 100, 1, 6};

    @TempDir
    Path folder;

    private final Session s = new Session(
            CkksParameters.insecureTest(11, 4),
            KeyRequest.none()
                    .withRelinearization(4)
                    .withRotations(List.of(1, -1, 5), 3)
                    .withRotations(List.of(100, 6), 2),
            20261203);

    private static void assertSame(Ciphertext x, Ciphertext y) {
        for (int part = 0; part < 2; part++) {
            for (int limb = 0; limb <= x.level(); limb++) {
                assertThat(Arrays.equals(x.part(part).limb(limb), y.part(part).limb(limb)))
                        .isTrue();
            }
        }
    }

    @Test
    void rotateAll_keysLoadedOneByOne_equalsKeysInMemory() throws IOException {
        Path file = folder.resolve("keys");
        try (FrameWriter writer = FrameWriter.create(file, FileKind.EVALUATION_KEYS, s.parameters.fingerprint())) {
            s.keys.write(writer);
            writer.commit();
        }
        Ciphertext c = s.evaluator.dropLevel(s.encrypt(Session.random(s.slots, 1, 1)), 2);
        Ciphertext[] want = s.evaluator.rotateAll(c, STEPS);
        long size = KeySwitchKey.sizeBytes(s.parameters, 3);
        for (long budget : new long[] {0, size, 3 * size}) {
            try (EvaluationKeyFile keys = EvaluationKeyFile.open(file, s.parameters, budget)) {
                CkksEvaluator lazy = new CkksEvaluator(s.parameters, keys);
                Ciphertext[] have = lazy.rotateAll(c, STEPS);
                for (int i = 0; i < STEPS.length; i++) {
                    assertSame(have[i], want[i]);
                    assertSame(lazy.rotate(c, STEPS[i]), want[i]);
                }
                assertThat(keys.residentBytes()).isLessThanOrEqualTo(budget);
            }
        }
    }

    @Test
    void rotateAll_oneKeyTooLow_isRefusedBeforeAnyWork() {
        Ciphertext c = s.evaluator.dropLevel(s.encrypt(Session.random(s.slots, 1, 1)), 3);
        assertThatThrownBy(() -> s.evaluator.rotateAll(c, STEPS))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("steps=6 at level=3: the key reaches level 2 only");
        assertThat(s.evaluator.rotateAll(c, new int[] {1, -1, 5, 0})).hasSize(4);
    }
}
