package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.SecurityLevel;

/** The list of keys in a client's specification, now and in files of earlier versions. */
class ClientSpecKeysTest {
    /** The list of keys without rotations, and no notes: what ends the specification of a small network. */
    private static final int KEYS_AND_NOTES = 12 + 4;

    @TempDir
    Path folder;

    private Path file = Path.of("");
    private ClientSpec spec = compiled();

    private static ClientSpec compiled() {
        return ModelCompiler.compile(
                        ReferenceNetwork.smallCryptoNet(new Random(1)),
                        CompileOptions.builder()
                                .logN(10)
                                .security(SecurityLevel.INSECURE_TEST)
                                .build())
                .clientSpec();
    }

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("client.veil");
        spec.write(file);
    }

    private interface Content {
        void write(DataOutput out) throws IOException;
    }

    /** The specification with another list of keys. */
    private Path withKeys(String tag, Content keys) throws IOException {
        Path changed = folder.resolve("changed.veil");
        try (FrameReader reader = FrameReader.open(file, FileKind.CLIENT_SPEC)) {
            reader.expectFrame("SPC2");
            int length = (int) reader.skipFrame();
            try (FrameReader again = FrameReader.open(file, FileKind.CLIENT_SPEC);
                    FrameWriter writer = FrameWriter.create(changed, FileKind.CLIENT_SPEC, reader.parameters())) {
                again.expectFrame("SPC2");
                byte[] payload = again.in().readBytes(length, length);
                writer.beginFrame(tag);
                writer.out().write(Arrays.copyOf(payload, length - KEYS_AND_NOTES));
                keys.write(writer.out());
                writer.out().writeInt(0);
                writer.endFrame();
                writer.commit();
            }
        }
        return changed;
    }

    @Test
    void read_levelOfEachKey_isAsWritten() throws IOException {
        assertThat(spec.notes()).isEmpty();
        assertThat(spec.keys().relinearizationLevel()).isPositive();
        assertThat(ClientSpec.read(file).keys()).isEqualTo(spec.keys());
        KeyRequest keys = KeyRequest.none()
                .withRelinearization(1)
                .withRotation(5, 2)
                .withRotation(-3, 1)
                .withConjugation(0);
        Path changed = withKeys("SPC2", out -> keys.write(out, spec.parameters()));
        assertThat(ClientSpec.read(changed).keys()).isEqualTo(keys.under(spec.parameters()));
    }

    @Test
    void read_fileOfAnEarlierVersion_hasItsOneLevelForAllKeys() throws IOException {
        Path old = withKeys("SPEC", out -> oldKeys(out, true, true, 2, 1, -3));
        assertThat(ClientSpec.read(old).keys())
                .isEqualTo(KeyRequest.none()
                        .withRelinearization(2)
                        .withRotations(List.of(1, -3), 2)
                        .withConjugation(2));
        int top = spec.parameters().maxLevel();
        old = withKeys("SPEC", out -> oldKeys(out, true, false, -1));
        assertThat(ClientSpec.read(old).keys()).isEqualTo(KeyRequest.none().withRelinearization(top));
    }

    private static void oldKeys(DataOutput out, boolean relinearization, boolean conjugation, int level, int... steps)
            throws IOException {
        out.writeBoolean(relinearization);
        out.writeBoolean(conjugation);
        out.writeInt(level);
        out.writeInt(steps.length);
        for (int s : steps) {
            out.writeInt(s);
        }
    }

    @Test
    void read_levelAboveTheTopOrForeignFrame_isCorrupt() throws IOException {
        int above = spec.parameters().maxLevel() + 1;
        Path old = withKeys("SPEC", out -> oldKeys(out, true, false, above));
        assertThatThrownBy(() -> ClientSpec.read(old))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("key level");
        Path now = withKeys("SPC2", out -> {
            out.writeInt(above);
            out.writeInt(-1);
            out.writeInt(0);
        });
        assertThatThrownBy(() -> ClientSpec.read(now))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("relinearisation level");
        Path foreign = withKeys("SPC9", out -> {});
        assertThatThrownBy(() -> ClientSpec.read(foreign)).hasMessageContaining("frame SPC9");
    }
}
