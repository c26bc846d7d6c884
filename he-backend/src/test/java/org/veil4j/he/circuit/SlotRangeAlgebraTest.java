package org.veil4j.he.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veil4j.he.circuit.LinearTransform.Diagonal;
import org.veil4j.he.circuit.LinearTransform.Giant;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.ckks.CkksEvaluator;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Decryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecretKey;
import org.veil4j.he.rlwe.SecurityLevel;

/** Ranges of random circuits against the same circuits in the clear and encrypted. */
class SlotRangeAlgebraTest {
    private static final int SLOTS = 512;
    private static final int TOP = 5;
    private static final double SCALE = 0x1p40;
    private static final int SAMPLES = 3;
    private static final RlweParameters PARAMETERS = RlweParameters.builder()
            .logN(10)
            .moduliBits(49, 36, 40, 36, 40, 36)
            .digits(3)
            .security(SecurityLevel.INSECURE_TEST)
            .build();
    private static final KeyGenerator GENERATOR = new KeyGenerator(PARAMETERS);
    private static final SecretKey SECRET = GENERATOR.secretKey();
    private static final CkksEncoder ENCODER = new CkksEncoder(PARAMETERS);

    private static double[] random(Random random, double magnitude) {
        double[] a = new double[SLOTS];
        boolean sparse = random.nextInt(3) == 0;
        for (int i = 0; i < SLOTS; i++) {
            a[i] = sparse && random.nextInt(4) > 0 ? 0 : (random.nextDouble() * 2 - 1) * magnitude;
        }
        return a;
    }

    private static LinearTransform transform(Random random) {
        List<Giant> giants = new ArrayList<>();
        for (int g = random.nextInt(3); g >= 0; g--) {
            List<Diagonal> diagonals = new ArrayList<>();
            for (int d = random.nextInt(4); d >= 0; d--) {
                diagonals.add(new Diagonal(0, random.nextInt(9) - 4, random(random, 0.5)));
            }
            giants.add(new Giant(random.nextInt(SLOTS), diagonals));
        }
        return new LinearTransform(SLOTS, 1, List.of(giants));
    }

    /** A random circuit down to level 0; returns all values that have a level's scale. */
    private static <C> List<C> circuit(SlotAlgebra<C> algebra, C input, long seed) {
        Random random = new Random(seed);
        List<C> values = new ArrayList<>();
        C x = input;
        for (int level = TOP; level > 0; level--) {
            for (int i = random.nextInt(3); i > 0; i--) {
                switch (random.nextInt(4)) {
                    case 0 -> x = algebra.rotate(x, random.nextInt(2 * SLOTS) - SLOTS);
                    case 1 -> x = algebra.addPlain(x, algebra.prepare(random(random, 0.5), level, algebra.scale(x)));
                    case 2 -> x = algebra.add(x, algebra.rotate(x, 1 + random.nextInt(20)));
                    default -> x = algebra.negate(x);
                }
                values.add(x);
            }
            double scale = algebra.scale(x);
            switch (level % 2 == 0 ? 3 : random.nextInt(3)) { // at even levels as wide as the scale: for products
                case 0 ->
                    x = algebra.prepare(transform(random), level, new double[] {scale}, SCALE)
                            .apply(List.of(x))
                            .get(0);
                case 1 ->
                    x = algebra.rescale(
                            algebra.multiplyPlain(x, random(random, 1), 1 / algebra.rescaledScale(level, 1)));
                case 2 ->
                    x = algebra.rescale(algebra.multiplyScalar(
                            x, random.nextDouble() - 0.5, 0.5 / algebra.rescaledScale(level, 1)));
                default -> x = algebra.relinearizeRescale(algebra.sumOfSquares(List.of(x)), 1);
            }
            values.add(x);
        }
        return values;
    }

    @Test
    void circuits_random_rangesHoldAndNoiseIsNotLessThanTheRealOne() {
        double bits = 0;
        double least = Double.POSITIVE_INFINITY;
        int circuits = 12;
        for (long seed = 0; seed < circuits; seed++) {
            Random random = new Random(1000 + seed);
            double[] low = new double[SLOTS];
            double[] high = new double[SLOTS];
            for (int t = 0; t < SLOTS; t++) {
                low[t] = random.nextInt(4) == 0 ? 0 : -random.nextDouble();
                high[t] = random.nextInt(4) == 0 ? low[t] : low[t] + random.nextDouble();
            }
            double[][] samples = new double[SAMPLES][SLOTS];
            for (int i = 0; i < SAMPLES; i++) {
                for (int t = 0; t < SLOTS; t++) {
                    double at = i == 0 ? random.nextInt(2) : random.nextDouble(); // corners, then anywhere
                    samples[i][t] = low[t] + at * (high[t] - low[t]);
                }
            }
            SlotRangeAlgebra ranges = new SlotRangeAlgebra(PARAMETERS, seed, false);
            List<RangedSlots> ranged = circuit(ranges, ranges.fresh(TOP, SCALE, low, high, samples), seed);

            CostAlgebra cost = CostAlgebra.of(PARAMETERS, PlaintextForm.RESIDUES);
            circuit(cost, new CostSlots(TOP, SCALE, 1), seed);
            EncryptedAlgebra encrypted = new EncryptedAlgebra(
                    PARAMETERS, new CkksEvaluator(PARAMETERS, GENERATOR.evaluationKeys(SECRET, cost.keyRequest())));
            double real = 0;
            for (int i = 0; i < SAMPLES; i++) {
                List<ClearSlots> clear =
                        circuit(CleartextAlgebra.of(SLOTS, PARAMETERS), ClearSlots.of(samples[i], TOP, SCALE), seed);
                List<Ciphertext> run = circuit(
                        encrypted, Encryptor.symmetric(SECRET).encrypt(ENCODER.encode(samples[i], TOP, SCALE)), seed);
                for (int k = 0; k < clear.size(); k++) {
                    RangedSlots r = ranged.get(k);
                    double[] want = clear.get(k).toArray();
                    double[] have = new double[SLOTS];
                    ENCODER.decode(new Decryptor(SECRET).decrypt(run.get(k)), have, new double[SLOTS]);
                    double worst = 0;
                    for (int t = 0; t < SLOTS; t++) {
                        assertThat(want[t])
                                .as("seed %d, value %d, slot %d", seed, k, t)
                                .isBetween(r.low[t] - 1e-9, r.high[t] + 1e-9);
                        assertThat(r.exact[i * SLOTS + t])
                                .as("sample %d of seed %d, value %d, slot %d", i, seed, k, t)
                                .isBetween(want[t] - 1e-9, want[t] + 1e-9);
                        worst = Math.max(worst, Math.abs(have[t] - want[t]));
                    }
                    assertThat(worst)
                            .as("error of value %d of seed %d, level %d", k, seed, r.level())
                            .isLessThanOrEqualTo(r.error());
                    real = k == clear.size() - 1 ? Math.max(real, worst) : real;
                }
            }
            double simulated = ranged.get(ranged.size() - 1).measuredError();
            double slack = Math.log(simulated / real) / Math.log(2);
            bits += slack;
            least = Math.min(least, slack);
        }

        assertThat(bits / circuits)
                .as("bits by which simulated errors are above real ones")
                .isBetween(0.0, 3.5);
        assertThat(least).as("the circuit whose noise is most underestimated").isGreaterThan(-1);
    }

    private static RangedSlots constant(SlotRangeAlgebra algebra, int level, double value) {
        double[] all = new double[SLOTS];
        Arrays.fill(all, value);
        return algebra.fresh(level, SCALE, all, all, new double[][] {all});
    }

    @Test
    void take_valuesOfOneSlotBeyondTheModulus_tellsIt() {
        SlotRangeAlgebra algebra = new SlotRangeAlgebra(PARAMETERS, 1, false);
        double capacity = algebra.capacity(0, SCALE);
        double[] one = new double[SLOTS];
        one[7] = capacity / 2;
        LinearTransform transform =
                new LinearTransform(SLOTS, 1, List.of(List.of(new Giant(3, List.of(new Diagonal(0, 2, one))))));
        RangedSlots x = constant(algebra, 1, 1);
        algebra.take();
        RangedSlots half = algebra.prepare(transform, 1, new double[] {SCALE}, SCALE)
                .apply(List.of(x))
                .get(0);
        assertThat(half.high[4]).isEqualTo(capacity / 2);
        RangeAlgebra.Extremes extremes = algebra.take();
        assertThat(extremes.possibleHeadroomBits()).isBetween(0.99, 1.0);
        assertThat(extremes.measuredHeadroomBits()).isBetween(0.99, 1.01);
        algebra.add(algebra.add(half, half), half);
        assertThat(algebra.take().possibleHeadroomBits()).isBetween(-0.6, -0.58);
        for (Operation op : List.<Operation>of(
                v -> algebra.addPlain(v, algebra.prepare(one, 0, SCALE)),
                v -> algebra.add(v, v),
                v -> algebra.prepare(transform, 1, new double[] {SCALE}, SCALE)
                        .apply(List.of(constant(algebra, 1, 3)))
                        .get(0))) {
            RangedSlots big = algebra.rotate(constant(algebra, 0, 0.75 * capacity), 1);
            algebra.take();
            op.apply(big);
            assertThat(algebra.take().measuredHeadroomBits()).isNegative();
        }
    }

    private interface Operation {
        RangedSlots apply(RangedSlots v);
    }

    @Test
    void fresh_valuesThatCannotBeHeldAtAll_isTold() {
        SlotRangeAlgebra algebra = new SlotRangeAlgebra(PARAMETERS, 1, false);
        algebra.take();
        constant(algebra, 0, 2 * algebra.capacity(0, SCALE));
        assertThat(algebra.take().possibleHeadroomBits()).isNegative();
        double[] low = new double[SLOTS];
        Arrays.fill(low, Double.NEGATIVE_INFINITY);
        RangedSlots any = algebra.fresh(1, SCALE, low, new double[SLOTS], new double[0][]);
        assertThat(any.error()).isNotNaN();
        RangedSlots product = algebra.multiplyPlain(any, new double[SLOTS], SCALE); // infinity times zero
        assertThat(product.error()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(product.magnitude()).isEqualTo(Double.POSITIVE_INFINITY);
    }
}
