package org.veil4j.he.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veil4j.he.circuit.OperationCounts.Kind;
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

class SlotSumTest {
    private static final long SEED = 91;
    private static final int SLOTS = 512;
    private static final double SCALE = 0x1p40;
    private static final double[] PRIMES = {0x1p49, 0x1p40, 0x1p40};

    private static double[] random() {
        return new Random(SEED).doubles(SLOTS, -1, 1).toArray();
    }

    private static double[] sums(double[] x, int step, int count) {
        double[] sums = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            for (int k = 0; k < count; k++) {
                sums[i] += x[Math.floorMod(i + k * step, x.length)];
            }
        }
        return sums;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 2", "1, 8", "-1, 16", "3, 4", "-5, 8", "16, 32", "1, 512", "300, 4"})
    void fold_clear_isTheSumOverTheSteps(int step, int count) {
        double[] x = random();
        ClearSlots sum = SlotSum.fold(new CleartextAlgebra(SLOTS, PRIMES), ClearSlots.of(x, 1, SCALE), step, count);
        assertThat(sum.toArray()).as("seed %d", SEED).containsExactly(sums(x, step, count), within(1e-12));
        assertThat(sum.level()).isEqualTo(1);
        assertThat(sum.scale()).isEqualTo(SCALE);
    }

    @Test
    void fold_negativeStepOverZeros_replicates() {
        double[] x = new double[SLOTS];
        double[] want = new double[SLOTS];
        for (int i = 0; i < SLOTS; i++) {
            x[i] = i % 8 == 0 ? i : 0;
            want[i] = i - i % 8;
        }
        assertThat(SlotSum.fold(new CleartextAlgebra(SLOTS, PRIMES), ClearSlots.of(x, 1, SCALE), -1, 8)
                        .toArray())
                .containsExactly(want);
    }

    @Test
    void fold_costs_areOneRotationADoubling() {
        CostAlgebra cost = new CostAlgebra(SLOTS, PRIMES, 1, 1);
        SlotSum.fold(cost, new CostSlots(2, SCALE, 1), -3, 16);
        assertThat(cost.counts().get(Kind.ROTATIONS)).isEqualTo(4);
        assertThat(cost.keyRequest().rotations()).containsOnlyKeys(SLOTS - 3, SLOTS - 6, SLOTS - 12, SLOTS - 24);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 3, 12, Integer.MIN_VALUE})
    void fold_countThatIsNoPowerOfTwo_isRefused(int count) {
        CleartextAlgebra algebra = new CleartextAlgebra(SLOTS, PRIMES);
        ClearSlots x = ClearSlots.of(random(), 1, SCALE);
        assertThatThrownBy(() -> SlotSum.fold(algebra, x, 1, count))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("count=" + count + ": must be a power of two");
    }

    @Test
    void fold_encrypted_equalsTheClearSum() {
        RlweParameters parameters = RlweParameters.builder()
                .logN(10)
                .moduliBits(49, 40)
                .specialBits(45, 45)
                .digits(2)
                .security(SecurityLevel.INSECURE_TEST)
                .build();
        KeyGenerator generator = new KeyGenerator(parameters);
        SecretKey secret = generator.secretKey();
        CkksEncoder encoder = new CkksEncoder(parameters);
        EncryptedAlgebra algebra = new EncryptedAlgebra(
                parameters,
                new CkksEvaluator(
                        parameters,
                        generator.evaluationKeys(secret, KeyRequest.none().withRotations(-3, -6, -12))));
        double[] x = random();
        Ciphertext sum = SlotSum.fold(algebra, Encryptor.symmetric(secret).encrypt(encoder.encode(x, 1, SCALE)), -3, 8);
        assertThat(encoder.decode(new Decryptor(secret).decrypt(sum)))
                .as("seed %d", SEED)
                .containsExactly(sums(x, -3, 8), within(0x1p-20));
    }
}
