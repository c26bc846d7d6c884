package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.veil4j.he.ring.Galois;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;

class EncryptionTest {
    private static final long SEED = 4711;

    @Test
    void encrypt_symmetric_decryptsWithFreshErrorAtEveryLevel() {
        RlweParameters p = Fixtures.parameters(11, 4, 2);
        SecretKey s = new KeyGenerator(p, Fixtures.seed(SEED)).secretKey();
        for (int level = 0; level < 4; level++) {
            Plaintext m = Fixtures.plaintext(p, level, SEED + level);
            Ciphertext c = Encryptor.symmetric(s).encrypt(m);
            assertThat(c.level()).isEqualTo(level);
            assertThat(c.scale()).isEqualTo(m.scale());
            assertThat(c.seed()).isNotNull();
            double error =
                    Fixtures.distance(m.poly(), new Decryptor(s).decrypt(c).poly());
            assertThat(error).as("seed %d, level %d", SEED, level).isBetween(3.0, 30.0);
        }
    }

    @Test
    void encrypt_publicKey_decryptsWithinItsNoise() {
        RlweParameters p = Fixtures.parameters(11, 4, 2);
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
        SecretKey s = generator.secretKey();
        Encryptor encryptor = Encryptor.publicKey(generator.publicKey(s));
        for (int level = 0; level < 4; level++) {
            Plaintext m = Fixtures.plaintext(p, level, SEED + level);
            Ciphertext c = encryptor.encrypt(m);
            assertThat(c.seed()).isNull();
            double error =
                    Fixtures.distance(m.poly(), new Decryptor(s).decrypt(c).poly());
            assertThat(error)
                    .as("seed %d, level %d", SEED, level)
                    .isBetween(20.0, 8 * 3.2 * Math.sqrt(4.0 / 3 * p.n() + 1));
        }
    }

    @Test
    void encrypt_sameTwice_sharesNothing() {
        RlweParameters p = Fixtures.parameters(10, 2, 1);
        SecretKey s = new KeyGenerator(p, Fixtures.seed(SEED)).secretKey();
        Plaintext m = Fixtures.plaintext(p, 1, SEED);
        Ciphertext a = Encryptor.symmetric(s).encrypt(m);
        Ciphertext b = Encryptor.symmetric(s).encrypt(m);
        assertThat(a.seed()).isNotEqualTo(b.seed());
        assertThat(a.part(0).limb(0)).isNotEqualTo(b.part(0).limb(0));
        assertThat(a.part(1).limb(0)).isNotEqualTo(b.part(1).limb(0));
    }

    @Test
    void encrypt_sameTestSeeds_repeatsAndTheNextDiffers() {
        RlweParameters p = Fixtures.parameters(10, 2, 1);
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
        SecretKey s = generator.secretKey();
        PublicKey open = generator.publicKey(s);
        Plaintext m = Fixtures.plaintext(p, 1, SEED);
        Encryptor first = SeededEncryptors.symmetric(s, SEED);
        Ciphertext a = first.encrypt(m);
        Ciphertext b = SeededEncryptors.symmetric(s, SEED).encrypt(m);
        Ciphertext next = first.encrypt(m);
        Encryptor firstOpen = SeededEncryptors.publicKey(open, SEED);
        Ciphertext c = firstOpen.encrypt(m);
        Ciphertext d = SeededEncryptors.publicKey(open, SEED).encrypt(m);
        Ciphertext nextOpen = firstOpen.encrypt(m);
        for (int i = 0; i < 2; i++) {
            assertThat(b.part(i).limbs()).isDeepEqualTo(a.part(i).limbs());
            assertThat(next.part(i).limb(0)).isNotEqualTo(a.part(i).limb(0));
            assertThat(d.part(i).limbs()).isDeepEqualTo(c.part(i).limbs());
            assertThat(nextOpen.part(i).limb(0)).isNotEqualTo(c.part(i).limb(0));
        }
    }

    /** Errors are as secret as the key: nothing that is published may give one, and none may come twice. */
    @Test
    void errors_ofCiphertextsAndKeys_areSmallAndNeverRepeatedNorFromAPublicSeed() {
        RlweParameters p = Fixtures.parameters(10, 4, 2);
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
        SecretKey s = generator.secretKey();
        List<BigInteger[]> errors = new ArrayList<>();
        Plaintext m = Fixtures.plaintext(p, 3, SEED);
        Encryptor encryptor = SeededEncryptors.symmetric(s, SEED);
        for (int i = 0; i < 2; i++) {
            Ciphertext c = encryptor.encrypt(m);
            RnsPoly e = new Decryptor(s).decrypt(c).poly();
            e.subtract(e, m.poly());
            errors.add(Fixtures.integers(e));
            double[] known = new double[p.n()];
            new Sampler(Objects.requireNonNull(c.seed())).gaussian(known);
            RnsPoly published = RnsPoly.zero(e.basis(), false);
            published.setCoefficients(known);
            errors.add(published.toBigIntegers());
        }
        EvaluationKeys keys = generator.evaluationKeys(
                s, KeyRequest.none().withRelinearization().withRotations(1).withConjugation());
        RnsBasis basis = p.qpAt(3);
        RnsPoly square = RnsPoly.zero(basis, true);
        square.multiply(s.values(), s.values());
        errors.addAll(errors(p, keys.relinearization(3), square, s.values()));
        for (Galois g : List.of(Galois.rotation(10, 1), Galois.conjugation(10))) {
            RnsPoly image = RnsPoly.zero(basis, true);
            image.automorphism(s.values(), g.inverse());
            KeySwitchKey key = g.equals(Galois.conjugation(10)) ? keys.conjugation(3) : keys.rotation(1, 3);
            errors.addAll(errors(p, key, s.values(), image));
        }
        assertThat(errors).hasSize(2 * 2 + 3 * 2);
        for (int i = 0; i < errors.size(); i++) {
            for (BigInteger e : errors.get(i)) {
                assertThat(Math.abs(e.doubleValue()))
                        .as("seed %d, error %d", SEED, i)
                        .isLessThan(30);
            }
            for (int j = 0; j < i; j++) {
                assertThat(errors.get(i))
                        .as("seed %d, errors %d and %d", SEED, i, j)
                        .isNotEqualTo(errors.get(j));
            }
        }
    }

    /** b + a to - P g from, digit by digit, modulo Q P. */
    private static List<BigInteger[]> errors(RlweParameters p, KeySwitchKey key, RnsPoly from, RnsPoly to) {
        List<BigInteger[]> errors = new ArrayList<>();
        RnsBasis basis = p.qpAt(3);
        for (int d = 0; d < 2; d++) {
            RnsPoly e = RnsPoly.zero(basis, true);
            RnsPoly a = RnsPoly.zero(basis, true);
            long[] gadget = new long[basis.size()];
            for (int i = 0; i < basis.size(); i++) {
                System.arraycopy(key.b(i, 3)[d], 0, e.limb(i), 0, p.n());
                System.arraycopy(key.a(i, 3)[d], 0, a.limb(i), 0, p.n());
                gadget[i] = i / 2 == d && i < 4
                        ? basis.modulus(i).center(p.p().product().negate())
                        : 0;
            }
            e.multiplyAccumulate(a, to);
            e.multiplyScalarAccumulate(from, gadget);
            errors.add(Fixtures.integers(e));
        }
        return errors;
    }

    @Test
    void decrypt_productOfDegreeTwo_equalsNegacyclicProduct() {
        RlweParameters p = Fixtures.parameters(10, 4, 2);
        SecretKey s = new KeyGenerator(p, Fixtures.seed(SEED)).secretKey();
        Ciphertext a = Encryptor.symmetric(s).encrypt(Fixtures.plaintext(p, 3, SEED));
        Ciphertext b = Encryptor.symmetric(s).encrypt(Fixtures.plaintext(p, 3, SEED + 1));
        RnsPoly[] parts = new RnsPoly[3];
        for (int k = 0; k < 3; k++) {
            parts[k] = RnsPoly.zero(p.q(), true);
            for (int i = Math.max(0, k - 1); i <= Math.min(k, 1); i++) {
                parts[k].multiplyAccumulate(a.part(i), b.part(k - i));
            }
        }
        RnsPoly got =
                new Decryptor(s).decrypt(new Ciphertext(p, parts, 1, null)).poly();
        // The product, by the definition, of what a and b decrypt to: degree 2 adds no noise.
        BigInteger[] want = Fixtures.multiply(
                Fixtures.integers(new Decryptor(s).decrypt(a).poly()),
                Fixtures.integers(new Decryptor(s).decrypt(b).poly()));
        assertThat(Fixtures.integers(got)).as("seed %d", SEED).isEqualTo(want);
    }

    @Test
    void secretKey_coefficients_areTernaryAndBalanced() {
        RlweParameters p = Fixtures.parameters(13, 1, 1);
        SecretKey s = new KeyGenerator(p, Fixtures.seed(SEED)).secretKey();
        int[] count = new int[3];
        for (BigInteger c : Fixtures.integers(s.values())) {
            count[c.intValueExact() + 1]++;
        }
        for (int k = 0; k < 3; k++) {
            assertThat(Math.abs(count[k] - p.n() / 3.0))
                    .as("seed %d, value %d", SEED, k - 1)
                    .isLessThan(6 * Math.sqrt(p.n() * 2 / 9.0));
        }
    }

    @Test
    void secretKey_closed_refusesEveryUse() {
        RlweParameters p = Fixtures.parameters(10, 2, 1);
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
        SecretKey s = generator.secretKey();
        Plaintext m = Fixtures.plaintext(p, 1, SEED);
        Encryptor encryptor = Encryptor.symmetric(s);
        Ciphertext c = encryptor.encrypt(m);
        Decryptor decryptor = new Decryptor(s);
        RnsPoly values = s.values();
        s.close();
        s.close();
        assertThat(s.isDestroyed()).isTrue();
        assertThat(values.limb(0)).containsOnly(0.0);
        List<ThrowingCallable> uses = List.of(
                () -> encryptor.encrypt(m),
                () -> decryptor.decrypt(c),
                () -> generator.publicKey(s),
                () -> generator.evaluationKeys(s, KeyRequest.none().withRelinearization()),
                () -> s.write(new DataOutputStream(new ByteArrayOutputStream()), SecretKeyAccess.token()));
        for (ThrowingCallable use : uses) {
            assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessageContaining("destroyed");
        }
    }

    @Test
    void toString_keysAndPlaintexts_leakNothing() {
        RlweParameters p = Fixtures.parameters(10, 2, 1);
        SecretKey s = new KeyGenerator(p, Fixtures.seed(SEED)).secretKey();
        String name = p.fingerprint().shortHex();
        assertThat(s.toString()).isEqualTo("SecretKey[" + name + "]");
        assertThat(Fixtures.plaintext(p, 1, SEED).toString()).isEqualTo("Plaintext[level=1, scale=2^30.00]");
        assertThat(new Decryptor(s).toString()).isEqualTo("Decryptor[" + name + "]");
        assertThat(Encryptor.symmetric(s).toString()).isEqualTo("Encryptor[" + name + ", symmetric]");
        // Identity only: no content can be compared.
        assertThat(new KeyGenerator(p, Fixtures.seed(SEED)).secretKey()).isNotEqualTo(s);
    }

    @Test
    void keyGenerator_sameTestSeed_givesSameKeysAndFreshOnesDiffer() {
        RlweParameters p = Fixtures.parameters(10, 2, 1);
        double[] a =
                new KeyGenerator(p, Fixtures.seed(SEED)).secretKey().values().limb(0);
        double[] b =
                new KeyGenerator(p, Fixtures.seed(SEED)).secretKey().values().limb(0);
        assertThat(a).isEqualTo(b);
        KeyGenerator fresh = new KeyGenerator(p);
        assertThat(fresh.secretKey().values().limb(0))
                .isNotEqualTo(fresh.secretKey().values().limb(0));
    }

    @Test
    void operations_foreignParameters_nameBothFingerprints() {
        RlweParameters p = Fixtures.parameters(10, 2, 1);
        RlweParameters other = Fixtures.parameters(10, 3, 1);
        SecretKey s = new KeyGenerator(p).secretKey();
        SecretKey foreign = new KeyGenerator(other).secretKey();
        Plaintext m = Fixtures.plaintext(other, 1, SEED);
        Ciphertext c = Encryptor.symmetric(foreign).encrypt(m);
        List<ThrowingCallable> uses = List.of(
                () -> Encryptor.symmetric(s).encrypt(m),
                () -> new Decryptor(s).decrypt(c),
                () -> new KeyGenerator(p).publicKey(foreign),
                () -> new KeyGenerator(p).evaluationKeys(foreign, KeyRequest.none()));
        for (ThrowingCallable use : uses) {
            assertThatThrownBy(use)
                    .isInstanceOf(ParameterMismatchException.class)
                    .hasMessageContaining(p.fingerprint().shortHex())
                    .hasMessageContaining(other.fingerprint().shortHex());
        }
    }
}
