package org.veil4j.he.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RnsPolyTest {
    private static final int LOG_N = 10;
    private static final int N = 1 << LOG_N;
    private static final RnsBasis BASIS = RnsBasis.of(LOG_N, PrimeGenerator.generate(LOG_N, 50, 3, List.of()));

    private static RnsPoly random(long seed) {
        byte[] bytes = new byte[Seed.BYTES];
        bytes[0] = (byte) seed;
        RnsPoly poly = RnsPoly.zero(BASIS, false);
        Sampler.uniform(poly, Seed.of(bytes));
        return poly;
    }

    private static BigInteger[] product(BigInteger[] a, BigInteger[] b, BigInteger q) {
        BigInteger[] r = new BigInteger[N];
        java.util.Arrays.fill(r, BigInteger.ZERO);
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                BigInteger term = a[i].multiply(b[j]);
                int k = i + j;
                r[k % N] = k < N ? r[k % N].add(term) : r[k % N].subtract(term);
            }
        }
        for (int i = 0; i < N; i++) {
            r[i] = center(r[i], q);
        }
        return r;
    }

    private static BigInteger center(BigInteger x, BigInteger q) {
        BigInteger r = x.mod(q);
        return r.compareTo(q.shiftRight(1)) > 0 ? r.subtract(q) : r;
    }

    @Test
    void multiply_randomPolynomials_isTheNegacyclicProduct() {
        RnsPoly a = random(1);
        RnsPoly b = random(2);
        BigInteger[] expected = product(a.toBigIntegers(), b.toBigIntegers(), BASIS.product());
        a.toNtt();
        b.toNtt();
        a.multiply(a, b);
        a.toCoefficients();
        assertThat(a.toBigIntegers()).isEqualTo(expected);
    }

    @Test
    void linearOperations_randomPolynomials_equalBigInteger() {
        BigInteger q = BASIS.product();
        RnsPoly a = random(3);
        RnsPoly b = random(4);
        BigInteger[] x = a.toBigIntegers();
        BigInteger[] y = b.toBigIntegers();
        long[] w = new long[BASIS.size()];
        long factor = 123_456_789_012_345_678L;
        for (int i = 0; i < w.length; i++) {
            w[i] = BASIS.modulus(i).center(factor);
        }
        BigInteger f = BigInteger.valueOf(factor);
        RnsPoly sum = RnsPoly.zero(BASIS, false);
        sum.add(a, b);
        RnsPoly difference = RnsPoly.zero(BASIS, false);
        difference.subtract(a, b);
        RnsPoly negated = RnsPoly.zero(BASIS, false);
        negated.negate(a);
        RnsPoly scaled = RnsPoly.zero(BASIS, false);
        scaled.multiplyScalar(a, w);
        scaled.multiplyScalarAccumulate(b, w);
        RnsPoly fused = RnsPoly.zero(BASIS, false);
        fused.subtractMultiplyScalar(a, b, w);
        RnsPoly combined = RnsPoly.zero(BASIS, false);
        combined.linearCombination(new RnsPoly[] {a, b}, new long[][] {w, w});
        for (int i = 0; i < N; i += 37) {
            assertThat(sum.toBigIntegers()[i]).isEqualTo(center(x[i].add(y[i]), q));
            assertThat(difference.toBigIntegers()[i]).isEqualTo(center(x[i].subtract(y[i]), q));
            assertThat(negated.toBigIntegers()[i]).isEqualTo(center(x[i].negate(), q));
            assertThat(scaled.toBigIntegers()[i])
                    .isEqualTo(center(x[i].add(y[i]).multiply(f), q));
            assertThat(fused.toBigIntegers()[i])
                    .isEqualTo(center(x[i].subtract(y[i]).multiply(f), q));
        }
        assertThat(combined.limbs()).isDeepEqualTo(scaled.limbs());
    }

    @Test
    void sumOfProducts_severalTerms_equalsMultiplyAccumulate() {
        RnsPoly[] a = new RnsPoly[17];
        RnsPoly[] b = new RnsPoly[17];
        RnsPoly expected = RnsPoly.zero(BASIS, true);
        for (int d = 0; d < a.length; d++) {
            a[d] = random(d);
            b[d] = random(100 + d);
            a[d].setNtt(true);
            b[d].setNtt(true);
            expected.multiplyAccumulate(a[d], b[d]);
        }
        RnsPoly r = RnsPoly.zero(BASIS, true);
        r.sumOfProducts(a, b);
        assertThat(r.limbs()).isDeepEqualTo(expected.limbs());
    }

    @Test
    void sumsOfProducts_mostTermsThatAreAllowed_areExactAndMoreAreRefused() {
        RnsPoly a = random(11);
        RnsPoly b = random(12);
        long[] w = new long[BASIS.size()];
        for (int i = 0; i < w.length; i++) {
            w[i] = (BASIS.modulus(i).value() - 1) / 2;
            for (int j = 0; j < N; j += 2) { // each product is (p-1)/2: sums grow as fast as they can
                long x = (long) a.limb(i)[j] | 1;
                a.limb(i)[j] = (double) x;
                Modulus m = BASIS.modulus(i);
                b.limb(i)[j] = (double) m.multiply(m.inverse(x), w[i]);
            }
        }
        a.setNtt(true);
        b.setNtt(true);
        RnsPoly[] as = new RnsPoly[RnsPoly.MAX_TERMS + 1];
        RnsPoly[] bs = new RnsPoly[RnsPoly.MAX_TERMS + 1];
        long[][] ws = new long[RnsPoly.MAX_TERMS + 1][];
        Arrays.fill(as, a);
        Arrays.fill(bs, b);
        Arrays.fill(ws, w);
        int most = RnsPoly.MAX_TERMS;
        RnsPoly dot = RnsPoly.zero(BASIS, true);
        dot.sumOfProducts(Arrays.copyOf(as, most), Arrays.copyOf(bs, most));
        RnsPoly combined = RnsPoly.zero(BASIS, true);
        combined.linearCombination(Arrays.copyOf(as, most), Arrays.copyOf(ws, most));
        for (int i = 0; i < BASIS.size(); i++) {
            Modulus m = BASIS.modulus(i);
            for (int j = 0; j < N; j++) {
                long x = (long) a.limb(i)[j];
                assertThat(dot.limb(i)[j]).as("limb %d place %d", i, j).isEqualTo((double)
                        m.multiply(m.multiply(x, (long) b.limb(i)[j]), most));
                assertThat(combined.limb(i)[j]).as("limb %d place %d", i, j).isEqualTo((double)
                        m.multiply(m.multiply(x, w[i]), most));
            }
        }
        assertThatThrownBy(() -> dot.sumOfProducts(as, bs))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("terms=8193: must be 1 to 8192");
        assertThatThrownBy(() -> dot.linearCombination(as, ws))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("terms=8193");
        assertThatThrownBy(() -> dot.sumOfProducts(new RnsPoly[0], new RnsPoly[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("terms=0");
    }

    @Test
    void automorphism_inBothForms_agreesAndInverts() {
        for (Galois g : List.of(
                Galois.rotation(LOG_N, 1),
                Galois.rotation(LOG_N, -7),
                Galois.rotation(LOG_N, 511),
                Galois.conjugation(LOG_N))) {
            RnsPoly a = random(5);
            RnsPoly direct = RnsPoly.zero(BASIS, false);
            direct.automorphism(a, g);
            BigInteger[] x = a.toBigIntegers();
            BigInteger[] y = direct.toBigIntegers();
            for (int i = 0; i < N; i++) {
                long to = i * g.element() % (2L * N);
                BigInteger expected = to < N ? x[i] : x[i].negate();
                assertThat(y[(int) (to % N)]).isEqualTo(expected);
            }
            RnsPoly values = a.copy();
            values.toNtt();
            RnsPoly permuted = RnsPoly.zero(BASIS, true);
            permuted.automorphism(values, g);
            direct.toNtt();
            assertThat(permuted.limbs()).as(g.toString()).isDeepEqualTo(direct.limbs());
            RnsPoly back = RnsPoly.zero(BASIS, true);
            back.automorphism(permuted, g.inverse());
            assertThat(back.limbs()).as(g.toString()).isDeepEqualTo(values.limbs());
        }
    }

    @Test
    void rotations_composed_addUp() {
        Galois both = Galois.rotation(LOG_N, 3).compose(Galois.rotation(LOG_N, 9));
        assertThat(both).isSameAs(Galois.rotation(LOG_N, 12));
        assertThat(Galois.rotation(LOG_N, 0).element()).isEqualTo(1);
        assertThat(Galois.rotation(LOG_N, 512)).isSameAs(Galois.rotation(LOG_N, 0));
        assertThat(Galois.conjugation(LOG_N).element()).isEqualTo(2L * N - 1);
    }

    @Test
    void setCoefficients_extremeIntegers_reducesEveryLimb() {
        SplittableRandom random = new SplittableRandom(6);
        long most = (1L << 62) - 1;
        long[] c = new long[N];
        double[] d = new double[N];
        for (int i = 0; i < N; i++) {
            c[i] = i == 0 ? most : i == 1 ? -most : random.nextLong(-most, most);
            d[i] = Math.rint((random.nextDouble() - 0.5) * 0x1p101);
        }
        RnsPoly poly = RnsPoly.zero(BASIS, true);
        poly.setCoefficients(c);
        BigInteger[] x = poly.toBigIntegers();
        poly.setCoefficients(d);
        BigInteger[] y = poly.toBigIntegers();
        assertThat(poly.isNtt()).isFalse();
        for (int i = 0; i < N; i++) {
            assertThat(x[i]).isEqualTo(BigInteger.valueOf(c[i]));
            assertThat(y[i]).isEqualTo(new java.math.BigDecimal(d[i]).toBigIntegerExact());
        }
    }

    @Test
    void truncated_sharesArrays() {
        RnsPoly a = random(7);
        RnsPoly part = a.truncated(2);
        assertThat(part.size()).isEqualTo(2);
        assertThat(part.limb(1)).isSameAs(a.limb(1));
        assertThat(part.basis()).isEqualTo(BASIS.prefix(2));
        assertThat(a.subLimbs(1, 3).limb(0)).isSameAs(a.limb(1));
    }

    @Test
    void operations_onMismatchedOperands_areRefused() {
        RnsPoly coefficients = random(8);
        RnsPoly values = RnsPoly.zero(BASIS, true);
        RnsPoly shorter = coefficients.truncated(2);
        assertThatThrownBy(() -> coefficients.add(coefficients, values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ntt=true");
        assertThatThrownBy(() -> coefficients.multiply(coefficients, coefficients))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("toNtt");
        assertThatThrownBy(() -> coefficients.add(shorter, shorter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("basis");
        assertThatThrownBy(() -> coefficients.automorphism(coefficients, Galois.conjugation(LOG_N)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> values.toBigIntegers()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RnsPoly.wrap(BASIS, new double[2][N], true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limbs=2");
        assertThatThrownBy(() -> coefficients.setCoefficients(new long[5]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length=5");
        assertThatThrownBy(() -> coefficients.multiplyScalar(coefficients, new long[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("factors=1");
    }

    @Test
    void convert_centredIntegers_isExact() {
        for (int from = 1; from <= 12; from++) {
            List<Modulus> primes = PrimeGenerator.generate(LOG_N, 45, from + 2, List.of());
            RnsBasis a = RnsBasis.of(LOG_N, primes.subList(0, from));
            RnsBasis b = RnsBasis.of(LOG_N, primes.subList(from, from + 2));
            BigInteger most = a.product().shiftRight(1);
            BigInteger edge = most.subtract(most.shiftRight(44));
            java.util.Random random = new java.util.Random(from);
            RnsPoly in = RnsPoly.zero(a, false);
            BigInteger[] x = new BigInteger[N];
            for (int j = 0; j < N; j++) {
                x[j] = j == 0
                        ? edge
                        : j == 1 ? edge.negate() : new BigInteger(a.product().bitLength() - 2, random);
                x[j] = (j & 2) == 0 ? x[j] : x[j].negate();
                for (int i = 0; i < from; i++) {
                    in.limb(i)[j] = (double) a.modulus(i).center(x[j]);
                }
            }
            RnsPoly before = in.copy();
            RnsPoly out = RnsPoly.zero(b, true);
            BasisConverter.of(a, b).convert(in, out);
            assertThat(in.limbs()).isDeepEqualTo(before.limbs());
            for (int i = 0; i < 2; i++) {
                for (int j = 0; j < N; j++) {
                    assertThat(out.limb(i)[j])
                            .as("from=" + from + " limb=" + i + " place=" + j)
                            .isEqualTo((double) b.modulus(i).center(x[j]));
                }
            }
        }
    }

    /** Fractions that all are nearly one half make the largest sum, and the target is as near to A/2 as is promised. */
    @Test
    void convert_manyPrimesNextToHalfOfTheProduct_isExactWherePromised() {
        List<Modulus> primes = PrimeGenerator.generate(LOG_N, 49, BasisConverter.MAX_PRIMES + 2, List.of());
        RnsBasis b = RnsBasis.of(LOG_N, primes.subList(0, 1));
        for (int k : new int[] {1, 2, 21, 130, BasisConverter.MAX_PRIMES}) {
            RnsBasis a = RnsBasis.of(LOG_N, primes.subList(1, k + 1));
            BigInteger product = a.product();
            BigInteger half = product.shiftRight(1);
            BigInteger least =
                    half.multiply(BigInteger.valueOf((k + 2L) * (k + 2))).shiftRight(54);
            BigInteger[] hats = new BigInteger[k];
            for (int i = 0; i < k; i++) {
                hats[i] = product.divide(BigInteger.valueOf(a.modulus(i).value()));
            }
            SplittableRandom random = new SplittableRandom(k);
            RnsPoly in = RnsPoly.zero(a, false);
            BigInteger[] x = new BigInteger[128]; // the other coefficients stay zero
            for (int j = 0; j < x.length; j++) {
                BigInteger sum = BigInteger.ZERO;
                for (int i = 0; i < k; i++) {
                    long most = (a.modulus(i).value() - 1) / 2;
                    sum = sum.add(hats[i].multiply(BigInteger.valueOf(most - random.nextLong(most / 50))));
                }
                // Moved by whole multiples of A over the first prime: the others keep their fractions.
                BigInteger target = half.subtract(least).subtract(BigInteger.ONE);
                BigInteger above = sum.mod(product).subtract(target).mod(product);
                BigInteger steps = above.add(hats[0]).subtract(BigInteger.ONE).divide(hats[0]);
                x[j] = sum.subtract(steps.multiply(hats[0])).mod(product);
                if (x[j].compareTo(half) > 0) {
                    x[j] = x[j].subtract(product);
                }
                x[j] = (j & 1) == 0 ? x[j] : x[j].negate();
                assertThat(x[j].abs()).isLessThanOrEqualTo(target);
                for (int i = 0; i < k; i++) {
                    in.limb(i)[j] = (double) a.modulus(i).center(x[j]);
                }
            }
            RnsPoly out = RnsPoly.zero(b, false);
            BasisConverter.of(a, b).convert(in, out);
            for (int j = 0; j < x.length; j++) {
                assertThat(out.limb(0)[j]).as("primes=%d place=%d", k, j).isEqualTo((double)
                        b.modulus(0).center(x[j]));
            }
        }
        RnsBasis all = RnsBasis.of(LOG_N, primes.subList(0, BasisConverter.MAX_PRIMES + 1));
        assertThatThrownBy(() -> BasisConverter.of(all, b))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from=257 primes: must be 1 to 256");
    }
}
