package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameReader;

/** Key files whose checksums are right, but whose content is not. */
class EvaluationKeysBadFileTest {
    private static final long SEED = 20261204;

    @TempDir
    Path folder;

    private final RlweParameters p = Fixtures.parameters(10, 6, 3);
    private final EvaluationKeys keys =
            keys(KeyRequest.none().withRotation(1, 5).withRotation(7, 3));
    private Path file = Path.of("");

    private EvaluationKeys keys(KeyRequest wanted) {
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
        return generator.evaluationKeys(generator.secretKey(), wanted);
    }

    @BeforeEach
    void name() {
        file = folder.resolve("evaluation.keys");
    }

    private void assertBothRefuse(String words, KeyFiles.Content content) throws IOException {
        KeyFiles.write(file, p, content);
        assertThatThrownBy(() -> {
                    try (EvaluationKeyFile lazy = EvaluationKeyFile.open(file, p, 0)) {
                        for (KeyName name : lazy.contents().levels().keySet()) {
                            KeyFiles.get(lazy, name, 0);
                        }
                    } catch (UncheckedIOException e) {
                        throw e.getCause();
                    }
                })
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(words);
        assertThatThrownBy(() -> {
                    try (FrameReader reader = FrameReader.open(file, FileKind.EVALUATION_KEYS)) {
                        EvaluationKeys.read(reader, p);
                        reader.expectEnd();
                    }
                })
                .isInstanceOf(CorruptDataException.class);
    }

    @Test
    void files_whoseListAndKeysDisagree_areCorrupt() throws IOException {
        KeyName one = KeyName.rotation(1);
        KeyName seven = KeyName.rotation(7);
        SeededKey high = keys.rotation(1, 5).seeded();
        SeededKey low = keys.rotation(7, 3).seeded();
        KeyRequest list = KeyRequest.none().withRotation(1, 5).withRotation(7, 5);
        // Twice the same key; a key of another level; keys exchanged; one too few; one too many; no list.
        assertBothRefuse("header's list", w -> {
            EvaluationKeyFormat.writeHeader(w, p, list, null);
            EvaluationKeyFormat.writeKey(w, one, 5, high::write);
            EvaluationKeyFormat.writeKey(w, one, 4, high::write);
        });
        assertBothRefuse("rotation key for steps=7", w -> {
            EvaluationKeyFormat.writeHeader(w, p, list, null);
            EvaluationKeyFormat.writeKey(w, one, 5, high::write);
            EvaluationKeyFormat.writeKey(w, one, 5, high::write);
        });
        assertBothRefuse("up to level 5 in", w -> {
            EvaluationKeyFormat.writeHeader(w, p, list, null);
            EvaluationKeyFormat.writeKey(w, one, 5, high::write);
            EvaluationKeyFormat.writeKey(w, seven, 5, low::write);
        });
        assertBothRefuse("header's list", w -> {
            EvaluationKeyFormat.writeHeader(w, p, list, null);
            EvaluationKeyFormat.writeKey(w, one, 5, high::write);
            EvaluationKeyFormat.writeKey(w, seven, 3, high::write);
        });
        assertBothRefuse("one of 2", w -> {
            EvaluationKeyFormat.writeHeader(w, p, list, null);
            EvaluationKeyFormat.writeKey(w, one, 5, high::write);
        });
        assertBothRefuse("one of 1", w -> {
            EvaluationKeyFormat.writeHeader(w, p, KeyRequest.none().withRotation(1, 5), null);
            EvaluationKeyFormat.writeKey(w, one, 5, high::write);
            EvaluationKeyFormat.writeKey(w, seven, 3, low::write);
        });
        assertBothRefuse("CONK", w -> {
            EvaluationKeyFormat.writeHeader(w, p, KeyRequest.none().withRelinearization(5), null);
            EvaluationKeyFormat.writeKey(w, KeyName.CONJUGATION, 5, high::write);
        });
        assertBothRefuse("EKH2", w -> EvaluationKeyFormat.writeKey(w, one, 5, high::write));
        assertBothRefuse("EKH2", w -> {});
    }

    @Test
    void files_ofEarlierVersionsThatAreWrong_areCorrupt() throws IOException {
        EvaluationKeys old = keys(KeyRequest.none().withRotations(List.of(1, 5), 3));
        assertBothRefuse("maxLevel", w -> KeyFiles.writeOld(w, old, 6, 2));
        assertBothRefuse("maxLevel", w -> KeyFiles.writeOld(w, old, -1, 2));
        assertBothRefuse("key count", w -> KeyFiles.writeOld(w, old, 3, 514));
        assertBothRefuse("one of 3", w -> KeyFiles.writeOld(w, old, 3, 3));
        assertBothRefuse("up to level 2 in", w -> KeyFiles.writeOld(w, old, 2, 2));
        assertBothRefuse("it twice", w -> {
            KeyFiles.writeOld(w, old, 3, 3);
            KeyFiles.writeOldKey(w, old, KeyName.rotation(5));
        });
    }
}
