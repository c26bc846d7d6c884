package org.veil4j.he.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.veil4j.he.circuit.LinearTransform.Diagonal;
import org.veil4j.he.circuit.LinearTransform.Giant;
import org.veil4j.he.circuit.OperationCounts.Kind;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.ckks.CkksEvaluator;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Decryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RecordingKeys;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecretKey;
import org.veil4j.he.rlwe.SecurityLevel;

/** Transforms prepared by each interpretation, against the sum that their documentation writes down. */
class LinearTransformTest {
    private static final int SLOTS = 512;
    private static final double SCALE = 0x1p40;
    private static final RlweParameters PARAMETERS = RlweParameters.builder()
            .logN(10)
            .moduliBits(49, 30, 40, 30)
            .digits(2)
            .security(SecurityLevel.INSECURE_TEST)
            .build();
    private static final KeyGenerator GENERATOR = new KeyGenerator(PARAMETERS);
    private static final SecretKey SECRET = GENERATOR.secretKey();
    private static final CkksEncoder ENCODER = new CkksEncoder(PARAMETERS);

    private static double[] random(Random random) {
        double[] a = new double[SLOTS];
        int kind = random.nextInt(5);
        for (int i = 0; i < SLOTS && kind > 0; i++) { // all zeros; one value; a few; all
            a[i] = kind == 1 ? 0.75 : kind == 2 && random.nextInt(50) > 0 ? 0 : random.nextDouble() * 2 - 1;
        }
        return a;
    }

    private static int step(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> SLOTS * (random.nextInt(3) - 1);
            case 2 -> -1 - random.nextInt(4);
            case 3 -> random.nextInt(2 * SLOTS) - SLOTS;
            default -> random.nextInt(8);
        };
    }

    private static LinearTransform transform(Random random, int inputs) {
        List<List<Giant>> outputs = new ArrayList<>();
        for (int o = random.nextInt(3); o >= 0; o--) {
            List<Giant> giants = new ArrayList<>();
            int usual = step(random);
            for (int g = random.nextInt(4); g >= 0; g--) {
                int giant = random.nextBoolean() ? usual : step(random); // equal steps share a key
                List<Diagonal> diagonals = new ArrayList<>();
                for (int d = random.nextInt(5); d >= 0; d--) {
                    diagonals.add(new Diagonal(random.nextInt(inputs), step(random), random(random)));
                }
                giants.add(new Giant(giant, diagonals));
            }
            outputs.add(giants);
        }
        return new LinearTransform(SLOTS, inputs, outputs);
    }

    private static double[] rotated(double[] a, int steps) {
        double[] r = new double[SLOTS];
        for (int t = 0; t < SLOTS; t++) {
            r[t] = a[Math.floorMod(t + steps, SLOTS)];
        }
        return r;
    }

    private static double[][] expected(LinearTransform transform, double[][] inputs) {
        double[][] results = new double[transform.outputs().size()][SLOTS];
        for (int o = 0; o < results.length; o++) {
            for (Giant g : transform.outputs().get(o)) {
                double[] sum = results[o].clone(); // nested: what came earlier is rotated, too
                for (Diagonal d : g.diagonals()) {
                    double[] x = rotated(inputs[d.input()], d.baby());
                    for (int t = 0; t < SLOTS; t++) {
                        sum[t] += d.values()[t] * x[t];
                    }
                }
                results[o] = rotated(sum, g.steps());
            }
        }
        return results;
    }

    @Test
    void prepare_randomTransforms_allInterpretationsAgree() {
        for (long seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            int inputs = 1 + random.nextInt(3);
            int level = 1 + random.nextInt(3);
            LinearTransform transform = transform(random, inputs);
            double[][] values = new double[inputs][];
            double[] scales = new double[inputs];
            for (int i = 0; i < inputs; i++) {
                values[i] = random(random);
                scales[i] = SCALE * (1 + random.nextInt(3) / 8.0);
            }
            double resultScale = SCALE * (1 + random.nextInt(3) / 4.0);
            double[][] want = expected(transform, values);

            CleartextAlgebra clear = CleartextAlgebra.of(SLOTS, PARAMETERS);
            List<ClearSlots> clearIn = new ArrayList<>();
            for (int i = 0; i < inputs; i++) {
                clearIn.add(ClearSlots.of(values[i], level, scales[i]));
            }
            List<ClearSlots> clearOut =
                    clear.prepare(transform, level, scales, resultScale).apply(clearIn);
            assertThat(clearOut).as("seed %d", seed).hasSameSizeAs(want);
            for (int o = 0; o < want.length; o++) {
                assertThat(clearOut.get(o).level()).as("seed %d", seed).isEqualTo(level - 1);
                assertThat(clearOut.get(o).scale()).as("seed %d", seed).isEqualTo(resultScale);
                assertClose(clearOut.get(o).toArray(), want[o], 1e-10, seed, "in the clear");
            }

            CostAlgebra cost = CostAlgebra.of(PARAMETERS, PlaintextForm.RESIDUES);
            List<CostSlots> costIn = new ArrayList<>();
            for (int i = 0; i < inputs; i++) {
                costIn.add(new CostSlots(level, scales[i], 1));
            }
            List<CostSlots> costOut =
                    cost.prepare(transform, level, scales, resultScale).apply(costIn);
            assertThat(costOut)
                    .as("seed %d", seed)
                    .hasSize(want.length)
                    .allMatch(c -> c.equals(new CostSlots(level - 1, resultScale, 1)));

            List<Ciphertext> encrypted = new ArrayList<>();
            for (int i = 0; i < inputs; i++) {
                encrypted.add(Encryptor.symmetric(SECRET).encrypt(ENCODER.encode(values[i], level, scales[i])));
            }
            for (int way = 0; way < 3; way++) {
                RecordingKeys keys = new RecordingKeys(GENERATOR.evaluationKeys(SECRET, cost.keyRequest()));
                EncryptedAlgebra algebra = new EncryptedAlgebra(
                        PARAMETERS,
                        new CkksEvaluator(PARAMETERS, keys),
                        way == 0 ? PlaintextForm.RESIDUES : PlaintextForm.COEFFICIENTS);
                PreparedTransform<Ciphertext> prepared = way < 2
                        ? algebra.prepare(transform, level, scales, resultScale)
                        : new ComposedTransform<>(algebra, transform, level, scales, resultScale);
                List<Ciphertext> results = prepared.apply(encrypted);
                assertThat(results).as("seed %d", seed).hasSize(want.length);
                for (int o = 0; o < want.length; o++) {
                    assertThat(results.get(o).level()).as("seed %d", seed).isEqualTo(level - 1);
                    assertThat(results.get(o).scale()).as("seed %d", seed).isEqualTo(resultScale);
                    assertClose(decrypted(results.get(o)), want[o], 0x1p-19, seed, "way " + way);
                }
                assertThat(keys.used()).as("seed %d, way %d", seed, way).isEqualTo(cost.keyRequest());
            }
            assertThat(cost.counts().get(Kind.ROTATIONS)).as("seed %d", seed).isEqualTo(rotations(transform));
        }
    }

    /** Each rotation of an input once, each giant of an output once; none by zero. */
    private static long rotations(LinearTransform transform) {
        Set<List<Integer>> babies = new HashSet<>();
        long giants = 0;
        for (List<Giant> output : transform.outputs()) {
            for (Giant g : output) {
                giants += Math.floorMod(g.steps(), SLOTS) == 0 ? 0 : 1;
                for (Diagonal d : g.diagonals()) {
                    int step = Math.floorMod(d.baby(), SLOTS);
                    if (step != 0) {
                        babies.add(List.of(d.input(), step));
                    }
                }
            }
        }
        return babies.size() + giants;
    }

    private static double[] decrypted(Ciphertext c) {
        double[] values = new double[SLOTS];
        double[] imaginary = new double[SLOTS];
        ENCODER.decode(new Decryptor(SECRET).decrypt(c), values, imaginary);
        return values;
    }

    private static void assertClose(double[] have, double[] want, double tolerance, long seed, String what) {
        for (int t = 0; t < SLOTS; t++) {
            assertThat(have[t]).as("seed %d, slot %d, %s", seed, t, what).isCloseTo(want[t], within(tolerance));
        }
    }

    private static LinearTransform identity() {
        double[] ones = new double[SLOTS];
        Arrays.fill(ones, 1);
        return new LinearTransform(SLOTS, 1, List.of(List.of(new Giant(0, List.of(new Diagonal(0, 0, ones))))));
    }

    /** The result's scale is a promise: inputs of another one would give other numbers without anybody noticing. */
    @Test
    void apply_inputsThatItWasNotPreparedFor_areRefusedByAll() {
        double[] scale = {SCALE};
        EncryptedAlgebra encrypted = new EncryptedAlgebra(
                PARAMETERS, new CkksEvaluator(PARAMETERS, GENERATOR.evaluationKeys(SECRET, KeyRequest.none())));
        assertRefuses(encrypted, Ciphertext.zero(PARAMETERS, 1, 2, 2 * SCALE), "scale", scale);
        assertRefuses(encrypted, Ciphertext.zero(PARAMETERS, 1, 1, SCALE), "level", scale);
        CleartextAlgebra clear = CleartextAlgebra.of(SLOTS, PARAMETERS);
        assertRefuses(clear, ClearSlots.of(new double[SLOTS], 2, 2 * SCALE), "scale", scale);
        assertRefuses(clear, ClearSlots.of(new double[SLOTS], 1, SCALE), "level", scale);
        CostAlgebra cost = CostAlgebra.of(PARAMETERS, PlaintextForm.RESIDUES);
        assertRefuses(cost, new CostSlots(2, 2 * SCALE, 1), "scale", scale);
        assertRefuses(cost, new CostSlots(1, SCALE, 1), "level", scale);
        SlotRangeAlgebra ranges = new SlotRangeAlgebra(PARAMETERS, 1, false);
        double[] one = new double[SLOTS];
        assertRefuses(ranges, ranges.fresh(2, 2 * SCALE, one, one, new double[0][]), "scale", scale);
        assertRefuses(ranges, ranges.fresh(1, SCALE, one, one, new double[0][]), "level", scale);
    }

    private static <C> void assertRefuses(SlotAlgebra<C> algebra, C input, String words, double[] scales) {
        PreparedTransform<C> prepared = algebra.prepare(identity(), 2, scales, SCALE);
        assertThatThrownBy(() -> prepared.apply(List.of(input)))
                .as(algebra.getClass().getSimpleName())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
        assertThatThrownBy(() -> prepared.apply(List.of()))
                .as(algebra.getClass().getSimpleName())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("inputs=0");
    }

    @Test
    void of_whatCannotBeApplied_isRefused() {
        double[] zeros = new double[SLOTS];
        assertThatThrownBy(() -> new LinearTransform(SLOTS, 1, List.of(List.of())))
                .hasMessageContaining("giants=0");
        assertThatThrownBy(() -> new LinearTransform(
                        SLOTS, 1, List.of(List.of(new Giant(0, List.of(new Diagonal(1, 0, zeros)))))))
                .hasMessageContaining("input 1");
        assertThatThrownBy(() -> new LinearTransform(
                        SLOTS, 1, List.of(List.of(new Giant(0, List.of(new Diagonal(0, 0, new double[8])))))))
                .hasMessageContaining("8 values");
        assertThatThrownBy(() -> new LinearTransform(
                        SLOTS,
                        1,
                        List.of(List.of(new Giant(1, List.of()), new Giant(0, List.of(new Diagonal(0, 0, zeros)))))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("diagonal");
    }
}
