package org.veil4j.he.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final int COUNT = 1 << 18;

    private static Seed seed() {
        byte[] bytes = new byte[Seed.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return Seed.of(bytes);
    }

    /** Against expected probabilities; the bound is about 6 standard deviations of the statistic. */
    private static void checkChiSquare(long[] counts, double[] probabilities, long total, String what) {
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            double expected = probabilities[i] * total;
            sum += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        int freedom = counts.length - 1;
        assertThat(sum)
                .as(what + " chi square, " + freedom + " degrees")
                .isLessThan(freedom + 6 * Math.sqrt(2.0 * freedom));
        assertThat(sum)
                .as(what + " chi square, " + freedom + " degrees")
                .isGreaterThan(freedom - 6 * Math.sqrt(2.0 * freedom));
    }

    @Test
    void uniform_fixedSeed_isUniformAndBalanced() {
        for (Modulus m : List.of(
                Modulus.of(12289), PrimeGenerator.generate(12, 50, 1, List.of()).get(0))) {
            double[] x = new double[COUNT];
            new Sampler(seed(), 3).uniform(x, m);
            double half = (double) (m.value() >> 1);
            long[] counts = new long[64];
            for (double v : x) {
                assertThat(Math.abs(v)).isLessThanOrEqualTo(half);
                counts[(int) Math.min(63, (v + half) / m.p() * 64)]++;
            }
            double[] probabilities = new double[64];
            Arrays.fill(probabilities, 1.0 / 64);
            checkChiSquare(counts, probabilities, COUNT, "uniform p=" + m + " seed=0..31");
        }
    }

    @Test
    void ternary_fixedSeed_isUniform() {
        double[] x = new double[COUNT];
        new Sampler(seed()).ternary(x);
        long[] counts = new long[3];
        for (double v : x) {
            counts[(int) v + 1]++;
        }
        checkChiSquare(counts, new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, COUNT, "ternary seed=0..31");
    }

    @Test
    void gaussian_fixedSeed_hasTheDistribution() {
        double[] x = new double[COUNT];
        new Sampler(seed()).gaussian(x);
        int cut = 10;
        double[] rho = new double[2 * cut + 1];
        double total = 0;
        for (int k = -100; k <= 100; k++) {
            double r = Math.exp(-k * k / (2 * Sampler.SIGMA * Sampler.SIGMA));
            total += r;
            rho[Math.max(0, Math.min(2 * cut, k + cut))] += r;
        }
        for (int i = 0; i < rho.length; i++) {
            rho[i] /= total;
        }
        long[] counts = new long[rho.length];
        double square = 0;
        for (double v : x) {
            assertThat(Math.abs(v)).isLessThan(30);
            square += v * v;
            counts[(int) Math.max(0, Math.min(2 * cut, v + cut))]++;
        }
        assertThat(square / COUNT).isBetween(10.24 * 0.98, 10.24 * 1.02);
        checkChiSquare(counts, rho, COUNT, "gaussian seed=0..31");
    }

    @Test
    void seedExpansion_goldenVectors_neverChange() {
        double[] u = new double[4];
        new Sampler(seed(), 1).uniform(u, Modulus.of(1125899906826241L));
        double[] t = new double[12];
        new Sampler(seed(), 2).ternary(t);
        double[] g = new double[12];
        new Sampler(seed(), 3).gaussian(g);
        assertThat(u).containsExactly(538053182971924.0, 30590827381456.0, 318237692094415.0, -517909284376117.0);
        assertThat(t).containsExactly(1, 1, 1, 0, 0, 0, -1, 0, -1, 0, 1, 1);
        assertThat(g).containsExactly(4, -1, -3, -4, -2, -2, -2, 1, 3, -1, -1, 3);
    }

    @Test
    void derive_goldenVector_neverChanges() {
        StringBuilder hex = new StringBuilder();
        for (byte b : seed().derive("test", 7).toBytes()) {
            hex.append(String.format("%02x", b));
        }
        assertThat(hex.toString()).isEqualTo("8e4c2c7103016217121f7b7efb8411c45d8bb5005e8ae944eb3aab2a4fe678b2");
        assertThat(seed().derive("test", 8)).isNotEqualTo(seed().derive("test", 7));
    }

    @Test
    void uniform_polynomial_limbsDoNotDependOnTheirNumber() {
        RnsBasis basis = RnsBasis.of(10, PrimeGenerator.generate(10, 40, 4, List.of()));
        RnsPoly all = RnsPoly.zero(basis, true);
        RnsPoly some = RnsPoly.zero(basis.prefix(2), true);
        Sampler.uniform(all, seed());
        Sampler.uniform(some, seed());
        assertThat(some.limb(1)).isEqualTo(all.limb(1));
        assertThat(all.limb(0)).isNotEqualTo(all.limb(1));
    }

    @Test
    void seed_wrongLength_isRefusedAndContentIsHidden() {
        assertThatThrownBy(() -> Seed.of(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length=31");
        assertThat(seed().toString()).isEqualTo("Seed[32 bytes]");
        assertThat(Seed.random()).isNotEqualTo(Seed.random());
        assertThat(seed()).isEqualTo(seed()).hasSameHashCodeAs(seed());
    }
}
