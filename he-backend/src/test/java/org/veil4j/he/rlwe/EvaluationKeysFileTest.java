package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.ring.Workers;

/** Keys in memory and in files: the same keys, and what is wrong with a file is found. */
class EvaluationKeysFileTest {
    private static final long SEED = 20261202;
    private static final long ALL = Long.MAX_VALUE;

    @TempDir
    Path folder;

    /** N/2 = 512, levels 0 to 5, two primes a digit. */
    private final RlweParameters p = Fixtures.parameters(10, 6, 3);

    private final KeyRequest request = KeyRequest.none()
            .withRelinearization(4)
            .withRotation(1, 5)
            .withRotation(-1, 0)
            .withRotation(7, 3)
            .withRotation(32, 1)
            .withConjugation(2);
    private final EvaluationKeys keys = keys(SEED, request);
    private Path file = Path.of("");

    private EvaluationKeys keys(long seed, KeyRequest wanted) {
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(seed));
        return generator.evaluationKeys(generator.secretKey(), wanted);
    }

    @BeforeEach
    void write() throws IOException {
        file = KeyFiles.write(folder.resolve("evaluation.keys"), p, keys::write);
    }

    private EvaluationKeyFile open(long residentBytes) throws IOException {
        return EvaluationKeyFile.open(file, p, residentBytes);
    }

    @Test
    void evaluationKeys_levelOfEach_isAsAskedFor() {
        assertThat(keys.contents()).isEqualTo(request.under(p));
        assertThat(keys.rotation(7, 3).maxLevel()).isEqualTo(3);
        assertThat(keys.relinearization(0).maxLevel()).isEqualTo(4);
        assertThat(keys.sizeBytes()).isEqualTo(request.sizeBytes(p));
        assertThat(keys.count()).isEqualTo(6);
        assertThatThrownBy(() -> keys.rotation(32, 2))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("rotation key for steps=32 at level=2: the key reaches level 1 only")
                .hasMessageContaining("KeyRequest.withRotation(32, 2)");
        assertThatThrownBy(() ->
                        keys.requireAll(KeyRequest.none().withRelinearization(4).withRotation(512 + 33, 1)))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("rotation key for steps=33 at level=1: not among");
        assertThatThrownBy(() -> keys.requireAll(KeyRequest.none().withConjugation()))
                .hasMessageContaining("conjugation key at level=5: the key reaches level 2 only");
        assertThatThrownBy(() -> keys.rotation(32, -1)).isInstanceOf(IllegalArgumentException.class);
        keys.requireAll(request);
        assertThatThrownBy(() -> keys(SEED, KeyRequest.none().withRotation(3, 6)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("level=6 of the rotation key for steps=3");
    }

    @Test
    void lookups_inMemoryReadAndFromTheFile_giveEqualKeys() throws IOException {
        try (FrameReader reader = FrameReader.open(file, FileKind.EVALUATION_KEYS)) {
            KeyFiles.assertSame(EvaluationKeys.read(reader, p), keys);
            reader.expectEnd();
        }
        for (long budget : new long[] {0, 1, KeySwitchKey.sizeBytes(p, 3), ALL}) {
            try (EvaluationKeyFile lazy = open(budget)) {
                assertThat(lazy.residentBytes()).isZero();
                for (int round = 0; round < 2; round++) {
                    KeyFiles.assertSame(lazy, keys);
                    assertThat(lazy.residentBytes()).isLessThanOrEqualTo(budget);
                }
            }
        }
        assertThat(EvaluationKeyFile.contents(file)).isEqualTo(keys.contents());
        Path copy = folder.resolve("copy.keys");
        try (EvaluationKeyFile lazy = open(0)) {
            KeyFiles.write(copy, p, lazy::write);
        }
        assertThat(copy).hasSameBinaryContentAs(file);
    }

    @Test
    void writeEvaluationKeys_anyThreads_writesWhatIsInMemory() throws IOException {
        for (int threads : new int[] {1, 2, 3, 9}) {
            KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
            SecretKey secret = generator.secretKey();
            Path streamed = folder.resolve("streamed.keys");
            Workers.withThreads(threads, () -> {
                try {
                    return KeyFiles.write(streamed, p, w -> generator.writeEvaluationKeys(secret, request, w));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(streamed).as("threads=%d", threads).hasSameBinaryContentAs(file);
        }
    }

    @Test
    void writeEvaluationKeys_destroyedSecret_failsOnAllThreads() throws IOException {
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
        SecretKey secret = generator.secretKey();
        secret.close();
        try (FrameWriter writer =
                FrameWriter.to(new ByteArrayOutputStream(), FileKind.EVALUATION_KEYS, p.fingerprint())) {
            assertThatThrownBy(() -> Workers.withThreads(3, () -> {
                        try {
                            generator.writeEvaluationKeys(secret, request, writer);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        return 0;
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .isNotInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void cache_budgetOfThreeKeys_keepsTheLastUsed() throws IOException {
        EvaluationKeys equal = keys(SEED, KeyRequest.none().withRotations(1, 2, 3, 4, 5));
        KeyFiles.write(file, p, equal::write);
        long size = KeySwitchKey.sizeBytes(p, 5);
        try (EvaluationKeyFile lazy = open(3 * size + size / 2)) {
            KeySwitchKey one = lazy.rotation(1, 5);
            KeySwitchKey two = lazy.rotation(2, 0);
            lazy.rotation(3, 5);
            assertThat(lazy.residentBytes()).isEqualTo(3 * size);
            assertThat(lazy.rotation(1, 5)).isSameAs(one);
            lazy.rotation(4, 5); // in place of 2
            assertThat(lazy.residentBytes()).isEqualTo(3 * size);
            assertThat(lazy.rotation(1, 2)).isSameAs(one);
            assertThat(lazy.rotation(2, 5)).isNotSameAs(two);
            assertThat(lazy.residentBytes()).isEqualTo(3 * size);
        }
        try (EvaluationKeyFile lazy = open(size - 1)) {
            assertThat(lazy.rotation(1, 5)).isNotSameAs(lazy.rotation(1, 5));
            assertThat(lazy.residentBytes()).isZero();
        }
    }

    @Test
    void lookups_fromManyThreads_areRightWithinTheBudget() throws Exception {
        long budget = KeySwitchKey.sizeBytes(p, 5) + KeySwitchKey.sizeBytes(p, 1);
        List<KeyName> names = new ArrayList<>(keys.contents().levels().keySet());
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try (EvaluationKeyFile lazy = open(budget)) {
            List<Future<?>> jobs = new ArrayList<>();
            for (int t = 0; t < 6; t++) {
                Random random = new Random(SEED + t);
                jobs.add(threads.submit(() -> {
                    for (int i = 0; i < 40; i++) {
                        KeyName name = names.get(random.nextInt(names.size()));
                        int level = KeyLookup.reached(keys.contents(), name);
                        if (random.nextInt(4) == 0) {
                            lazy.prefetch(List.of(1, -1, 99), 0);
                        }
                        KeyFiles.assertSame(KeyFiles.get(lazy, name, level), KeyFiles.get(keys, name, level), p, level);
                        assertThat(lazy.residentBytes()).isLessThanOrEqualTo(budget);
                    }
                }));
            }
            for (Future<?> job : jobs) {
                job.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void lookups_oneKeyFromManyThreads_loadItOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (EvaluationKeyFile lazy = open(ALL)) {
            List<Future<KeySwitchKey>> jobs = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                jobs.add(threads.submit(() -> lazy.rotation(1, 5)));
            }
            KeySwitchKey first = jobs.get(0).get();
            for (Future<KeySwitchKey> job : jobs) {
                assertThat(job.get()).isSameAs(first);
            }
            assertThat(lazy.residentBytes()).isEqualTo(first.sizeBytes());
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void prefetch_keysThatFit_areLoadedAndNothingElseHappens() throws IOException {
        long size = KeySwitchKey.sizeBytes(p, 5) + KeySwitchKey.sizeBytes(p, 3);
        EvaluationKeyFile closed;
        try (EvaluationKeyFile lazy = open(size)) {
            closed = lazy;
            lazy.prefetch(List.of(1, 7, 32, 400), 0);
            // It loads what is not there by then: never more, whatever the background thread has done.
            assertThat(lazy.rotation(7, 3).maxLevel()).isEqualTo(3);
            assertThat(lazy.rotation(1, 5).maxLevel()).isEqualTo(5);
            assertThat(lazy.residentBytes()).isEqualTo(size);
        }
        closed.prefetch(List.of(1), 0);
        assertThat(closed.residentBytes()).isZero();
        assertThatThrownBy(() -> closed.rotation(1, 5))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    private static void assertCorrupt(ThrowingCallable use, String words) {
        assertThatThrownBy(use)
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(CorruptDataException.class)
                .hasMessageContaining(words);
    }

    @Test
    void lookup_fileThatShrinksOrGrows_isCorrupt() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try (EvaluationKeyFile lazy = open(0)) {
            lazy.rotation(1, 5);
            Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
            assertCorrupt(() -> lazy.rotation(1, 5), "the file has changed");
            Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
            assertCorrupt(() -> lazy.relinearization(0), "the file has changed");
        }
    }

    @Test
    void lookup_fileThatChanges_isCorrupt() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        byte[] others =
                Files.readAllBytes(KeyFiles.write(folder.resolve("others.keys"), p, keys(SEED + 1, request)::write));
        assertThat(others).hasSameSizeAs(bytes);
        try (EvaluationKeyFile lazy = open(0)) {
            byte[] flipped = bytes.clone();
            flipped[bytes.length / 2] ^= 1;
            Files.write(file, flipped);
            int failures = 0;
            for (KeyName name : keys.contents().levels().keySet()) {
                try {
                    KeyFiles.get(lazy, name, 0);
                } catch (UncheckedIOException e) {
                    assertThat(e).hasCauseInstanceOf(CorruptDataException.class);
                    failures++;
                }
            }
            assertThat(failures).isOne();
            // Other keys of the same shape, whose checksums are right.
            Files.write(file, others);
            for (KeyName name : keys.contents().levels().keySet()) {
                assertCorrupt(() -> KeyFiles.get(lazy, name, 0), "the file has changed");
            }
            Files.write(file, bytes);
            KeyFiles.assertSame(lazy, keys);
            // Another file under its name is another file.
            Files.move(folder.resolve("others.keys"), file, StandardCopyOption.REPLACE_EXISTING);
            KeyFiles.assertSame(lazy, keys);
        }
    }

    @Test
    void open_truncatedForeignOrNegativeBudget_isRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int length = 0; length < bytes.length; length += length < 300 ? 1 : 997) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> open(0)).as("cut at %d", length).isInstanceOf(CorruptDataException.class);
        }
        Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
        assertThatThrownBy(() -> open(0)).isInstanceOf(CorruptDataException.class);
        Files.write(file, bytes);
        assertThatThrownBy(() -> open(-1)).hasMessageContaining("residentBytes=-1");
        RlweParameters other = Fixtures.parameters(10, 6, 2);
        assertThatThrownBy(() -> EvaluationKeyFile.open(file, other, 0)).isInstanceOf(ParameterMismatchException.class);
        assertThatThrownBy(() -> EvaluationKeyFile.open(folder.resolve("none"), p, 0))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> EvaluationKeyFile.open(folder, p, 0)).hasMessageContaining("ordinary file");
    }

    @Test
    void files_ofEarlierVersions_areRead() throws IOException {
        EvaluationKeys old = keys(
                SEED,
                KeyRequest.none()
                        .withRelinearization(3)
                        .withRotations(List.of(-1, 5), 3)
                        .withConjugation(3));
        KeyFiles.write(file, p, w -> KeyFiles.writeOld(w, old, 3, 4));
        try (FrameReader reader = FrameReader.open(file, FileKind.EVALUATION_KEYS)) {
            KeyFiles.assertSame(EvaluationKeys.read(reader, p), old);
            reader.expectEnd();
        }
        try (EvaluationKeyFile lazy = open(KeySwitchKey.sizeBytes(p, 3))) {
            KeyFiles.assertSame(lazy, old);
        }
        assertThat(EvaluationKeyFile.contents(file)).isEqualTo(old.contents());
    }

    @Test
    void files_withFramesOfOthersBeforeTheKeys_areOpened() throws IOException {
        KeyFiles.write(file, p, w -> {
            w.beginFrame("ORIG");
            w.out().writeInt(5);
            w.endFrame();
            keys.write(w);
        });
        try (EvaluationKeyFile lazy = open(ALL)) {
            KeyFiles.assertSame(lazy, keys);
        }
        assertThat(EvaluationKeyFile.contents(file)).isEqualTo(keys.contents());
    }
}
