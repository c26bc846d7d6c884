package org.veil4j.he.ckks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataOutputStream;
import java.io.OutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Decryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.LevelExhaustedException;
import org.veil4j.he.rlwe.MissingEvaluationKeyException;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.Plaintext;
import org.veil4j.he.rlwe.ScaleMismatchException;

class CkksEvaluatorTest {
    private static final long SEED = 777;
    private static final double TIGHT = 0x1p-25;
    private final Session s = new Session(
            CkksParameters.insecureTest(11, 4),
            KeyRequest.none().withRelinearization().withRotations(1, -1, 5, 100).withConjugation(),
            SEED);
    private final CkksEvaluator ev = s.evaluator;
    private final double[] x = Session.random(s.slots, 1, SEED);
    private final double[] y = Session.random(s.slots, 1, SEED + 1);
    private final Ciphertext a = s.encrypt(x);
    private final Ciphertext b = s.encrypt(y);

    private interface Slot {
        double at(int i);
    }

    private double[] clear(Slot f) {
        double[] r = new double[s.slots];
        for (int i = 0; i < r.length; i++) {
            r[i] = f.at(i);
        }
        return r;
    }

    private void check(Ciphertext c, Slot f) {
        assertThat(s.error(clear(f), c)).as("seed %d", SEED).isLessThan(TIGHT);
    }

    private static void assertSame(Ciphertext have, Ciphertext want) {
        assertThat(have.degree()).isEqualTo(want.degree());
        assertThat(have.level()).isEqualTo(want.level());
        for (int k = 0; k <= want.degree(); k++) {
            for (int i = 0; i <= want.level(); i++) {
                assertThat(have.part(k).limb(i))
                        .as("seed %d part %d limb %d", SEED, k, i)
                        .isEqualTo(want.part(k).limb(i));
            }
        }
    }

    @Test
    void linearOperations_slots_equalClearArithmetic() {
        Plaintext q = s.encoder.encode(y, 2, s.scale);
        check(ev.add(a, b), i -> x[i] + y[i]);
        check(ev.sub(a, b), i -> x[i] - y[i]);
        check(ev.negate(a), i -> -x[i]);
        check(ev.addPlain(a, q), i -> x[i] + y[i]);
        check(ev.addConstant(a, -2.5), i -> x[i] - 2.5);
        check(ev.multiplyInteger(a, -3), i -> -3 * x[i]);
        check(ev.rescale(ev.multiplyScalar(a, 0.37, s.scale)), i -> 0.37 * x[i]);
        check(ev.rescale(ev.multiplyPlain(a, q)), i -> x[i] * y[i]);
        assertThat(ev.addPlain(a, q).level()).isEqualTo(2);
        Ciphertext acc = a.copy();
        ev.addInPlace(acc, b);
        check(acc, i -> x[i] + y[i]);
        assertThatThrownBy(() -> ev.addInPlace(a, b)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ev.addInPlace(acc, ev.dropLevel(b, 1))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void products_slots_equalClearArithmeticAndScalesAreExact() {
        Ciphertext product = ev.multiply(a, b);
        assertThat(product.degree()).isEqualTo(2);
        assertThat(product.scale()).isEqualTo(s.scale * s.scale);
        check(product, i -> x[i] * y[i]);
        check(ev.relinearize(product), i -> x[i] * y[i]);
        check(ev.square(a), i -> x[i] * x[i]);
        Ciphertext rescaled = ev.multiplyRelinRescale(a, b);
        check(rescaled, i -> x[i] * y[i]);
        assertThat(rescaled.scale())
                .isEqualTo(s.scale * s.scale / s.parameters.q().modulus(4).p());
        assertThat(rescaled.level()).isEqualTo(3);
        check(ev.multiplyRelinRescale(a, a), i -> x[i] * x[i]);
        check(ev.rescale(ev.relinearize(product)), i -> x[i] * y[i]);
        check(ev.multiply(rescaled, ev.dropLevel(a, 3)), i -> x[i] * y[i] * x[i]);
    }

    @Test
    void relinearizeRescale_twoPrimes_dividesByBoth() {
        Ciphertext product = ev.multiplyScalar(ev.multiply(a, b), 0.5, s.scale);
        Ciphertext both = ev.relinearizeRescale(product, 2);
        assertThat(both.degree()).isEqualTo(1);
        assertThat(both.level()).isEqualTo(2);
        assertThat(both.scale())
                .isEqualTo(product.scale()
                        / s.parameters.q().modulus(4).p()
                        / s.parameters.q().modulus(3).p());
        check(both, i -> 0.5 * x[i] * y[i]);
        for (int level = 2; level < 4; level++) {
            Ciphertext lower = ev.relinearizeRescale(ev.dropLevel(product, level), 2);
            assertThat(lower.level()).isEqualTo(level - 2);
            check(lower, i -> 0.5 * x[i] * y[i]);
        }
        Ciphertext line = ev.multiplyScalar(ev.multiplyScalar(a, 0.5, s.scale), -3, s.scale);
        check(ev.relinearizeRescale(line, 2), i -> -1.5 * x[i]);
        Ciphertext low = ev.dropLevel(product, 1);
        assertThatThrownBy(() -> ev.relinearizeRescale(low, 2)).isInstanceOf(LevelExhaustedException.class);
        assertThatThrownBy(() -> ev.relinearizeRescale(product, 3)).hasMessageContaining("levels=3");
        assertThatThrownBy(() -> ev.relinearizeRescale(product, 0)).hasMessageContaining("levels=0");
    }

    @Test
    void relinearize_product_decryptsLikeDegreeTwo() {
        Ciphertext product = ev.multiply(a, b);
        Decryptor decryptor = new Decryptor(s.secret);
        double[] two = s.encoder.decode(decryptor.decrypt(product));
        double[] one = s.encoder.decode(decryptor.decrypt(ev.relinearize(product)));
        // The noise of a key switch is relative to the product's scale of 2^80: nothing.
        assertThat(PrecisionStats.of(two, one).maxError()).as("seed %d", SEED).isLessThan(1e-13);
    }

    @Test
    void sums_lazy_equalStepByStep() {
        Ciphertext[] p = {a, b, ev.negate(a), ev.add(a, b), b};
        Ciphertext[] q = {b, a, a, ev.dropLevel(b, 2), a};
        Ciphertext lazy = ev.sumOfProducts(p, q);
        assertThat(lazy.level()).isEqualTo(2);
        assertThat(lazy.degree()).isEqualTo(2);
        Ciphertext steps = ev.multiply(p[0], q[0]);
        for (int t = 1; t < p.length; t++) {
            steps = ev.add(steps, ev.multiply(p[t], q[t]));
        }
        assertSame(lazy, steps);
        assertSame(ev.sumOfSquares(p), ev.sumOfProducts(p, p));
        Plaintext[] w = new Plaintext[p.length];
        for (int t = 0; t < w.length; t++) {
            w[t] = s.encoder.encode(Session.random(s.slots, 1, SEED + t), 3, s.scale);
        }
        Ciphertext plain = ev.multiplyPlain(p[0], w[0]);
        for (int t = 1; t < w.length; t++) {
            plain = ev.add(plain, ev.multiplyPlain(p[t], w[t]));
        }
        assertSame(ev.sumOfPlainProducts(p, w), plain);
    }

    @Test
    void rotate_steps_shiftsSlotsCyclically() {
        int n = s.slots;
        for (int steps : new int[] {1, -1, 5, 100, 0, n + 1, -n}) {
            check(ev.rotate(a, steps), i -> x[Math.floorMod(i + steps, n)]);
        }
        for (int level = 0; level <= 4; level++) {
            check(ev.rotate(ev.dropLevel(a, level), 5), i -> x[(i + 5) % n]);
        }
    }

    @Test
    void rotateAll_hoisted_equalsSingleRotationsBitForBit() {
        int[] steps = {1, 0, -1, 5, 100, 1};
        Ciphertext c = ev.dropLevel(a, 3);
        Ciphertext[] all = ev.rotateAll(c, steps);
        for (int i = 0; i < steps.length; i++) {
            assertSame(all[i], ev.rotate(c, steps[i]));
        }
    }

    @Test
    void complexSlots_conjugateAndMultiply_followComplexArithmetic() {
        Ciphertext c = Encryptor.symmetric(s.secret).encrypt(s.encoder.encode(x, y, 4, s.scale));
        Decryptor decryptor = new Decryptor(s.secret);
        double[] re = new double[s.slots];
        double[] im = new double[s.slots];
        s.encoder.decode(decryptor.decrypt(ev.conjugate(c)), re, im);
        assertThat(PrecisionStats.of(x, re).maxError()).isLessThan(TIGHT);
        assertThat(PrecisionStats.of(clear(i -> -y[i]), im).maxError()).isLessThan(TIGHT);
        s.encoder.decode(decryptor.decrypt(ev.multiplyRelinRescale(c, c)), re, im);
        assertThat(PrecisionStats.of(clear(i -> x[i] * x[i] - y[i] * y[i]), re).maxError())
                .isLessThan(TIGHT);
        assertThat(PrecisionStats.of(clear(i -> 2 * x[i] * y[i]), im).maxError())
                .isLessThan(TIGHT);
    }

    @Test
    void rescale_toTheLastLevel_keepsPrecisionThenRefuses() {
        Ciphertext c = a;
        double[] want = x.clone();
        for (int level = 4; level > 0; level--) {
            c = ev.multiplyRelinRescale(c, ev.dropLevel(b, level));
            for (int i = 0; i < want.length; i++) {
                want[i] *= y[i];
            }
        }
        assertThat(c.level()).isZero();
        assertThat(s.error(want, c)).as("seed %d", SEED).isLessThan(2 * TIGHT);
        Ciphertext last = c;
        assertThatThrownBy(() -> ev.rescale(last))
                .isInstanceOf(LevelExhaustedException.class)
                .hasMessageContaining("level=0");
        assertThatThrownBy(() -> ev.multiplyRelinRescale(last, last)).isInstanceOf(LevelExhaustedException.class);
        assertThatThrownBy(() -> ev.dropLevel(last, 1)).isInstanceOf(LevelExhaustedException.class);
    }

    @Test
    void rescaleInPlace_overwrites_equalsRescale() {
        Ciphertext product = ev.multiply(a, b);
        Ciphertext want = ev.rescale(product);
        assertSame(ev.rescaleInPlace(product), want);
    }

    @Test
    void rescaleInPlace_ofSharedResidues_makesEveryOwnerUnusable() {
        Ciphertext original = ev.multiply(a, b);
        Ciphertext lower = ev.dropLevel(original, 3);
        Ciphertext other = original.withScale(1);
        Ciphertext want = ev.rescale(lower);
        assertSame(ev.rescaleInPlace(lower), want);
        for (Ciphertext gone : new Ciphertext[] {original, lower, other}) {
            assertThatThrownBy(() -> ev.rescale(gone))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("overwritten or released");
            assertThatThrownBy(() -> new Decryptor(s.secret).decrypt(gone)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> ev.dropLevel(gone, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(gone::copy).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> gone.withScale(2)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> gone.write(new DataOutputStream(OutputStream.nullOutputStream())))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void addConstantInPlace_overwrites_equalsAddConstantAndRetiresTheInput() {
        Ciphertext input = ev.multiply(a, b);
        Ciphertext want = ev.addConstant(input, -2.5);
        Ciphertext lower = ev.dropLevel(input, 1);
        assertThatThrownBy(() -> ev.addConstantInPlace(input, 1e300)).isInstanceOf(IllegalArgumentException.class);
        assertSame(ev.addConstantInPlace(input, -2.5), want);
        for (Ciphertext gone : new Ciphertext[] {input, lower}) {
            assertThatThrownBy(() -> ev.addConstant(gone, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("overwritten or released");
        }
    }

    @Test
    void sumOfProducts_mostPairsThatAreAllowed_isExactAndMoreAreRefused() {
        Ciphertext[] p = new Ciphertext[RnsPoly.MAX_TERMS / 2];
        Ciphertext[] q = new Ciphertext[p.length];
        Arrays.fill(p, a);
        Arrays.fill(q, b);
        assertSame(ev.sumOfProducts(p, q), ev.multiplyInteger(ev.multiply(a, b), p.length));
        Ciphertext[] more = new Ciphertext[p.length + 1];
        Arrays.fill(more, a);
        assertThatThrownBy(() -> ev.sumOfProducts(more, more))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("terms=8194: must be 1 to 8192 products in one sum; add partial sums");
        Ciphertext[] many = new Ciphertext[RnsPoly.MAX_TERMS + 1];
        Arrays.fill(many, a);
        assertThatThrownBy(() -> ev.sumOfSquares(many)).hasMessageContaining("terms=8193");
        Plaintext[] w = new Plaintext[many.length];
        Arrays.fill(w, s.encoder.encode(y, 4, s.scale));
        assertThatThrownBy(() -> ev.sumOfPlainProducts(many, w)).hasMessageContaining("terms=8193");
    }

    @Test
    void constants_thatDoNotFitOrBadScales_areRefused() {
        Ciphertext low = ev.dropLevel(a, 0);
        check(ev.addConstant(low, 255), i -> x[i] + 255);
        for (double value : new double[] {257, -300, 1e300}) {
            assertThatThrownBy(() -> ev.addConstant(low, value))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("level 0");
        }
        for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> ev.multiplyScalar(a, 1, scale))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("scale=" + scale + ": must be finite and positive");
        }
    }

    @Test
    void multiply_degreeBeyondTheLargest_isRefused() {
        Ciphertext c = a;
        for (int degree = 2; degree <= Ciphertext.MAX_DEGREE; degree++) {
            c = ev.multiply(c.withScale(1), a.withScale(1));
        }
        Ciphertext last = c;
        assertThatThrownBy(() -> ev.multiply(last, a))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("parts=10: must be 2 to 9; relinearise");
    }

    @Test
    void alignTo_otherScale_keepsValuesOrRefuses() {
        Ciphertext c = ev.alignTo(a, 2, s.scale * 1.37);
        assertThat(c.level()).isEqualTo(2);
        assertThat(c.scale()).isEqualTo(s.scale * 1.37);
        check(c, i -> x[i]);
        assertThat(ev.alignTo(a, 2, s.scale).level()).isEqualTo(2);
        Ciphertext product = ev.multiplyRelinRescale(a, b);
        check(ev.add(product, ev.alignTo(a, 3, product.scale())), i -> x[i] * y[i] + x[i]);
        assertThatThrownBy(() -> ev.alignTo(a, 4, s.scale * 2)).isInstanceOf(LevelExhaustedException.class);
        assertThatThrownBy(() -> ev.alignTo(a, 3, 4)).isInstanceOf(ScaleMismatchException.class);
    }

    @Test
    void misuse_mixedScalesMissingKeysForeignParameters_haveNamedExceptions() {
        Ciphertext other = ev.multiplyScalar(a, 1, 2);
        assertThatThrownBy(() -> ev.add(a, other)).isInstanceOf(ScaleMismatchException.class);
        assertThatThrownBy(() -> ev.sub(a, other)).isInstanceOf(ScaleMismatchException.class);
        assertThatThrownBy(() -> ev.addPlain(other, s.encoder.encode(y, 4, s.scale)))
                .isInstanceOf(ScaleMismatchException.class);
        assertThatThrownBy(() -> ev.sumOfProducts(new Ciphertext[] {a, a}, new Ciphertext[] {a, other}))
                .isInstanceOf(ScaleMismatchException.class);
        assertThatThrownBy(() -> ev.rotate(a, 17))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("steps=17");
        assertThatThrownBy(() -> ev.rotateAll(a, new int[] {1, 17})).isInstanceOf(MissingEvaluationKeyException.class);
        CkksEvaluator keyless = new CkksEvaluator(s.parameters, null);
        Ciphertext product = ev.multiply(a, b);
        assertThatThrownBy(() -> keyless.relinearize(product)).isInstanceOf(MissingEvaluationKeyException.class);
        assertThatThrownBy(() -> keyless.conjugate(a)).isInstanceOf(MissingEvaluationKeyException.class);
        Session foreign = new Session(CkksParameters.insecureTest(11, 3), KeyRequest.none(), SEED);
        Ciphertext z = foreign.encrypt(y);
        assertThatThrownBy(() -> ev.add(a, z)).isInstanceOf(ParameterMismatchException.class);
        assertThatThrownBy(() -> new CkksEvaluator(s.parameters, foreign.keys))
                .isInstanceOf(ParameterMismatchException.class);
        assertThatThrownBy(() -> ev.rotate(product, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("degree=2");
        assertThatThrownBy(() -> ev.sumOfProducts(new Ciphertext[0], new Ciphertext[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void operands_afterEveryOperation_areUnchanged() {
        RnsPoly[] before = {a.part(0).copy(), a.part(1).copy()};
        Ciphertext[] results = ev.rotateAll(a, new int[] {1, 5});
        assertThat(results).hasSize(2);
        for (Ciphertext c : new Ciphertext[] {
            ev.multiplyRelinRescale(a, a), ev.rescale(a), ev.addConstant(a, 1), ev.conjugate(a), ev.rotate(a, 1)
        }) {
            assertThat(c.degree()).isEqualTo(1);
        }
        for (int k = 0; k < 2; k++) {
            for (int i = 0; i <= 4; i++) {
                assertThat(a.part(k).limb(i)).isEqualTo(before[k].limb(i));
            }
        }
    }
}
