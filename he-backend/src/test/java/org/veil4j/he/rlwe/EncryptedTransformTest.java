package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veil4j.he.rlwe.TransformSession.SCALE;
import static org.veil4j.he.rlwe.TransformSession.SEED;
import static org.veil4j.he.rlwe.TransformSession.assertClose;
import static org.veil4j.he.rlwe.TransformSession.assertSame;
import static org.veil4j.he.rlwe.TransformSession.clear;
import static org.veil4j.he.rlwe.TransformSession.diagonals;
import static org.veil4j.he.rlwe.TransformSession.grid;
import static org.veil4j.he.rlwe.TransformSession.shifted;
import static org.veil4j.he.rlwe.TransformSession.steps;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.EncryptedTransform.Giant;
import org.veil4j.he.rlwe.EncryptedTransform.Term;
import org.veil4j.he.rlwe.TransformSession.Shifted;

class EncryptedTransformTest {
    private static DiagonalEncryptor encryptor(TransformSession s) {
        AtomicLong drawn = new AtomicLong();
        return new DiagonalEncryptor(
                s.secret, () -> Fixtures.seed(SEED).derive("test diagonals", drawn.getAndIncrement()));
    }

    private static List<Giant> giants(
            TransformSession s,
            List<Shifted> diagonals,
            double factorScale,
            int level,
            UnaryOperator<CipherDiagonal> form) {
        DiagonalEncryptor encryptor = encryptor(s);
        List<Giant> giants = new ArrayList<>();
        for (int i = 0; i < diagonals.size(); i++) {
            Shifted d = diagonals.get(i);
            double[] factor = s.encoder.encodeCoefficients(shifted(d.factor(), -d.giant()), factorScale);
            CipherDiagonal encrypted = form.apply(encryptor.encrypt(factor, level));
            giants.add(new Giant(steps(diagonals, i), List.of(new Term(d.input(), d.baby(), encrypted))));
        }
        return giants;
    }

    private static Ciphertext composed(
            TransformSession s, List<Ciphertext> inputs, List<Shifted> diagonals, double factorScale) {
        List<Ciphertext> products = new ArrayList<>();
        for (Shifted d : diagonals) {
            Ciphertext x = s.evaluator.rotate(inputs.get(d.input()), d.baby());
            double[] factor = shifted(d.factor(), -d.giant());
            Ciphertext w = s.encryptor.encrypt(s.encoder.encode(factor, x.level(), factorScale));
            products.add(s.evaluator.rotate(s.evaluator.relinearize(s.evaluator.multiply(x, w)), d.giant()));
        }
        Ciphertext sum = products.get(0);
        for (Ciphertext product : products.subList(1, products.size())) {
            sum = s.evaluator.add(sum, product);
        }
        return s.evaluator.rescale(sum);
    }

    @Test
    void apply_everyDigitCountAndLevel_equalsClearMathAndSingleOperations() {
        int[] babies = {0, 1, -2, 9};
        int[] giants = {0, 30, -7};
        for (int digits = 1; digits <= 4; digits++) {
            TransformSession s = new TransformSession(Fixtures.parameters(10, 5, digits), grid(babies, giants));
            EncryptedTransform transform = new EncryptedTransform(s.parameters);
            for (int level = 1; level <= 4; level++) {
                double factorScale = level % 2 == 0 ? 0x1p40 : 0x1p33;
                List<double[]> x = List.of(s.values(), s.values());
                List<Ciphertext> inputs = List.of(s.encrypt(x.get(0), level), s.encrypt(x.get(1), level));
                List<List<Shifted>> wanted = List.of(
                        diagonals(s, 2, babies, giants), diagonals(s, 2, new int[] {-2, 1}, new int[] {30, -7}));
                List<List<Giant>> outputs = List.of(
                        giants(s, wanted.get(0), factorScale, level, w -> w),
                        giants(s, wanted.get(1), factorScale, 4, CipherDiagonal::expanded));
                double scale = s.resultScale(level, factorScale);
                List<Ciphertext> results = transform.apply(inputs, outputs, s.keys, scale);
                assertThat(results).hasSize(2);
                for (int o = 0; o < 2; o++) {
                    String what = "digits " + digits + ", level " + level + ", output " + o;
                    Ciphertext result = results.get(o);
                    assertThat(result.degree()).as(what).isEqualTo(1);
                    assertThat(result.level()).as(what).isEqualTo(level - 1);
                    assertThat(result.scale()).as(what).isEqualTo(scale);
                    double[] have = s.values(result);
                    int terms = wanted.get(o).size();
                    double bound = s.bound(terms, level, factorScale, s.parameters.errorStdDev());
                    assertClose(what, have, clear(s, x, wanted.get(o)), bound);
                    assertClose(what, have, s.values(composed(s, inputs, wanted.get(o), factorScale)), bound);
                }
            }
        }
    }

    @Test
    void apply_manyTerms_bothFormsHigherLevelsAndAnyNumberOfThreadsGiveTheSameBits() {
        int[] babies = new int[41];
        Arrays.setAll(babies, b -> b - 4);
        int[] giants = {0, 64};
        TransformSession s = new TransformSession(Fixtures.parameters(11, 5, 2), grid(babies, giants));
        EncryptedTransform transform = new EncryptedTransform(s.parameters);
        List<Ciphertext> inputs = List.of(s.encrypt(s.values(), 2));
        List<Shifted> wanted = diagonals(s, 1, babies, giants);
        List<List<Giant>> seeded = List.of(giants(s, wanted, SCALE, 4, w -> w));
        List<List<Giant>> expanded = List.of(giants(s, wanted, SCALE, 4, CipherDiagonal::expanded));
        double scale = s.resultScale(2, SCALE);
        Ciphertext want = Workers.withThreads(1, () -> transform.apply(inputs, seeded, s.keys, scale))
                .get(0);
        assertSame(
                Workers.withThreads(1, () -> transform.apply(inputs, expanded, s.keys, scale))
                        .get(0),
                want);
        assertSame(
                Workers.withThreads(3, () -> transform.apply(inputs, seeded, s.keys, scale))
                        .get(0),
                want);
        assertSame(
                Workers.withThreads(3, () -> transform.apply(inputs, expanded, s.keys, scale))
                        .get(0),
                want);
    }

    @Test
    void apply_missingKeys_areNamed() {
        TransformSession s = new TransformSession(Fixtures.parameters(10, 3, 1), 3);
        EncryptedTransform transform = new EncryptedTransform(s.parameters);
        List<Ciphertext> inputs = List.of(s.encrypt(s.values(), 2));
        double scale = s.resultScale(2, SCALE);
        int[][] steps = {{4, 3}, {3, 70}};
        for (int[] step : steps) {
            List<Giant> giants = giants(s, diagonals(s, 1, new int[] {step[0]}, new int[] {step[1]}), SCALE, 2, w -> w);
            assertThatThrownBy(() -> transform.apply(inputs, List.of(giants), s.keys, scale))
                    .isInstanceOf(MissingEvaluationKeyException.class)
                    .hasMessageContaining("steps=" + (step[0] == 3 ? step[1] : step[0]));
        }
        List<Giant> still = giants(s, diagonals(s, 1, new int[] {0}, new int[] {0}), SCALE, 2, w -> w);
        assertThatThrownBy(() -> transform.apply(inputs, List.of(still), EvaluationKeys.none(s.parameters), scale))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("relinearisation");
    }

    @Test
    void apply_badArguments_areRefused() {
        TransformSession s = new TransformSession(Fixtures.parameters(10, 3, 1));
        EncryptedTransform transform = new EncryptedTransform(s.parameters);
        Ciphertext a = s.encrypt(s.values(), 2);
        CipherDiagonal low = encryptor(s).encrypt(new double[1024], 1);
        assertThat(low.maxLevel()).isEqualTo(1);
        List<List<Giant>> outputs = List.of(List.of(new Giant(0, List.of(new Term(0, 0, low)))));
        assertThatThrownBy(() -> transform.apply(List.of(a), outputs, s.keys, 1))
                .isInstanceOf(LevelExhaustedException.class)
                .hasMessageContaining("level=1");
        assertThatThrownBy(() -> transform.apply(List.of(a.atLevel(0)), outputs, s.keys, 1))
                .isInstanceOf(LevelExhaustedException.class);
        assertThatThrownBy(() -> transform.apply(List.of(a.atLevel(1)), List.of(List.of()), s.keys, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("outputs[0]");
        assertThatThrownBy(() -> encryptor(s).encrypt(new double[1024], 3))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> encryptor(s).encrypt(new double[512], 2)).isInstanceOf(IllegalArgumentException.class);
        s.secret.close();
        assertThatThrownBy(() -> encryptor(s).encrypt(new double[1024], 2)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void encrypt_coefficientsUpToTheirBound_decryptModuloAllPrimes() {
        TransformSession s = new TransformSession(Fixtures.parameters(10, 4, 2));
        RlweParameters p = s.parameters;
        double[] bounds = {0, 1, -1, 0x1p31, -0x1p53, 0x1p101, -0x1p101};
        double[] c = new double[p.n()];
        for (int j = 0; j < c.length; j++) {
            c[j] = bounds[j % bounds.length];
        }
        for (int level = 3; level >= 1; level--) {
            CipherDiagonal w = encryptor(s).encrypt(c, level);
            RnsBasis basis = p.qpAt(level);
            RnsPoly sum = RnsPoly.zero(basis, true);
            for (int i = 0; i < basis.size(); i++) {
                double[] a = w.uniform(level, i, new double[p.n()]);
                double[] key = s.secret.values().limb(i <= level ? i : i - level + p.maxLevel());
                org.veil4j.he.ring.kernel.Kernels.get()
                        .multiply(sum.limb(i), a, key, basis.modulus(i).p());
                org.veil4j.he.ring.kernel.Kernels.get()
                        .add(
                                sum.limb(i),
                                sum.limb(i),
                                w.body(level, i),
                                basis.modulus(i).p());
            }
            BigInteger[] have = Fixtures.integers(sum);
            boolean noisy = false;
            for (int j = 0; j < c.length; j++) {
                BigInteger e = have[j].subtract(new java.math.BigDecimal(c[j]).toBigIntegerExact());
                assertThat(e.abs())
                        .as("seed %d, level %d, coefficient %d", SEED, level, j)
                        .isLessThan(BigInteger.valueOf(30));
                noisy |= e.signum() != 0;
            }
            assertThat(noisy).isTrue();
        }
    }

    @Test
    void diagonal_written_isReadAndUsedAsBefore() throws IOException {
        TransformSession s = new TransformSession(Fixtures.parameters(10, 4, 2));
        double[] x = s.values();
        CipherDiagonal w = encryptor(s).encrypt(s.encoder.encodeCoefficients(x, SCALE), 2);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        w.expanded().write(new DataOutputStream(out));
        byte[] bytes = out.toByteArray();
        assertThat(bytes).hasSize((int) CipherDiagonal.serializedBytes(s.parameters, 2));
        CipherDiagonal read = CipherDiagonal.read(PayloadReader.of(bytes), s.parameters);
        assertThat(read.isExpanded()).isFalse();
        assertThat(read.expanded().isExpanded()).isTrue();
        assertThat(read.expanded().sizeBytes()).isEqualTo(2 * read.sizeBytes());
        assertThat(read.sizeBytes())
                .isEqualTo(8L * s.parameters.n() * s.parameters.qpAt(2).size());
        for (int i = 0; i < s.parameters.qpAt(2).size(); i++) {
            assertThat(read.body(2, i)).isEqualTo(w.body(2, i));
            assertThat(read.uniform(2, i, new double[1024])).isEqualTo(w.uniform(2, i, new double[1024]));
        }
        assertThat(w.toString()).isEqualTo("CipherDiagonal[level=2, seeded]");
        assertThat(w.expanded().toString()).isEqualTo("CipherDiagonal[level=2, expanded]");
        RlweParameters other = Fixtures.parameters(10, 4, 1);
        assertThatThrownBy(() -> CipherDiagonal.read(PayloadReader.of(bytes), other))
                .isInstanceOf(ParameterMismatchException.class);
        ByteBuffer.wrap(bytes).putInt(32, 4);
        assertThatThrownBy(() -> CipherDiagonal.read(PayloadReader.of(bytes), s.parameters))
                .isInstanceOf(CorruptDataException.class);
    }

    @Test
    void scratchBytes_countsTheThirdPart() {
        RlweParameters p = Fixtures.parameters(12, 6, 3);
        assertThat(EncryptedTransform.scratchBytes(p, 4, 1, 8, 4, 1) - HoistedTransform.scratchBytes(p, 4, 1, 8, 4, 1))
                .isEqualTo(4L * p.qpAt(4).size() * p.n() * 8);
    }
}
