package org.veil4j.he.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veil4j.he.circuit.OperationCounts.Kind;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.ckks.CkksEvaluator;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Decryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.LimbPool;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecretKey;
import org.veil4j.he.rlwe.SecurityLevel;

/** Each operation under the three interpretations: equal numbers, levels, scales and refusals. */
class SlotAlgebraTest {
    private static final double SCALE = 0x1p40;
    private static final double WEIGHT_SCALE = 0x1p28;

    private static RlweParameters parameters;
    private static SecretKey secret;
    private static EncryptedAlgebra encrypted;
    private static CleartextAlgebra clear;
    private static CkksEncoder encoder;

    @BeforeAll
    static void makeKeys() {
        parameters = RlweParameters.builder()
                .logN(10)
                .moduliBits(49, 40, 40, 28, 40, 40, 40)
                .specialBits(45, 45)
                .digits(4)
                .security(SecurityLevel.INSECURE_TEST)
                .build();
        KeyGenerator generator = new KeyGenerator(parameters);
        secret = generator.secretKey();
        KeyRequest request =
                KeyRequest.none().withRelinearization().withRotations(1, 5, -3).withConjugation();
        encoder = new CkksEncoder(parameters);
        encrypted = new EncryptedAlgebra(
                parameters, new CkksEvaluator(parameters, generator.evaluationKeys(secret, request)));
        clear = new CleartextAlgebra(512, primes());
    }

    private static double[] primes() {
        double[] primes = new double[parameters.q().size()];
        for (int i = 0; i < primes.length; i++) {
            primes[i] = parameters.q().modulus(i).p();
        }
        return primes;
    }

    private static CostAlgebra cost() {
        return new CostAlgebra(
                512, primes(), parameters.digitSize(), parameters.p().size());
    }

    private static double[] random(long seed) {
        Random random = new Random(seed);
        double[] a = new double[512];
        for (int i = 0; i < a.length; i++) {
            a[i] = random.nextDouble() * 2 - 1;
        }
        return a;
    }

    /** A circuit of two inputs. */
    private interface Circuit {
        <C> C run(SlotAlgebra<C> algebra, C x, C y);
    }

    private static OperationCounts assertAllAgree(Circuit circuit) {
        long seed = 17;
        double[] x = random(seed);
        double[] y = random(seed + 1);
        int level = parameters.maxLevel();
        Encryptor encryptor = Encryptor.symmetric(secret);
        Ciphertext have = circuit.run(
                encrypted,
                encryptor.encrypt(encoder.encode(x, level, SCALE)),
                encryptor.encrypt(encoder.encode(y, level, SCALE)));
        ClearSlots want = circuit.run(clear, ClearSlots.of(x, level, SCALE), ClearSlots.of(y, level, SCALE));
        CostAlgebra cost = cost();
        CostSlots counted = circuit.run(cost, new CostSlots(level, SCALE, 1), new CostSlots(level, SCALE, 1));
        double[] slots = encoder.decode(new Decryptor(secret).decrypt(have));
        for (int i = 0; i < slots.length; i++) {
            assertThat(slots[i]).as("seed %d, slot %d", seed, i).isCloseTo(want.values[i], within(0x1p-18));
        }
        assertThat(have.level()).isEqualTo(want.level).isEqualTo(counted.level());
        assertThat(have.degree()).isEqualTo(want.degree).isEqualTo(counted.degree());
        assertThat(have.scale())
                .isCloseTo(want.scale, within(want.scale * 1e-12))
                .isCloseTo(counted.scale(), within(want.scale * 1e-12));
        return cost.counts();
    }

    @Test
    void additions_ofAllKinds_agree() {
        assertAllAgree(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                return a.addConstant(a.negate(a.subtract(a.add(x, y), a.add(y, y))), -2.5);
            }
        });
    }

    @Test
    void products_ofAllKinds_agree() {
        double[] mask = random(3);
        OperationCounts counts = assertAllAgree(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                C p = a.rescale(a.relinearize(a.sumOfProducts(List.of(x, y), List.of(y, y))));
                C s = a.rescale(a.relinearize(a.sumOfSquares(List.of(x, y, x))));
                C t = a.rescale(a.multiplyPlain(a.add(p, s), mask, WEIGHT_SCALE));
                return a.multiplyScalar(a.dropToLevel(t, 3), -0.375, WEIGHT_SCALE);
            }
        });
        assertThat(counts.get(Kind.KEY_SWITCHES)).isEqualTo(2);
        assertThat(counts.get(Kind.RESCALES)).isEqualTo(3);
    }

    @Test
    void preparedPlain_usedTwiceAndLower_agreesAndIsEncodedOnce() {
        double[] mask = random(4);
        OperationCounts counts = assertAllAgree(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                PreparedPlain plain = a.prepare(mask, a.level(x), SCALE);
                assertThat(plain.level()).isEqualTo(a.level(x));
                assertThat(plain.scale()).isEqualTo(SCALE);
                C p = a.multiplyPlain(a.addPlain(x, plain), plain);
                C low = a.dropToLevel(y, 3);
                C q = a.multiplyPlain(a.addPlain(low, plain), plain);
                return a.add(a.dropToLevel(p, 3), q);
            }
        });
        assertThat(counts.get(Kind.NTT_LIMBS)).isEqualTo(parameters.maxLevel() + 1);
    }

    @Test
    void addPlain_fewNumbersAndDegreeTwo_agrees() {
        assertAllAgree(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                C product = a.multiply(x, y);
                C sum = a.addPlain(product, a.prepare(new double[] {1, -2}, a.level(product), a.scale(product)));
                return a.relinearize(sum);
            }
        });
    }

    @Test
    void repeatedPlain_sameLevelAndScale_isEncodedOnce() {
        CostAlgebra cost = cost();
        RepeatedPlain plain = new RepeatedPlain(cost, new double[] {1});
        PreparedPlain first = plain.at(3, SCALE);
        assertThat(plain.at(3, SCALE)).isSameAs(first);
        assertThat(plain.at(2, SCALE)).isNotSameAs(first);
        assertThat(plain.at(2, 2 * SCALE).scale()).isEqualTo(2 * SCALE);
        assertThat(cost.counts().get(Kind.NTT_LIMBS)).isEqualTo(4 + 3 + 3);
    }

    @Test
    void preparedPlain_misused_isRefusedEverywhere() {
        Encryptor encryptor = Encryptor.symmetric(secret);
        assertPlainRefusals(encrypted, encryptor.encrypt(encoder.encode(new double[1], 2, SCALE)), clear);
        assertPlainRefusals(clear, ClearSlots.of(new double[512], 2, SCALE), cost());
        assertPlainRefusals(cost(), new CostSlots(2, SCALE, 1), encrypted);
    }

    private static <C> void assertPlainRefusals(SlotAlgebra<C> algebra, C x, SlotAlgebra<?> other) {
        double[] one = {1};
        PreparedPlain foreign = other.prepare(one, 2, SCALE);
        assertThatThrownBy(() -> algebra.multiplyPlain(x, foreign)).hasMessageContaining("another interpretation");
        assertThatThrownBy(() -> algebra.addPlain(x, foreign)).hasMessageContaining("another interpretation");
        PreparedPlain low = algebra.prepare(one, 1, SCALE);
        assertThatThrownBy(() -> algebra.multiplyPlain(x, low)).hasMessageContaining("plain.level=1");
        assertThatThrownBy(() -> algebra.addPlain(x, low)).hasMessageContaining("plain.level=1");
        PreparedPlain wide = algebra.prepare(one, 2, 2 * SCALE);
        assertThatThrownBy(() -> algebra.addPlain(x, wide)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> algebra.prepare(new double[513], 2, SCALE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> algebra.prepare(one, 2, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> algebra.prepare(one, 2, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void withScale_multipliesByTheRatioForNothing() {
        OperationCounts counts = assertAllAgree(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                C third = a.withScale(x, 3 * SCALE);
                assertThat(a.scale(third)).isEqualTo(3 * SCALE);
                return a.add(third, a.withScale(y, 3 * SCALE));
            }
        });
        assertThat(counts.get(Kind.MULTIPLY_LIMBS)).isZero();
        assertThat(counts.get(Kind.RESCALES)).isZero();
    }

    @Test
    void rotations_andConjugation_agree() {
        OperationCounts counts = assertAllAgree(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                List<C> r = a.rotateAll(x, new int[] {1, 0, 5, -3});
                C sum = a.add(a.add(r.get(0), r.get(1)), a.add(r.get(2), r.get(3)));
                return a.add(a.conjugate(sum), a.rotate(y, 5));
            }
        });
        assertThat(counts.get(Kind.KEY_SWITCHES)).isEqualTo(5);
    }

    @Test
    void linearMap_ofMixedScales_landsOnOneScale() {
        SparseMatrix matrix =
                SparseMatrix.of(2, new int[] {0, 2, 3}, new int[] {0, 1, 1}, new double[] {0.5, -1.25, 3});
        assertAllAgree(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                // Half the scale of x, at the level whose narrow prime takes the weights.
                C z = a.rescale(a.multiplyScalar(a.dropToLevel(y, 4), 1, 0x1p39));
                C low = a.dropToLevel(x, a.level(z));
                double target = SCALE;
                double[] scales = {
                    target / a.rescaledScale(a.level(low), a.scale(low)),
                    target / a.rescaledScale(a.level(z), a.scale(z))
                };
                List<C> out = a.linearMap(matrix, scales, List.of(low, z));
                return a.add(a.rescale(out.get(0)), a.rescale(out.get(1)));
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7})
    void polynomial_anyDegree_agreesAndCostsWhatItDeclares(int degree) {
        Random random = new Random(degree);
        double[] c = new double[degree + 1];
        for (int i = 0; i <= degree; i++) {
            c[i] = i == 1 && degree > 2 ? 0 : random.nextDouble() - 0.5;
        }
        RlweParameters p = parameters;
        OperationCounts counts = assertAllAgree(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                // The level of the narrow prime takes the coefficients.
                C start = a.dropToLevel(x, 3 + PolynomialEvaluator.levels(degree) - 1);
                C result = new PolynomialEvaluator<>(a).evaluate(start, c, SCALE);
                assertThat(a.level(result)).isEqualTo(a.level(start) - PolynomialEvaluator.levels(degree));
                assertThat(a.scale(result)).isCloseTo(SCALE, within(SCALE * 1e-12));
                return result;
            }
        });
        assertThat(p.maxLevel()).isGreaterThanOrEqualTo(3);
        assertThat(counts.get(Kind.KEY_SWITCHES)).isEqualTo(degree - 1);
    }

    @Test
    void keyRequest_eachKey_atTheHighestLevelOfItsUse() {
        CostAlgebra cost = cost();
        cost.rotateAll(new CostSlots(4, SCALE, 1), new int[] {3, 0, -1, 515});
        assertThat(cost.keyRequest())
                .isEqualTo(KeyRequest.none().withRotation(3, 4).withRotation(511, 4));
        cost.rotateAll(new CostSlots(5, SCALE, 1), new int[] {0, 512, 3});
        cost.rotate(new CostSlots(2, SCALE, 1), -1);
        cost.conjugate(new CostSlots(1, SCALE, 1));
        cost.conjugate(new CostSlots(0, SCALE, 1));
        cost.relinearize(new CostSlots(3, SCALE, 2));
        cost.relinearize(new CostSlots(5, SCALE, 1));
        assertThat(cost.keyRequest())
                .isEqualTo(KeyRequest.none()
                        .withRotation(3, 5)
                        .withRotation(511, 4)
                        .withConjugation(1)
                        .withRelinearization(3));
    }

    @Test
    void misuse_isRefusedByAll() {
        assertRefusedByAll(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                return a.add(x, a.rescale(a.multiplyScalar(y, 1, 0x1p20)));
            }
        });
        assertRefusedByAll(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                return a.add(x, a.multiplyScalar(y, 1, 2));
            }
        });
        assertRefusedByAll(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                return a.withScale(x, 0);
            }
        });
        assertRefusedByAll(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                return a.rescale(a.dropToLevel(x, 0));
            }
        });
        assertRefusedByAll(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                SparseMatrix one = SparseMatrix.identity(1);
                return a.linearMap(one, new double[] {1}, List.of(x, y)).get(0);
            }
        });
        assertRefusedByAll(new Circuit() {
            @Override
            public <C> C run(SlotAlgebra<C> a, C x, C y) {
                SparseMatrix huge = SparseMatrix.diagonal(new double[] {1e9});
                return a.linearMap(huge, new double[] {WEIGHT_SCALE}, List.of(x))
                        .get(0);
            }
        });
    }

    @Test
    void release_ofSharedResidues_makesEveryOwnerUnusableAndPoolsThemOnce() {
        int level = parameters.maxLevel();
        Ciphertext c = Encryptor.symmetric(secret).encrypt(encoder.encode(random(1), level, SCALE));
        Ciphertext lower = encrypted.dropToLevel(c, 2);
        Ciphertext other = encrypted.withScale(c, 1);
        double[] limb = c.part(1).limb(1);
        encrypted.release(lower);
        for (Ciphertext gone : List.of(c, lower, other)) {
            assertThatThrownBy(() -> encrypted.release(gone))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("overwritten or released");
            assertThatThrownBy(() -> encrypted.add(gone, gone)).isInstanceOf(IllegalStateException.class);
        }
        LimbPool pool = LimbPool.of(parameters.n());
        List<double[]> taken = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            taken.add(pool.take());
        }
        assertThat(taken.stream().filter(x -> x == limb).count()).isEqualTo(1);
        taken.forEach(pool::give);
    }

    @Test
    void linearMap_ofAForeignCiphertext_isRefused() {
        RlweParameters foreign = RlweParameters.builder()
                .logN(10)
                .moduliBits(49, 39, 39, 28, 39, 39, 39)
                .specialBits(45, 45)
                .digits(4)
                .security(SecurityLevel.INSECURE_TEST)
                .build();
        SecretKey key = new KeyGenerator(foreign).secretKey();
        Ciphertext c =
                Encryptor.symmetric(key).encrypt(new CkksEncoder(foreign).encode(random(1), foreign.maxLevel(), SCALE));
        assertThatThrownBy(() -> encrypted.linearMap(SparseMatrix.identity(1), new double[] {WEIGHT_SCALE}, List.of(c)))
                .isInstanceOf(ParameterMismatchException.class);
    }

    private static void assertRefusedByAll(Circuit circuit) {
        int level = parameters.maxLevel();
        double[] x = random(1);
        Ciphertext c = Encryptor.symmetric(secret).encrypt(encoder.encode(x, level, SCALE));
        ClearSlots s = ClearSlots.of(x, level, SCALE);
        CostSlots k = new CostSlots(level, SCALE, 1);
        List<Runnable> runs = new ArrayList<>();
        runs.add(() -> circuit.run(encrypted, c, c));
        runs.add(() -> circuit.run(clear, s, s));
        runs.add(() -> circuit.run(cost(), k, k));
        for (Runnable run : runs) {
            assertThatThrownBy(run::run).isInstanceOf(RuntimeException.class).hasMessageMatching("(?s).+");
        }
    }
}
