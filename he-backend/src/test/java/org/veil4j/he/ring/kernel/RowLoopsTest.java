package org.veil4j.he.ring.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each loop at the ends of the ranges that it states: congruent to BigInteger's result, and within the stated range. */
class RowLoopsTest {
    /** Whole vectors, and a rest that scalar code does. */
    private static final int LENGTH = 1029;

    /** Ranges of the results that mean "the balanced residue itself". */
    private static final double CANONICAL = 0;

    /** Runs a loop in place on its rows, with the factors 1 to 3, or the rows u and v, of the test. */
    interface Loop {
        void run(double[][] rows, double[] factors, double[][] columns, double p);
    }

    /** What one place of the rows should become; f are the factors, u and v those of the column. */
    interface Expected {
        BigInteger[] of(BigInteger[] x, BigInteger[] f, BigInteger u, BigInteger v);
    }

    /**
     * A loop and its contract.
     *
     * @param in |x|/p of the inputs, at most
     * @param out |x|/p of each result, at most, or CANONICAL
     */
    record Case(String name, int rows, double in, double[] out, Loop loop, Expected expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static double[] ratios(double[] f, double p) {
        return Arrays.stream(f).map(x -> x / p).toArray();
    }

    private static BigInteger[] pair(BigInteger x, BigInteger y, BigInteger w) {
        return new BigInteger[] {x.add(y.multiply(w)), x.subtract(y.multiply(w))};
    }

    private static BigInteger[] inversePair(BigInteger x, BigInteger y, BigInteger w) {
        return new BigInteger[] {x.add(y), x.subtract(y).multiply(w)};
    }

    private static BigInteger[] four(BigInteger[] x, BigInteger w1, BigInteger w2, BigInteger w3) {
        BigInteger[] even = pair(x[0], x[2], w1);
        BigInteger[] odd = pair(x[1], x[3], w1);
        BigInteger[] low = pair(even[0], odd[0], w2);
        BigInteger[] high = pair(even[1], odd[1], w3);
        return new BigInteger[] {low[0], low[1], high[0], high[1]};
    }

    static Stream<Case> loops() {
        Expected pair = (x, f, u, v) -> pair(x[0], x[1], f[1]);
        Expected inverse = (x, f, u, v) -> inversePair(x[0], x[1], f[1]);
        return Stream.of(
                new Case(
                        "butterfly",
                        2,
                        6.6,
                        new double[] {7.925, 7.925},
                        (x, f, c, p) -> RowLoops.butterfly(x[0], x[1], LENGTH, f[1], f[1] / p, p),
                        pair),
                new Case(
                        "butterfly4",
                        4,
                        5.4,
                        new double[] {7.9, 7.9, 7.9, 7.9},
                        (x, f, c, p) -> RowLoops.butterfly4(x[0], x[1], x[2], x[3], LENGTH, f, ratios(f, p), 1, p),
                        (x, f, u, v) -> four(x, f[1], f[2], f[3])),
                new Case(
                        "butterflyReduced",
                        2,
                        8,
                        new double[] {2, 2},
                        (x, f, c, p) -> RowLoops.butterflyReduced(x[0], x[1], LENGTH, f[1], f[1] / p, p, 1 / p),
                        pair),
                new Case(
                        "butterflyCanonical",
                        2,
                        8,
                        new double[] {CANONICAL, CANONICAL},
                        (x, f, c, p) -> RowLoops.butterflyCanonical(x[0], x[1], LENGTH, f[1], f[1] / p, p, 1 / p),
                        pair),
                new Case(
                        "cyclic4",
                        4,
                        1,
                        new double[] {2.5, 2.5, 2.75, 2.75},
                        (x, f, c, p) -> RowLoops.cyclic4(x[0], x[1], x[2], x[3], LENGTH, f[1], f[1] / p, p, 1 / p),
                        (x, f, u, v) -> four(x, BigInteger.ONE, BigInteger.ONE, f[1])),
                new Case(
                        "twist",
                        1,
                        8,
                        new double[] {0.5},
                        (x, f, c, p) -> RowLoops.twist(x[0], c[0], LENGTH, p, 1 / p),
                        (x, f, u, v) -> new BigInteger[] {x[0].multiply(u)}),
                new Case(
                        "twist2",
                        1,
                        8,
                        new double[] {0.9},
                        (x, f, c, p) -> RowLoops.twist2(x[0], c[0], c[1], LENGTH, p, 1 / p),
                        (x, f, u, v) -> new BigInteger[] {x[0].multiply(u).multiply(v)}),
                new Case(
                        "inverse",
                        2,
                        4,
                        new double[] {8, 1.5},
                        (x, f, c, p) -> RowLoops.inverse(x[0], x[1], LENGTH, f[1], f[1] / p, p),
                        inverse),
                new Case(
                        "inverseReduced",
                        2,
                        4,
                        new double[] {0.5, 1.5},
                        (x, f, c, p) -> RowLoops.inverseReduced(x[0], x[1], LENGTH, f[1], f[1] / p, p, 1 / p),
                        inverse),
                new Case(
                        "inverseCanonical",
                        2,
                        1.2,
                        new double[] {CANONICAL, CANONICAL},
                        (x, f, c, p) -> RowLoops.inverseCanonical(x[0], x[1], LENGTH, f[1], f[1] / p, p, 1 / p),
                        inverse),
                new Case(
                        "inverseCyclic4",
                        4,
                        2,
                        new double[] {8, 8, 8, 8},
                        (x, f, c, p) -> RowLoops.inverseCyclic4(x[0], x[1], x[2], x[3], LENGTH, f[1], f[1] / p, p),
                        (x, f, u, v) -> {
                            BigInteger[] low = inversePair(x[0], x[1], BigInteger.ONE);
                            BigInteger[] high = inversePair(x[2], x[3], f[1]);
                            return new BigInteger[] {
                                low[0].add(high[0]),
                                low[1].add(high[1]),
                                low[0].subtract(high[0]),
                                low[1].subtract(high[1])
                            };
                        }));
    }

    @ParameterizedTest
    @MethodSource("loops")
    void loop_inputsAtTheEndsOfItsRange_isExactAndKeepsItsRange(Case loop) {
        for (long p : Patterns.primes(15)) {
            long seed = 7L * p + loop.name().hashCode();
            SplittableRandom random = new SplittableRandom(seed);
            for (int round = 0; round < 4; round++) {
                double half = (p - 1) / 2.0;
                double[] f = Patterns.fill(4, i -> hard(random, half, half));
                if (round == 0) {
                    // Factors of one let sums come next to multiples of p/2, where a wrong rounding shows.
                    Arrays.fill(f, 1);
                }
                double[][] columns = {row(random, half, half), row(random, half, half)};
                double[][] rows = new double[loop.rows()][];
                for (int i = 0; i < rows.length; i++) {
                    rows[i] = row(random, half, Math.floor(loop.in() * p));
                }
                double[][] input = Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
                loop.loop().run(rows, f, columns, (double) p);
                for (int j = 0; j < LENGTH; j++) {
                    check(loop, p, j, input, f, columns, rows, seed);
                }
            }
        }
    }

    private static void check(
            Case loop, long p, int j, double[][] input, double[] f, double[][] columns, double[][] rows, long seed) {
        BigInteger[] x = Arrays.stream(input).map(row -> exact(row[j])).toArray(BigInteger[]::new);
        BigInteger[] factors = Arrays.stream(f).mapToObj(RowLoopsTest::exact).toArray(BigInteger[]::new);
        BigInteger[] expected = loop.expected().of(x, factors, exact(columns[0][j]), exact(columns[1][j]));
        for (int i = 0; i < rows.length; i++) {
            double result = rows[i][j];
            double balanced = Patterns.balance(expected[i], p);
            if (Patterns.balance(exact(result), p) == balanced
                    && (loop.out()[i] == CANONICAL ? result == balanced : Math.abs(result) <= loop.out()[i] * p + 1)) {
                continue;
            }
            assertThat(result)
                    .as("%s p=%d row %d inputs %s factors %s seed=%d", loop, p, i, Arrays.toString(x), f[1], seed)
                    .isEqualTo(balanced);
        }
    }

    private static BigInteger exact(double x) {
        return BigInteger.valueOf((long) x);
    }

    private static double[] row(SplittableRandom random, double half, double limit) {
        return Patterns.fill(LENGTH, i -> hard(random, half, limit));
    }

    /** An integer of absolute value up to the limit: often the limit itself, or next to a multiple of p/2. */
    private static double hard(SplittableRandom random, double half, double limit) {
        long bound = (long) limit;
        long multiple = random.nextInt(1 + (int) Math.min(1 << 20, limit / half)) * (long) half + random.nextInt(-2, 3);
        long x = switch (random.nextInt(4)) {
            case 0 -> bound;
            case 1 -> Math.min(bound, multiple);
            case 2 -> random.nextLong(bound + 1);
            default -> bound - random.nextLong(Math.min(bound, 100));
        };
        return random.nextBoolean() ? x : -x;
    }
}
