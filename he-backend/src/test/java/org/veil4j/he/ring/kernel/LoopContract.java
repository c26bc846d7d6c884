package org.veil4j.he.ring.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A loop of a transform and the range that it promises; {@link #verify} tries it at the ends of its range.
 *
 * @param in |x|/p of the inputs, at most
 * @param out |x|/p of each result, at most, or {@link #CANONICAL}
 */
public record LoopContract(String name, double in, double[] out, Loop loop, Expected expected) {
    /** The range of a result that is the balanced residue itself. */
    public static final double CANONICAL = 0;

    private static final int ROUNDS = 4;

    /** Runs a loop in place on its rows, with the factors f[1] to f[3], or with the rows u and v of factors. */
    public interface Loop {
        void run(double[][] rows, double[] f, double[] u, double[] v, double p);
    }

    /** What one place of the rows should become, modulo p. */
    public interface Expected {
        BigInteger[] of(BigInteger[] x, BigInteger[] f, BigInteger u, BigInteger v);
    }

    /** Range of results that is the same for all of them. */
    public static double[] all(int rows, double k) {
        double[] out = new double[rows];
        Arrays.fill(out, k);
        return out;
    }

    /** x + y w and x - y w. */
    public static BigInteger[] two(BigInteger[] x, BigInteger w) {
        BigInteger product = x[1].multiply(w);
        return new BigInteger[] {x[0].add(product), x[0].subtract(product)};
    }

    /** Two layers: the first with the factor w1, the second with w2 and w3. */
    public static BigInteger[] four(BigInteger[] x, BigInteger w1, BigInteger w2, BigInteger w3) {
        BigInteger[] even = two(new BigInteger[] {x[0], x[2]}, w1);
        BigInteger[] odd = two(new BigInteger[] {x[1], x[3]}, w1);
        BigInteger[] low = two(new BigInteger[] {even[0], odd[0]}, w2);
        BigInteger[] high = two(new BigInteger[] {even[1], odd[1]}, w3);
        return new BigInteger[] {low[0], low[1], high[0], high[1]};
    }

    /** x + y and (x - y) w. */
    public static BigInteger[] inverseTwo(BigInteger[] x, BigInteger w) {
        return new BigInteger[] {x[0].add(x[1]), x[0].subtract(x[1]).multiply(w)};
    }

    /** Two inverse layers: the first with the factors w2 and w3, the second with w1. */
    public static BigInteger[] inverseFour(BigInteger[] x, BigInteger w1, BigInteger w2, BigInteger w3) {
        BigInteger[] low = inverseTwo(new BigInteger[] {x[0], x[1]}, w2);
        BigInteger[] high = inverseTwo(new BigInteger[] {x[2], x[3]}, w3);
        BigInteger[] even = inverseTwo(new BigInteger[] {low[0], high[0]}, w1);
        BigInteger[] odd = inverseTwo(new BigInteger[] {low[1], high[1]}, w1);
        return new BigInteger[] {even[0], odd[0], even[1], odd[1]};
    }

    /** Runs the loop on rows of n values, many of them extreme, for primes at both ends, and compares with BigInteger. */
    public void verify(int n) {
        for (long p : Patterns.primes(15)) {
            long seed = 7L * p + name.hashCode();
            SplittableRandom random = new SplittableRandom(seed);
            double half = (p - 1) / 2.0;
            for (int round = 0; round < ROUNDS; round++) {
                double[] f = hard(4, random, half, half);
                if (round == 0) {
                    // Factors of one let sums come next to multiples of p/2, where a wrong rounding shows.
                    Arrays.fill(f, 1);
                }
                double[] u = hard(n, random, half, half);
                double[] v = hard(n, random, half, half);
                double[][] input = new double[out.length][];
                for (int i = 0; i < input.length; i++) {
                    input[i] = hard(n, random, half, Math.floor(in * p));
                }
                double[][] rows = Arrays.stream(input).map(double[]::clone).toArray(double[][]::new);
                loop.run(rows, f, u, v, (double) p);
                BigInteger[] factors = exact(f);
                for (int j = 0; j < n; j++) {
                    int place = j;
                    double[] x =
                            Arrays.stream(input).mapToDouble(row -> row[place]).toArray();
                    double[] y =
                            Arrays.stream(rows).mapToDouble(row -> row[place]).toArray();
                    BigInteger ofU = BigInteger.valueOf((long) u[j]);
                    BigInteger ofV = BigInteger.valueOf((long) v[j]);
                    BigInteger[] results = expected.of(exact(x), factors, ofU, ofV);
                    check(x, y, results, p, "factors " + Arrays.toString(f) + " seed=" + seed);
                }
            }
        }
    }

    private void check(double[] x, double[] y, BigInteger[] results, long p, String what) {
        for (int i = 0; i < y.length; i++) {
            double balanced = Patterns.balance(results[i], p);
            boolean congruent = Patterns.balance(BigInteger.valueOf((long) y[i]), p) == balanced;
            boolean inRange = out[i] == CANONICAL ? y[i] == balanced : Math.abs(y[i]) <= out[i] * p + 1;
            if (!congruent || !inRange) {
                assertThat(y[i])
                        .as("%s p=%d result %d of %s %s", name, p, i, Arrays.toString(x), what)
                        .isEqualTo(balanced);
            }
        }
    }

    private static BigInteger[] exact(double[] x) {
        return Arrays.stream(x)
                .mapToObj(value -> BigInteger.valueOf((long) value))
                .toArray(BigInteger[]::new);
    }

    /** Integers of absolute value up to the limit: often the limit itself, or next to a multiple of p/2. */
    private static double[] hard(int n, SplittableRandom random, double half, double limit) {
        long bound = (long) limit;
        return Patterns.fill(n, i -> {
            long multiple = random.nextInt(1 + (int) (limit / half)) * (long) half + random.nextInt(-2, 3);
            long x = switch (random.nextInt(4)) {
                case 0 -> bound;
                case 1 -> Math.min(bound, multiple);
                case 2 -> random.nextLong(bound + 1);
                default -> bound - random.nextLong(Math.min(bound, 100));
            };
            return random.nextBoolean() ? x : -x;
        });
    }

    @Override
    public String toString() {
        return name;
    }
}
