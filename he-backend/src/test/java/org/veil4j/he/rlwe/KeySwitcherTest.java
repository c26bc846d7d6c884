package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.veil4j.he.ring.Galois;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Workers;

class KeySwitcherTest {
    private static final long SEED = 20261121;

    /** c0 + c1 s. */
    private static RnsPoly phase(RnsPoly[] c, SecretKey s) {
        RnsPoly r = RnsPoly.zero(c[0].basis(), true);
        r.multiply(c[1], s.values().truncated(c[0].size()));
        r.add(r, c[0]);
        return r;
    }

    /** Ten standard deviations of a coefficient of key-switching noise, rounding included. */
    private static double bound(RlweParameters p) {
        double n = p.n();
        double digit = Math.sqrt(n / 12) * p.errorStdDev();
        return 10 * (digit * Math.sqrt(p.digits()) + Math.sqrt(n / 18 + 1)) + 2;
    }

    @Test
    void switchKey_everyLevelAndDigitCount_keepsTheMessage() {
        int primes = 6;
        for (int digits = 1; digits <= primes; digits++) {
            RlweParameters p = Fixtures.parameters(10, primes, digits);
            KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED + digits));
            SecretKey s = generator.secretKey();
            EvaluationKeys keys = generator.evaluationKeys(s, KeyRequest.none().withRelinearization());
            KeySwitcher switcher = new KeySwitcher(p);
            RnsPoly square = RnsPoly.zero(p.q(), true);
            RnsPoly values = s.values().truncated(primes);
            square.multiply(values, values);
            for (int level = 0; level < primes; level++) {
                RnsPoly c = Fixtures.uniform(p.qAt(level), SEED + 100L * digits + level);
                RnsPoly want = RnsPoly.zero(c.basis(), true);
                want.multiply(c, square.truncated(level + 1));
                RnsPoly[] got = switcher.switchKey(c, keys.relinearization(level), null, null, null);
                assertThat(Fixtures.distance(want, phase(got, s)))
                        .as("seed %d, digits %d, level %d", SEED, digits, level)
                        .isLessThan(bound(p));
            }
        }
    }

    @Test
    void switchKeyRescale_everyLevel_dividesByTheTopPrimeWithOneRounding() {
        RlweParameters p = Fixtures.parameters(10, 5, 2);
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
        SecretKey s = generator.secretKey();
        EvaluationKeys keys = generator.evaluationKeys(s, KeyRequest.none().withRelinearization());
        KeySwitcher switcher = new KeySwitcher(p);
        for (int level = 1; level < 5; level++) {
            RnsPoly[] d = new RnsPoly[3];
            for (int i = 0; i < 3; i++) {
                d[i] = Fixtures.uniform(p.qAt(level), SEED + 10L * level + i);
            }
            RnsPoly sum =
                    new Decryptor(s).decrypt(new Ciphertext(p, d, 1, null)).poly();
            BigInteger top = BigInteger.valueOf(p.q().modulus(level).value());
            BigInteger lower = p.qAt(level - 1).product();
            RnsPoly[] got = switcher.switchKeyRescale(d[2], keys.relinearization(level), d[0], d[1], 1);
            BigInteger[] want = Fixtures.integers(sum);
            BigInteger[] have = Fixtures.integers(phase(got, s));
            double max = 0;
            for (int i = 0; i < want.length; i++) {
                BigInteger e =
                        Fixtures.center(Fixtures.divideRounded(want[i], top).subtract(have[i]), lower);
                max = Math.max(max, Math.abs(e.doubleValue()));
            }
            assertThat(max).as("seed %d, level %d", SEED, level).isLessThan(10 * Math.sqrt(p.n() / 18.0) + 2);
        }
    }

    @Test
    void switchKey_keyForLowLevelsOnly_worksThereAndIsRefusedAbove() {
        RlweParameters p = Fixtures.parameters(10, 6, 3);
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
        SecretKey s = generator.secretKey();
        EvaluationKeys keys = generator.evaluationKeys(s, KeyRequest.none().withRotation(3, 2));
        KeySwitcher switcher = new KeySwitcher(p);
        Galois galois = Galois.rotation(10, 3);
        for (int level = 0; level <= 2; level++) {
            RnsPoly[] c = {Fixtures.uniform(p.qAt(level), SEED), Fixtures.uniform(p.qAt(level), SEED + 1)};
            RnsPoly want = RnsPoly.zero(c[0].basis(), true);
            want.automorphism(phase(c, s), galois);
            RnsPoly[] got = switcher.switchKey(c[1], keys.rotation(3, level), c[0], null, galois);
            assertThat(Fixtures.distance(want, phase(got, s)))
                    .as("seed %d, level %d", SEED, level)
                    .isLessThan(bound(p));
        }
        assertThatThrownBy(() -> keys.rotation(3, 3))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("steps=3")
                .hasMessageContaining("level");
    }

    @Test
    void switchKey_twoThreads_equalsOneThread() {
        RlweParameters p = Fixtures.parameters(12, 6, 3);
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
        SecretKey s = generator.secretKey();
        KeySwitchKey key = generator
                .evaluationKeys(s, KeyRequest.none().withRelinearization())
                .relinearization(5);
        KeySwitcher switcher = new KeySwitcher(p);
        RnsPoly c = Fixtures.uniform(p.q(), SEED);
        RnsPoly[] one = Workers.withThreads(1, () -> switcher.switchKey(c, key, null, null, null));
        RnsPoly[] two = Workers.withThreads(2, () -> switcher.switchKey(c, key, null, null, null));
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 6; i++) {
                assertThat(two[half].limb(i)).as("seed %d", SEED).isEqualTo(one[half].limb(i));
            }
        }
    }

    @Test
    void rescale_uniformPolynomial_equalsRoundedDivisionOfIntegers() {
        RlweParameters p = Fixtures.parameters(10, 4, 2);
        KeySwitcher switcher = new KeySwitcher(p);
        for (int level = 3; level >= 1; level--) {
            RnsPoly c = Fixtures.uniform(p.qAt(level), SEED + level);
            BigInteger top = BigInteger.valueOf(p.q().modulus(level).value());
            BigInteger lower = p.qAt(level - 1).product();
            BigInteger[] before = Fixtures.integers(c);
            BigInteger[] after = Fixtures.integers(switcher.rescale(c));
            for (int i = 0; i < before.length; i++) {
                assertThat(after[i])
                        .as("seed %d, level %d, coefficient %d", SEED, level, i)
                        .isEqualTo(Fixtures.center(Fixtures.divideRounded(before[i], top), lower));
            }
        }
        RnsPoly last = Fixtures.uniform(p.qAt(0), SEED);
        assertThatThrownBy(() -> switcher.rescale(last))
                .isInstanceOf(LevelExhaustedException.class)
                .hasMessageContaining("level=0");
    }

    @Test
    void decomposition_usedAfterClose_isRefused() {
        RlweParameters p = Fixtures.parameters(10, 2, 1);
        KeyGenerator generator = new KeyGenerator(p, Fixtures.seed(SEED));
        KeySwitchKey key = generator
                .evaluationKeys(generator.secretKey(), KeyRequest.none().withRelinearization())
                .relinearization(1);
        KeySwitcher switcher = new KeySwitcher(p);
        KeySwitcher.Decomposition digits = switcher.decompose(Fixtures.uniform(p.q(), SEED));
        digits.close();
        digits.close();
        assertThatThrownBy(() -> switcher.switchKey(digits, key, null, null, null))
                .isInstanceOf(IllegalStateException.class);
    }
}
