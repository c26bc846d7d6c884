package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.veil4j.he.rlwe.TransformSession.SCALE;
import static org.veil4j.he.rlwe.TransformSession.assertClose;
import static org.veil4j.he.rlwe.TransformSession.assertSame;
import static org.veil4j.he.rlwe.TransformSession.clear;
import static org.veil4j.he.rlwe.TransformSession.diagonals;
import static org.veil4j.he.rlwe.TransformSession.grid;
import static org.veil4j.he.rlwe.TransformSession.shifted;
import static org.veil4j.he.rlwe.TransformSession.steps;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.HoistedTransform.Giant;
import org.veil4j.he.rlwe.HoistedTransform.Term;
import org.veil4j.he.rlwe.TransformSession.Shifted;

class HoistedTransformTest {
    private static HoistedTransform transform(TransformSession s) {
        return new HoistedTransform(s.parameters);
    }

    private static List<Giant> giants(
            TransformSession s, List<Shifted> diagonals, double factorScale, int residuesLevel) {
        List<Giant> giants = new ArrayList<>();
        for (int i = 0; i < diagonals.size(); i++) {
            Shifted d = diagonals.get(i);
            PlainDiagonal factor = PlainDiagonal.ofCoefficients(
                    s.parameters, s.encoder.encodeCoefficients(shifted(d.factor(), -d.giant()), factorScale));
            if (residuesLevel >= 0) {
                factor = factor.toResidues(residuesLevel);
            }
            giants.add(new Giant(steps(diagonals, i), List.of(new Term(d.input(), d.baby(), factor))));
        }
        return giants;
    }

    private static Ciphertext composed(
            TransformSession s, List<Ciphertext> inputs, List<Shifted> diagonals, double factorScale) {
        Ciphertext sum = product(s, inputs, diagonals.get(0), factorScale);
        for (Shifted d : diagonals.subList(1, diagonals.size())) {
            sum = s.evaluator.add(sum, product(s, inputs, d, factorScale));
        }
        return s.evaluator.rescale(sum);
    }

    private static Ciphertext product(TransformSession s, List<Ciphertext> inputs, Shifted d, double factorScale) {
        Ciphertext x = s.evaluator.rotate(inputs.get(d.input()), d.baby());
        double[] factor = shifted(d.factor(), -d.giant());
        return s.evaluator.rotate(
                s.evaluator.multiplyPlain(x, s.encoder.encode(factor, x.level(), factorScale)), d.giant());
    }

    @Test
    void apply_everyDigitCountAndLevel_equalsClearMathAndSingleOperations() {
        int[] babies = {0, 1, -2, 9};
        int[] giants = {0, 30, -7};
        for (int digits = 1; digits <= 4; digits++) {
            TransformSession s = new TransformSession(Fixtures.parameters(10, 5, digits), grid(babies, giants));
            for (int level = 1; level <= 4; level++) {
                double factorScale = level % 2 == 0 ? 0x1p40 : 0x1p28;
                List<double[]> x = List.of(s.values(), s.values());
                List<Ciphertext> inputs = List.of(s.encrypt(x.get(0), level), s.encrypt(x.get(1), level));
                List<List<Shifted>> wanted = List.of(
                        diagonals(s, 2, babies, giants), diagonals(s, 2, new int[] {-2, 1}, new int[] {30, -7}));
                List<List<Giant>> outputs = List.of(
                        giants(s, wanted.get(0), factorScale, -1), giants(s, wanted.get(1), factorScale, level));
                double scale = s.resultScale(level, factorScale);
                List<Ciphertext> results = transform(s).apply(inputs, outputs, s.keys, scale);
                assertThat(results).hasSize(2);
                for (int o = 0; o < 2; o++) {
                    String what = "digits " + digits + ", level " + level + ", output " + o;
                    Ciphertext result = results.get(o);
                    assertThat(result.level()).as(what).isEqualTo(level - 1);
                    assertThat(result.scale()).as(what).isEqualTo(scale);
                    double[] have = s.values(result);
                    double bound = s.bound(wanted.get(o).size(), level, factorScale, 0);
                    assertClose(what, have, clear(s, x, wanted.get(o)), bound);
                    assertClose(what, have, s.values(composed(s, inputs, wanted.get(o), factorScale)), bound);
                }
            }
        }
    }

    @Test
    void apply_oneInputAndStepsOfZero_needsNoKeys() {
        TransformSession s = new TransformSession(Fixtures.parameters(10, 3, 2));
        double[] x = s.values();
        List<Shifted> wanted = diagonals(s, 1, new int[] {0, s.slots}, new int[] {0, -s.slots});
        double scale = s.resultScale(2, SCALE);
        Ciphertext result = transform(s)
                .apply(
                        List.of(s.encrypt(x, 2)),
                        List.of(giants(s, wanted, SCALE, -1)),
                        EvaluationKeys.none(s.parameters),
                        scale)
                .get(0);
        assertClose("steps 0", s.values(result), clear(s, List.of(x), wanted), s.bound(4, 2, SCALE, 0));
    }

    @Test
    void apply_stepsThatAreEqualModuloTheSlots_areOneRotation() {
        TransformSession s = new TransformSession(Fixtures.parameters(10, 3, 2), 3, 5);
        List<Ciphertext> inputs = List.of(s.encrypt(s.values(), 2));
        List<Shifted> wanted = diagonals(s, 1, new int[] {3, 0}, new int[] {5});
        List<Giant> giants = giants(s, wanted, SCALE, -1);
        List<Giant> other = List.of(
                new Giant(
                        -s.slots,
                        List.of(new Term(
                                0, 3 - s.slots, giants.get(0).terms().get(0).factor()))),
                new Giant(0, List.of()),
                new Giant(5 + s.slots, List.of(giants.get(1).terms().get(0))));
        double scale = s.resultScale(2, SCALE);
        List<Ciphertext> have = transform(s).apply(inputs, List.of(giants, other), s.keys, scale);
        assertSame(have.get(1), have.get(0));
    }

    @Test
    void apply_manyTerms_bothFormsAndAnyNumberOfThreadsGiveTheSameBits() {
        int[] babies = new int[41];
        Arrays.setAll(babies, b -> b - 4);
        int[] giants = {0, 64, 128};
        TransformSession s = new TransformSession(Fixtures.parameters(12, 6, 3), grid(babies, giants));
        for (int level : new int[] {5, 2}) {
            List<Ciphertext> inputs = List.of(s.encrypt(s.values(), level), s.encrypt(s.values(), level));
            List<Shifted> first = diagonals(s, 2, babies, giants);
            List<Shifted> second = diagonals(s, 1, babies, new int[] {64});
            double scale = s.resultScale(level, 0x1p30);
            List<List<Giant>> coefficients = List.of(giants(s, first, 0x1p30, -1), giants(s, second, 0x1p30, -1));
            List<List<Giant>> residues = List.of(giants(s, first, 0x1p30, 5), giants(s, second, 0x1p30, level));
            List<Ciphertext> want =
                    Workers.withThreads(1, () -> transform(s).apply(inputs, coefficients, s.keys, scale));
            List<Ciphertext> other = Workers.withThreads(1, () -> transform(s).apply(inputs, residues, s.keys, scale));
            List<Ciphertext> threads =
                    Workers.withThreads(3, () -> transform(s).apply(inputs, residues, s.keys, scale));
            List<Ciphertext> more =
                    Workers.withThreads(3, () -> transform(s).apply(inputs, coefficients, s.keys, scale));
            for (int o = 0; o < 2; o++) {
                assertSame(other.get(o), want.get(o));
                assertSame(threads.get(o), want.get(o));
                assertSame(more.get(o), want.get(o));
            }
        }
    }

    @Test
    void apply_keysInAFile_givesTheSameBitsWithKeysOfBabiesAndTwoMore(@TempDir Path folder) throws IOException {
        int[] babies = {-2, -1, 0, 1, 2};
        int[] giants = {0, 8, 16, 32, 64};
        TransformSession s = new TransformSession(Fixtures.parameters(10, 4, 2), grid(babies, giants));
        Path file = KeyFiles.write(folder.resolve("keys"), s.parameters, s.keys::write);
        long budget = (babies.length + 1) * KeySwitchKey.sizeBytes(s.parameters, s.parameters.maxLevel());
        List<Ciphertext> inputs = List.of(s.encrypt(s.values(), 3));
        List<List<Giant>> outputs = List.of(giants(s, diagonals(s, 1, babies, giants), SCALE, -1));
        double scale = s.resultScale(3, SCALE);
        Ciphertext want = transform(s).apply(inputs, outputs, s.keys, scale).get(0);
        for (long bytes : new long[] {0, budget}) {
            try (EvaluationKeyFile keys = EvaluationKeyFile.open(file, s.parameters, bytes)) {
                assertSame(transform(s).apply(inputs, outputs, keys, scale).get(0), want);
                assertThat(keys.residentBytes()).isLessThanOrEqualTo(bytes);
            }
        }
    }

    @Test
    void scratchBytes_moreOfAnything_needsMore() {
        RlweParameters p = Fixtures.parameters(12, 6, 3);
        long some = HoistedTransform.scratchBytes(p, 4, 1, 8, 4, 1);
        assertThat(some).isGreaterThan(0);
        assertThat(HoistedTransform.scratchBytes(p, 5, 1, 8, 4, 1)).isGreaterThan(some);
        assertThat(HoistedTransform.scratchBytes(p, 4, 2, 8, 4, 1)).isGreaterThan(some);
        assertThat(HoistedTransform.scratchBytes(p, 4, 1, 9, 4, 1)).isGreaterThan(some);
        assertThat(HoistedTransform.scratchBytes(p, 4, 1, 8, 5, 1)).isGreaterThan(some);
        assertThat(HoistedTransform.scratchBytes(p, 4, 1, 8, 4, 2)).isGreaterThan(some);
    }

    @Test
    void apply_missingKey_namesTheRotation() {
        TransformSession s = new TransformSession(Fixtures.parameters(10, 3, 1), 3);
        List<Ciphertext> inputs = List.of(s.encrypt(s.values(), 2));
        double scale = s.resultScale(2, SCALE);
        List<Giant> baby = giants(s, diagonals(s, 1, new int[] {4}, new int[] {3}), SCALE, -1);
        assertThatThrownBy(() -> transform(s).apply(inputs, List.of(baby), s.keys, scale))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("steps=4");
        List<Giant> giant = giants(s, diagonals(s, 1, new int[] {3}, new int[] {70}), SCALE, -1);
        assertThatThrownBy(() -> transform(s).apply(inputs, List.of(giant), s.keys, scale))
                .isInstanceOf(MissingEvaluationKeyException.class)
                .hasMessageContaining("steps=70");
    }

    @Test
    void apply_badArguments_areRefused() {
        TransformSession s = new TransformSession(Fixtures.parameters(10, 3, 1));
        double[] x = s.values();
        Ciphertext a = s.encrypt(x, 2);
        PlainDiagonal factor = PlainDiagonal.ofCoefficients(s.parameters, s.encoder.encodeCoefficients(x, SCALE));
        List<List<Giant>> good = outputs(0, factor);
        assertRefused(s, List.of(), good, 1, "inputs=0");
        assertRefused(s, List.of(a, a.atLevel(1)), good, 1, "level=1");
        assertRefused(s, List.of(s.evaluator.square(a)), good, 1, "degree=2");
        assertRefused(s, List.of(a), outputs(1, factor), 1, "input=1");
        assertRefused(s, List.of(a), outputs(-1, factor), 1, "input=-1");
        assertRefused(s, List.of(a), List.of(List.of()), 1, "outputs[0]");
        assertRefused(s, List.of(a), List.of(List.of(new Giant(0, List.of()))), 1, "outputs[0]");
        assertRefused(s, List.of(a), good, 0, "scale=0");
        assertRefused(s, List.of(a), good, Double.NaN, "scale=NaN");
        assertThatThrownBy(() -> transform(s).apply(List.of(a.atLevel(0)), good, s.keys, 1))
                .isInstanceOf(LevelExhaustedException.class);
        assertThatThrownBy(() -> transform(s).apply(List.of(a), outputs(0, factor.toResidues(1)), s.keys, 1))
                .isInstanceOf(LevelExhaustedException.class)
                .hasMessageContaining("level=1");
        TransformSession other = new TransformSession(Fixtures.parameters(10, 3, 3));
        assertThatThrownBy(() -> transform(other).apply(List.of(a), good, other.keys, 1))
                .isInstanceOf(ParameterMismatchException.class);
        assertThatThrownBy(() -> transform(s).apply(List.of(a), good, other.keys, 1))
                .isInstanceOf(ParameterMismatchException.class);
        PlainDiagonal foreign = PlainDiagonal.ofCoefficients(other.parameters, new double[1024]);
        assertThatThrownBy(() -> transform(s).apply(List.of(a), outputs(0, foreign), s.keys, 1))
                .isInstanceOf(ParameterMismatchException.class);
    }

    private static List<List<Giant>> outputs(int input, PlainDiagonal factor) {
        return List.of(List.of(new Giant(0, List.of(new Term(input, 0, factor)))));
    }

    private static void assertRefused(
            TransformSession s, List<Ciphertext> inputs, List<List<Giant>> outputs, double scale, String message) {
        assertThatThrownBy(() -> transform(s).apply(inputs, outputs, s.keys, scale))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void diagonal_coefficientsAtTheirBounds_areReducedExactly() {
        RlweParameters p = Fixtures.parameters(10, 3, 2);
        double[][] bounds = {
            {Integer.MAX_VALUE, Integer.MIN_VALUE, 0, -0.0, 1, -1},
            {0x1p31, -0x1p31 - 1, 0x1p53 - 1, -0x1p53, 0x1p101, -0x1p101, 0x1.fffffffffffffp100}
        };
        int[] bytes = {Integer.BYTES, Double.BYTES};
        for (int b = 0; b < bounds.length; b++) {
            double[] c = new double[p.n()];
            for (int j = 0; j < c.length; j++) {
                c[j] = bounds[b][j % bounds[b].length];
            }
            PlainDiagonal diagonal = PlainDiagonal.ofCoefficients(p, c);
            assertThat(diagonal.sizeBytes()).isEqualTo((long) bytes[b] * p.n());
            assertThat(diagonal.isTransformed()).isFalse();
            assertThat(diagonal.maxLevel()).isEqualTo(p.maxLevel());
            PlainDiagonal kept = diagonal.toResidues(2);
            for (int level = 2; level >= 0; level--) {
                RnsBasis basis = p.qpAt(level);
                PlainDiagonal lower = kept.toResidues(level);
                assertThat(lower.sizeBytes()).isEqualTo(8L * p.n() * basis.size());
                assertThat(lower.isTransformed()).isTrue();
                assertThat(lower.maxLevel()).isEqualTo(level);
                for (int i = 0; i < basis.size(); i++) {
                    double[] have = diagonal.residues(level, i, new double[p.n()]);
                    assertThat(kept.residues(level, i, new double[0])).isEqualTo(have);
                    assertThat(lower.residues(level, i, new double[0])).isEqualTo(have);
                    double[] back = have.clone();
                    basis.ntt(i).inverse(back);
                    for (int j = 0; j < bounds[b].length; j++) {
                        assertThat(back[j])
                                .as("form %d, prime %d, coefficient %d", b, i, j)
                                .isEqualTo((double) basis.modulus(i).center(new BigDecimal(c[j]).toBigIntegerExact()));
                    }
                }
            }
            assertThatThrownBy(() -> kept.toResidues(1).toResidues(2)).isInstanceOf(LevelExhaustedException.class);
        }
    }

    @Test
    void diagonal_badCoefficients_areRefusedWithoutTheirContent() {
        RlweParameters p = Fixtures.parameters(10, 3, 2);
        for (double bad : new double[] {0.5, Double.NaN, Double.POSITIVE_INFINITY, Math.nextUp(0x1p101), -0x1p102}) {
            double[] c = new double[p.n()];
            c[7] = bad;
            assertThatThrownBy(() -> PlainDiagonal.ofCoefficients(p, c))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("coefficients[7]")
                    .hasMessageNotContaining(Double.toString(bad));
        }
        assertThatThrownBy(() -> PlainDiagonal.ofCoefficients(p, new double[512]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("512");
        double[] c = new double[p.n()];
        Arrays.fill(c, 12345);
        PlainDiagonal diagonal = PlainDiagonal.ofCoefficients(p, c);
        assertThat(diagonal.toString()).doesNotContain("12345").contains("4 bytes");
        assertThat(diagonal.toResidues(1).toString()).doesNotContain("12345").contains("level=1");
    }
}
