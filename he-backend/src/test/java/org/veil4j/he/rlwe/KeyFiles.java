package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameWriter;

/** Files of evaluation keys, good and bad, with right checksums. */
final class KeyFiles {
    private KeyFiles() {}

    interface Content {
        void write(FrameWriter writer) throws IOException;
    }

    static Path write(Path file, RlweParameters p, Content content) throws IOException {
        try (FrameWriter writer = FrameWriter.create(file, FileKind.EVALUATION_KEYS, p.fingerprint())) {
            content.write(writer);
            writer.commit();
        }
        return file;
    }

    /** As earlier versions wrote them: one level for all keys. */
    static void writeOld(FrameWriter writer, EvaluationKeys keys, int level, int count) throws IOException {
        writer.beginFrame("EKHD");
        keys.parameters().fingerprint().write(writer.out());
        writer.out().writeInt(level);
        writer.out().writeInt(count);
        writer.endFrame();
        for (KeyName name : keys.contents().levels().keySet()) {
            writeOldKey(writer, keys, name);
        }
    }

    static void writeOldKey(FrameWriter writer, EvaluationKeys keys, KeyName name) throws IOException {
        writer.beginFrame(name.tag());
        if (name.kind() == KeyName.Kind.ROTATION) {
            writer.out().writeInt(name.steps());
        }
        get(keys, name, 0).seeded().write(writer.out());
        writer.endFrame();
    }

    static KeySwitchKey get(EvaluationKeys keys, KeyName name, int level) {
        return switch (name.kind()) {
            case RELINEARIZATION -> keys.relinearization(level);
            case ROTATION -> keys.rotation(name.steps(), level);
            case CONJUGATION -> keys.conjugation(level);
        };
    }

    /** Same keys, same levels, same residues. */
    static void assertSame(EvaluationKeys have, EvaluationKeys want) {
        assertThat(have.contents()).isEqualTo(want.contents());
        for (Map.Entry<KeyName, Integer> key : want.contents().levels().entrySet()) {
            int level = key.getValue();
            assertSame(get(have, key.getKey(), level), get(want, key.getKey(), level), want.parameters(), level);
        }
    }

    static void assertSame(KeySwitchKey a, KeySwitchKey b, RlweParameters p, int level) {
        assertThat(a.maxLevel()).isEqualTo(b.maxLevel());
        for (int limb = 0; limb <= level + p.p().size(); limb++) {
            assertThat(Arrays.deepEquals(a.b(limb, level), b.b(limb, level))).isTrue();
            assertThat(Arrays.deepEquals(a.a(limb, level), b.a(limb, level))).isTrue();
        }
    }
}
