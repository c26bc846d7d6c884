package org.veil4j.he.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.ckks.CkksEvaluator;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Decryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecretKey;
import org.veil4j.he.rlwe.SecurityLevel;

class ScaleAlignmentTest {
    private static final long SEED = 92;
    private static final int SLOTS = 512;
    private static final double SCALE = 0x1.3p38;
    private static final double TARGET = 0x1.7p39;

    private final RlweParameters parameters = RlweParameters.builder()
            .logN(10)
            .moduliBits(49, 40, 38, 41)
            .specialBits(45, 45)
            .digits(4)
            .security(SecurityLevel.INSECURE_TEST)
            .build();
    private final CleartextAlgebra clear = new CleartextAlgebra(SLOTS, primes());

    private double[] primes() {
        double[] primes = new double[parameters.q().size()];
        for (int i = 0; i < primes.length; i++) {
            primes[i] = parameters.q().modulus(i).p();
        }
        return primes;
    }

    private static double[] random() {
        return new Random(SEED).doubles(SLOTS, -1, 1).toArray();
    }

    @Test
    void prime_ofALevel_isTheOneThatRescalingDividesBy() {
        ScaleAlignment<ClearSlots> alignment = new ScaleAlignment<>(clear);
        for (int level = 1; level < 4; level++) {
            double prime = primes()[level];
            assertThat(alignment.prime(level)).isCloseTo(prime, within(prime * 0x1p-50));
        }
    }

    @Test
    void aligned_anyLevelBelow_meetsLevelAndScale() {
        double[] x = random();
        ScaleAlignment<ClearSlots> alignment = new ScaleAlignment<>(clear);
        for (int level = 0; level < 3; level++) {
            ClearSlots y = alignment.aligned(ClearSlots.of(x, 3, SCALE), level, TARGET);
            assertThat(y.level()).isEqualTo(level);
            assertThat(y.scale()).isCloseTo(TARGET, within(TARGET * 0x1p-50));
            assertThat(y.toArray()).as("seed %d, level %d", SEED, level).containsExactly(x, within(0x1p-36));
        }
        assertThatThrownBy(() -> alignment.aligned(ClearSlots.of(x, 2, SCALE), 2, TARGET))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("level=3");
    }

    /** Two values of different levels and scales, weighted: one rescaling for the sum. */
    @Test
    void scaled_ofTwoHistories_canBeAdded() {
        double[] x = random();
        ScaleAlignment<ClearSlots> alignment = new ScaleAlignment<>(clear);
        ClearSlots sum = clear.rescale(clear.add(
                alignment.scaled(ClearSlots.of(x, 3, SCALE), 0.75, 1, TARGET),
                alignment.scaled(ClearSlots.of(x, 2, 5 * SCALE), -2.5, 1, TARGET)));
        assertThat(sum.level()).isEqualTo(1);
        assertThat(sum.scale()).isCloseTo(TARGET, within(TARGET * 0x1p-50));
        for (int i = 0; i < SLOTS; i++) {
            assertThat(sum.toArray()[i]).as("seed %d, slot %d", SEED, i).isCloseTo(-1.75 * x[i], within(0x1p-34));
        }
    }

    @Test
    void factorScale_ofAProduct_leadsToTheScale() {
        ScaleAlignment<ClearSlots> alignment = new ScaleAlignment<>(clear);
        ClearSlots a = ClearSlots.of(random(), 2, SCALE);
        ClearSlots b = ClearSlots.of(random(), 2, alignment.factorScale(a, TARGET));
        double scale = clear.relinearizeRescale(clear.multiply(a, b), 1).scale();
        assertThat(scale).isCloseTo(TARGET, within(TARGET * 0x1p-50));
    }

    @Test
    void aligned_encrypted_equalsTheClearTwin() {
        KeyGenerator generator = new KeyGenerator(parameters);
        SecretKey secret = generator.secretKey();
        CkksEncoder encoder = new CkksEncoder(parameters);
        EncryptedAlgebra algebra = new EncryptedAlgebra(
                parameters, new CkksEvaluator(parameters, generator.evaluationKeys(secret, KeyRequest.none())));
        double[] x = random();
        Ciphertext y = new ScaleAlignment<>(algebra)
                .aligned(Encryptor.symmetric(secret).encrypt(encoder.encode(x, 3, SCALE)), 1, TARGET);
        assertThat(y.level()).isEqualTo(1);
        assertThat(y.scale()).isCloseTo(TARGET, within(TARGET * 0x1p-50));
        assertThat(encoder.decode(new Decryptor(secret).decrypt(y)))
                .as("seed %d", SEED)
                .containsExactly(x, within(0x1p-20));
    }
}
