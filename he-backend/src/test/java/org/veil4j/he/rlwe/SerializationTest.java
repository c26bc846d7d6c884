package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.ring.RnsPoly;

class SerializationTest {
    private static final long SEED = 99;
    private static final int HEADER = 32;

    private final RlweParameters p = Fixtures.parameters(10, 3, 2);
    private final KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
    private final SecretKey s = generator.secretKey();
    private final Plaintext m = Fixtures.plaintext(p, 2, SEED);

    private interface Writing {
        void to(DataOutput out) throws IOException;
    }

    private static byte[] bytes(Writing writing) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writing.to(new DataOutputStream(out));
        return out.toByteArray();
    }

    private static void assertSameLimbs(RnsPoly a, RnsPoly b) {
        assertThat(a.size()).isEqualTo(b.size());
        for (int i = 0; i < a.size(); i++) {
            assertThat(a.limb(i)).isEqualTo(b.limb(i));
        }
    }

    @Test
    void ciphertext_fresh_travelsWithASeedInHalfTheSpace() throws IOException {
        Ciphertext c = Encryptor.symmetric(s).encrypt(m);
        byte[] fresh = bytes(c::write);
        byte[] full = bytes(c.copy()::write);
        assertThat(fresh).hasSize((int) c.serializedBytes());
        assertThat(full).hasSize((int) c.copy().serializedBytes());
        assertThat(fresh.length).isLessThan(full.length / 2 + 128);
        for (byte[] written : new byte[][] {fresh, full}) {
            Ciphertext read = Ciphertext.read(PayloadReader.of(written), p);
            assertThat(read.scale()).isEqualTo(c.scale());
            assertThat(read.level()).isEqualTo(2);
            assertSameLimbs(read.part(0), c.part(0));
            assertSameLimbs(read.part(1), c.part(1));
        }
        assertThat(Ciphertext.read(PayloadReader.of(fresh), p).seed()).isEqualTo(c.seed());
    }

    @Test
    void ciphertext_droppedLevel_keepsItsSeed() throws IOException {
        Ciphertext c = Encryptor.symmetric(s).encrypt(m).atLevel(1);
        Ciphertext read = Ciphertext.read(PayloadReader.of(bytes(c::write)), p);
        assertThat(read.seed()).isNotNull();
        assertSameLimbs(read.part(1), c.part(1));
    }

    @Test
    void ciphertext_damaged_isCorrupt() throws IOException {
        byte[] good = bytes(Encryptor.symmetric(s).encrypt(m)::write);
        for (int length = 0; length < good.length; length += 97) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> Ciphertext.read(PayloadReader.of(cut), p))
                    .as("length %d", length)
                    .isInstanceOf(CorruptDataException.class);
        }
        for (int degree : new int[] {2, 0, -1, Integer.MAX_VALUE}) {
            assertCorrupt(good, HEADER, ByteBuffer.allocate(4).putInt(degree).array());
        }
        assertCorrupt(good, HEADER + 4, ByteBuffer.allocate(4).putInt(3).array());
        assertCorrupt(good, HEADER + 4, ByteBuffer.allocate(4).putInt(-1).array());
        for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertCorrupt(
                    good, HEADER + 8, ByteBuffer.allocate(8).putDouble(scale).array());
        }
        assertCorrupt(good, HEADER + 16, (byte) 2);
        byte[] ones = new byte[64];
        Arrays.fill(ones, (byte) -1);
        assertCorrupt(good, HEADER + 17, ones);
    }

    private void assertCorrupt(byte[] good, int offset, byte... change) {
        byte[] bad = good.clone();
        System.arraycopy(change, 0, bad, offset, change.length);
        assertThatThrownBy(() -> Ciphertext.read(PayloadReader.of(bad), p)).isInstanceOf(CorruptDataException.class);
    }

    @Test
    void read_ofOtherParameters_isAMismatch() throws IOException {
        RlweParameters other = Fixtures.parameters(10, 3, 3);
        byte[] ciphertext = bytes(Encryptor.symmetric(s).encrypt(m)::write);
        byte[] open = bytes(generator.publicKey(s)::write);
        byte[] secret = bytes(out -> s.write(out, SecretKeyAccess.token()));
        byte[] keys = keyFile(generator.evaluationKeys(s, KeyRequest.none().withRelinearization()));
        assertThatThrownBy(() -> Ciphertext.read(PayloadReader.of(ciphertext), other))
                .isInstanceOf(ParameterMismatchException.class);
        assertThatThrownBy(() -> PublicKey.read(PayloadReader.of(open), other))
                .isInstanceOf(ParameterMismatchException.class);
        assertThatThrownBy(() -> SecretKey.read(PayloadReader.of(secret), other, SecretKeyAccess.token()))
                .isInstanceOf(ParameterMismatchException.class);
        assertThatThrownBy(() -> EvaluationKeys.read(FrameReader.from(new ByteArrayInputStream(keys)), other))
                .isInstanceOf(ParameterMismatchException.class);
    }

    @Test
    void secretAndPublicKey_writtenAndRead_work() throws IOException {
        byte[] written = bytes(out -> s.write(out, SecretKeyAccess.token()));
        SecretKey secret = SecretKey.read(PayloadReader.of(written), p, SecretKeyAccess.token());
        PublicKey open = PublicKey.read(PayloadReader.of(bytes(generator.publicKey(s)::write)), p);
        Ciphertext c = Encryptor.publicKey(open).encrypt(m);
        assertThat(Fixtures.distance(m.poly(), new Decryptor(secret).decrypt(c).poly()))
                .isLessThan(2000);
        byte[] bad = written.clone();
        bad[40] = 2;
        assertThatThrownBy(() -> SecretKey.read(PayloadReader.of(bad), p, SecretKeyAccess.token()))
                .isInstanceOf(CorruptDataException.class);
    }

    private byte[] keyFile(EvaluationKeys keys) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (FrameWriter writer = FrameWriter.to(bytes, FileKind.EVALUATION_KEYS, p.fingerprint())) {
            keys.write(writer);
            writer.commit();
        }
        return bytes.toByteArray();
    }

    @Test
    void evaluationKeys_writtenAndRead_areTheSameAtHalfTheSize() throws IOException {
        KeyRequest request = KeyRequest.none()
                .withRelinearization()
                .withRotations(1, -1, 512)
                .withConjugation();
        EvaluationKeys keys = generator.evaluationKeys(s, request);
        assertThat(keys.rotations()).isEqualTo(new java.util.TreeSet<>(List.of(1, 511)));
        assertThat(keys.count()).isEqualTo(4).isEqualTo(request.keyCount(p));
        assertThat(keys.sizeBytes()).isEqualTo(request.sizeBytes(p));
        assertThat(keys.serializedBytes()).isEqualTo(request.serializedBytes(p));
        byte[] file = keyFile(keys);
        assertThat((long) file.length).isBetween(keys.serializedBytes(), keys.serializedBytes() + 1024);
        assertThat(keys.serializedBytes()).isLessThan(keys.sizeBytes() / 2);
        EvaluationKeys read;
        try (FrameReader reader = FrameReader.from(new ByteArrayInputStream(file))) {
            read = EvaluationKeys.read(reader, p);
            assertThat(reader.nextFrame()).isNull();
        }
        assertThat(read.rotations()).isEqualTo(keys.rotations());
        for (int limb = 0; limb < 3 + p.p().size(); limb++) {
            assertThat(Arrays.deepEquals(
                            read.relinearization(2).b(limb, 2),
                            keys.relinearization(2).b(limb, 2)))
                    .isTrue();
            assertThat(Arrays.deepEquals(
                            read.rotation(-1, 2).a(limb, 2),
                            keys.rotation(-1, 2).a(limb, 2)))
                    .isTrue();
            assertThat(Arrays.deepEquals(
                            read.conjugation(2).b(limb, 2), keys.conjugation(2).b(limb, 2)))
                    .isTrue();
        }
    }

    @Test
    void evaluationKeys_truncatedOrFlipped_areCorrupt() throws IOException {
        byte[] file = keyFile(generator.evaluationKeys(s, KeyRequest.none().withRotations(5)));
        for (int at = 100; at < file.length; at += 501) {
            byte[] cut = Arrays.copyOf(file, at);
            byte[] flipped = file.clone();
            flipped[at] ^= 4;
            for (byte[] bad : new byte[][] {cut, flipped}) {
                assertThatThrownBy(() -> readAll(bad)).as("offset %d", at).isInstanceOf(CorruptDataException.class);
            }
        }
    }

    private void readAll(byte[] file) throws IOException {
        try (FrameReader reader = FrameReader.from(new ByteArrayInputStream(file))) {
            EvaluationKeys.read(reader, p);
            assertThat(reader.nextFrame()).isNull();
        }
    }

    @Test
    void evaluationKeys_missing_nameWhichAndTheRemedy() {
        EvaluationKeys none = EvaluationKeys.none(p);
        assertThatThrownBy(() -> none.rotation(-7, 0))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("steps=-7")
                .hasMessageContaining("withRotation(-7, 0)");
        assertThatThrownBy(() -> none.relinearization(0))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("withRelinearization");
        assertThatThrownBy(() -> none.conjugation(0))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("withConjugation");
    }
}
