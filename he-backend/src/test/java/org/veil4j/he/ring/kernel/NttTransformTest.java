package org.veil4j.he.ring.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NttTransformTest {
    private static final int POINTS = 4;

    static Stream<Arguments> everyKernelAndSize() {
        return Kernels.all().stream()
                .flatMap(k -> Stream.of(10, 11, 12, 13, 14, 15, 16, 17).map(logN -> Arguments.of(k.name(), logN)));
    }

    @ParameterizedTest
    @MethodSource("everyKernelAndSize")
    void forward_extremeInputs_equalsEvaluationAndComesBack(String kernel, int logN) {
        int n = 1 << logN;
        for (long p : Patterns.primes(logN)) {
            NttTransform ntt = Kernels.named(kernel).ntt(logN, p);
            NttTransform reference = Kernels.named("scalar").ntt(logN, p);
            BigInteger psi = BigInteger.valueOf(NttOrder.root(logN, p));
            long seed = 31L * logN + p;
            SplittableRandom random = new SplittableRandom(seed);
            for (Map.Entry<String, double[]> input : Patterns.inputs(n, p, seed).entrySet()) {
                String what = kernel + " logN=" + logN + " p=" + p + " input=" + input.getKey() + " seed=" + seed;
                double[] a = input.getValue().clone();
                ntt.forward(a);
                double[] expected = input.getValue().clone();
                reference.forward(expected);
                assertThat(a).as(what).isEqualTo(expected);
                // Larger transforms are, bit for bit, those of the scalar kernels: one evaluation does for all.
                for (int i = 0; i < POINTS && (logN <= 13 || kernel.equals("scalar")); i++) {
                    int place = random.nextInt(n);
                    BigInteger x =
                            psi.modPow(BigInteger.valueOf(NttOrder.exponent(logN, place)), BigInteger.valueOf(p));
                    assertThat(a[place])
                            .as(what + " place=" + place)
                            .isEqualTo(Patterns.evaluate(input.getValue(), x, p));
                }
                ntt.inverse(a);
                assertThat(a).as(what + " round trip").isEqualTo(input.getValue());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyKernelAndSize")
    void inverse_extremeValues_equalsReference(String kernel, int logN) {
        int n = 1 << logN;
        for (long p : Patterns.primes(logN)) {
            NttTransform ntt = Kernels.named(kernel).ntt(logN, p);
            NttTransform reference = Kernels.named("scalar").ntt(logN, p);
            for (Map.Entry<String, double[]> input : Patterns.inputs(n, p, p).entrySet()) {
                String what = kernel + " logN=" + logN + " p=" + p + " input=" + input.getKey();
                double[] a = input.getValue().clone();
                ntt.inverse(a);
                double[] expected = input.getValue().clone();
                reference.inverse(expected);
                assertThat(a).as(what).isEqualTo(expected);
                ntt.forward(a);
                assertThat(a).as(what + " round trip").isEqualTo(input.getValue());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyKernelAndSize")
    void bothWays_inputsOfAbsoluteValueP_giveCanonicalResults(String kernel, int logN) {
        int n = 1 << logN;
        long p = Patterns.primes(logN).get(2);
        NttTransform ntt = Kernels.named(kernel).ntt(logN, p);
        SplittableRandom random = new SplittableRandom(logN);
        for (double[] a : List.of(
                Patterns.fill(n, i -> p),
                Patterns.fill(n, i -> random.nextBoolean() ? p - 1 : 1 - p),
                Patterns.fill(n, i -> random.nextLong(-p, p + 1)))) {
            double[] centered = Patterns.fill(n, i -> Patterns.balance(BigInteger.valueOf((long) a[i]), p));
            double[] lazy = a.clone();
            ntt.forward(lazy);
            ntt.forward(centered);
            assertThat(lazy).as("forward logN=" + logN).isEqualTo(centered);
            double[] back = a.clone();
            ntt.inverse(back);
            double[] expected = Patterns.fill(n, i -> Patterns.balance(BigInteger.valueOf((long) a[i]), p));
            ntt.inverse(expected);
            assertThat(back).as("inverse logN=" + logN).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 11})
    void scalarTransform_oneHot_givesPowersOfTheRoot(int logN) {
        int n = 1 << logN;
        for (long p : Patterns.primes(logN)) {
            BigInteger modulus = BigInteger.valueOf(p);
            BigInteger psi = BigInteger.valueOf(NttOrder.root(logN, p));
            assertThat(psi.modPow(BigInteger.valueOf(n), modulus)).isEqualTo(modulus.subtract(BigInteger.ONE));
            double[] a = new double[n];
            a[1] = 1;
            Kernels.named("scalar").ntt(logN, p).forward(a);
            for (int i = 0; i < n; i++) {
                BigInteger power = psi.modPow(BigInteger.valueOf(NttOrder.exponent(logN, i)), modulus);
                assertThat(a[i]).isEqualTo(Patterns.balance(power, p));
                assertThat(NttOrder.place(logN, NttOrder.exponent(logN, i))).isEqualTo(i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyKernelAndSize")
    void product_ofTransforms_isNegacyclic(String kernel, int logN) {
        int n = 1 << logN;
        for (long p : Patterns.primes(logN)) {
            NttTransform ntt = Kernels.named(kernel).ntt(logN, p);
            double[] a = Patterns.random(n, p, logN);
            // X^(n-1) + 2: the product with it is a shift with a change of sign, plus 2 a.
            double[] b = new double[n];
            b[n - 1] = 1;
            b[0] = 2;
            double[] x = a.clone();
            ntt.forward(x);
            ntt.forward(b);
            Kernels.named(kernel).multiply(x, x, b, (double) p);
            ntt.inverse(x);
            double[] expected = Patterns.fill(n, i -> {
                long shifted = i == n - 1 ? (long) a[0] : -(long) a[i + 1];
                return Patterns.balance(BigInteger.valueOf(shifted + 2 * (long) a[i]), p);
            });
            assertThat(x).as(kernel + " logN=" + logN + " p=" + p).isEqualTo(expected);
        }
    }

    @Test
    void ntt_primeNotOneModulo2N_isRefused() {
        for (PolyKernels kernels : Kernels.all()) {
            assertThatThrownBy(() -> kernels.ntt(12, 40961 + 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be 1 modulo 2N=8192");
        }
    }
}
