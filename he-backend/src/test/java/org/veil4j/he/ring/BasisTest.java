package org.veil4j.he.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BasisTest {
    @Test
    void generate_everySize_givesNearestDistinctNttPrimes() {
        for (int logN = 10; logN <= 17; logN++) {
            for (int bits : new int[] {logN + 6, 40, 50}) {
                List<Modulus> first = PrimeGenerator.generate(logN, bits, 2, List.of());
                List<Modulus> next = PrimeGenerator.generate(logN, bits, 1, first);
                assertThat(first).doesNotContainAnyElementsOf(next);
                double distance = 0;
                for (Modulus m : List.of(first.get(0), first.get(1), next.get(0))) {
                    assertThat(m.value() % (2L << logN)).isEqualTo(1);
                    assertThat(m.value()).isLessThan(1L << 50);
                    assertThat(BigInteger.valueOf(m.value()).isProbablePrime(50))
                            .isTrue();
                    double d = Math.abs(m.p() - Math.scalb(1.0, bits));
                    assertThat(d).isGreaterThanOrEqualTo(distance);
                    distance = d;
                }
            }
        }
    }

    @Test
    void generate_badRequests_areRefusedWithARemedy() {
        assertThatThrownBy(() -> PrimeGenerator.generate(15, 51, 1, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bits=51");
        assertThatThrownBy(() -> PrimeGenerator.generate(15, 16, 1, List.of()))
                .hasMessageContaining("bits=16: must be logN+2=17 to 50");
        assertThatThrownBy(() -> PrimeGenerator.generate(18, 50, 1, List.of())).hasMessageContaining("logN=18");
        assertThatThrownBy(() -> PrimeGenerator.generate(15, 50, -1, List.of())).hasMessageContaining("count=-1");
        assertThatThrownBy(() -> PrimeGenerator.generate(17, 20, 10, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ask for fewer");
    }

    @Test
    void modulus_arithmetic_equalsBigInteger() {
        SplittableRandom random = new SplittableRandom(1);
        for (long p : new long[] {3, 12289, 1125899906826241L}) {
            Modulus m = Modulus.of(p);
            BigInteger big = BigInteger.valueOf(p);
            for (int i = 0; i < 2000; i++) {
                long a = i == 0 ? Long.MIN_VALUE : i == 1 ? Long.MAX_VALUE : random.nextLong();
                long b = random.nextLong();
                BigInteger x = BigInteger.valueOf(a);
                assertThat(m.center(a)).isEqualTo(m.center(x)).isBetween(-(p - 1) / 2, (p - 1) / 2);
                BigInteger product = x.multiply(BigInteger.valueOf(b));
                assertThat(m.multiply(a, b)).as("a=%d b=%d p=%d", a, b, p).isEqualTo(m.center(product));
                long e = b >>> 1;
                assertThat(m.pow(a, e)).isEqualTo(m.center(x.modPow(BigInteger.valueOf(e), big)));
                if (Math.floorMod(a, p) != 0) {
                    assertThat(m.inverse(a)).isEqualTo(m.center(x.modInverse(big)));
                }
            }
            assertThatThrownBy(() -> m.inverse(p)).isInstanceOf(ArithmeticException.class);
            assertThatThrownBy(() -> m.pow(2, -1)).hasMessageContaining("e=-1");
        }
    }

    @Test
    void modulus_notAnOddPrimeBelow50Bits_isRefused() {
        for (long p : new long[] {-7, 0, 1, 2, 15, 1L << 50, (1L << 50) + 55}) {
            assertThatThrownBy(() -> Modulus.of(p))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("p=" + p);
        }
    }

    @Test
    void basis_badModuli_areRefused() {
        Modulus m = PrimeGenerator.generate(12, 50, 1, List.of()).get(0);
        assertThatThrownBy(() -> RnsBasis.of(12, List.of(m, m))).hasMessageContaining("must be distinct");
        assertThatThrownBy(() -> RnsBasis.of(9, List.of(m))).hasMessageContaining("logN=9");
        assertThatThrownBy(() -> RnsBasis.of(18, List.of(m))).hasMessageContaining("logN=18");
        assertThatThrownBy(() -> RnsBasis.of(13, List.of(Modulus.of(40961)))).hasMessageContaining("1 modulo 2N");
        RnsBasis basis = RnsBasis.of(12, List.of(m));
        assertThatThrownBy(() -> basis.concat(basis)).hasMessageContaining("must be distinct");
        assertThatThrownBy(() -> BasisConverter.of(basis.prefix(0), basis)).hasMessageContaining("must be 1 to 256");
        assertThatThrownBy(() -> basis.ntt(0).forward(new double[5])).hasMessageContaining("length=5");
    }

    @Test
    void basis_partsAndWhole_areEqualByContent() {
        RnsBasis basis = RnsBasis.of(11, PrimeGenerator.generate(11, 45, 4, List.of()));
        assertThat(basis.prefix(2).concat(basis.subBasis(2, 4)))
                .isEqualTo(basis)
                .hasSameHashCodeAs(basis);
        assertThat(basis.prefix(3)).isNotEqualTo(basis);
        assertThat(basis.logProduct()).isBetween(179.99, 180.01);
        assertThat(basis.product().bitLength()).isBetween(180, 181);
    }

    @Test
    void forEach_tasks_runOnceEachAndNestInline() {
        Set<Integer> seen = ConcurrentHashMap.newKeySet();
        AtomicInteger inner = new AtomicInteger();
        Workers.withThreads(4, () -> {
            Workers.forEach(100, i -> {
                assertThat(seen.add(i)).isTrue();
                assertThat(Workers.threads()).isEqualTo(1);
                Workers.forEach(3, j -> inner.incrementAndGet());
            });
            return 0;
        });
        assertThat(seen).hasSize(100);
        assertThat(inner).hasValue(300);
    }

    @Test
    void forEach_failingTask_isRethrownHere() {
        IllegalStateException failure = new IllegalStateException("task 7");
        assertThatThrownBy(() -> Workers.withThreads(3, () -> {
                    Workers.forEach(50, i -> {
                        if (i == 7) {
                            throw failure;
                        }
                    });
                    return 0;
                }))
                .isSameAs(failure);
        assertThatThrownBy(() -> Workers.setThreads(0)).hasMessageContaining("threads=0");
    }
}
