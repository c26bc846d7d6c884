package org.veil4j.he.ring.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PolyKernelsTest {
    private static final int N = 1024;
    private static final List<Long> PRIMES = Patterns.primes(10);

    /** The former, and those next to 2^48, where sums of pairs change the number of terms. */
    private static final List<Long> PAIR_PRIMES = Stream.concat(
                    PRIMES.stream(),
                    Stream.of(
                            Patterns.search((1L << 48) + 1 - 2 * N, -2L * N), Patterns.search((1L << 48) + 1, 2L * N)))
            .toList();

    static Stream<PolyKernels> kernels() {
        return Kernels.all().stream();
    }

    private interface Reference {
        BigInteger at(int i);
    }

    private static BigInteger big(double x) {
        return BigInteger.valueOf((long) x);
    }

    private static void check(double[] r, long p, String what, Reference reference) {
        for (int i = 0; i < r.length; i++) {
            double expected = Patterns.balance(reference.at(i), p);
            if (Double.doubleToRawLongBits(r[i]) != Double.doubleToRawLongBits(expected)) {
                assertThat(r[i]).as(what + " p=" + p + " place=" + i).isEqualTo(expected);
            }
        }
    }

    private static List<double[]> inputs(long p, long seed) {
        return new ArrayList<>(Patterns.inputs(N, p, seed).values());
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void pairwiseOperations_extremeInputs_equalBigInteger(PolyKernels k) {
        for (long p : PRIMES) {
            double[] r = new double[N];
            for (double[] a : inputs(p, 1)) {
                for (double[] b : inputs(p, 2)) {
                    k.add(r, a, b, (double) p);
                    check(r, p, k.name() + " add", i -> big(a[i]).add(big(b[i])));
                    k.subtract(r, a, b, (double) p);
                    check(r, p, k.name() + " subtract", i -> big(a[i]).subtract(big(b[i])));
                    k.multiply(r, a, b, (double) p);
                    check(r, p, k.name() + " multiply", i -> big(a[i]).multiply(big(b[i])));
                    for (double[] c : inputs(p, 3)) {
                        double[] s = c.clone();
                        k.multiplyAdd(s, a, b, (double) p);
                        check(
                                s,
                                p,
                                k.name() + " multiplyAdd",
                                i -> big(c[i]).add(big(a[i]).multiply(big(b[i]))));
                    }
                }
                k.negate(r, a);
                check(r, p, k.name() + " negate", i -> big(a[i]).negate());
                double[] inPlace = a.clone();
                k.multiply(inPlace, inPlace, inPlace, (double) p);
                check(inPlace, p, k.name() + " square in place", i -> big(a[i]).pow(2));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void scalarOperations_extremeInputs_equalBigInteger(PolyKernels k) {
        for (long p : PRIMES) {
            double half = (p - 1) / 2.0;
            double[] r = new double[N];
            List<double[]> wide = new ArrayList<>(inputs(p, 4));
            wide.addAll(edges(50));
            List<double[]> widest = new ArrayList<>(wide);
            widest.addAll(edges(51));
            for (double w : new double[] {0, 1, -1, half, -half, half - 1}) {
                for (double[] a : widest) {
                    k.multiplyScalar(r, a, w, (double) p);
                    check(
                            r,
                            p,
                            k.name() + " multiplyScalar w=" + w,
                            i -> big(a[i]).multiply(big(w)));
                    for (double[] b : inputs(p, 5)) {
                        double[] s = b.clone();
                        k.multiplyScalarAdd(s, a, w, (double) p);
                        check(
                                s,
                                p,
                                k.name() + " multiplyScalarAdd w=" + w,
                                i -> big(b[i]).add(big(a[i]).multiply(big(w))));
                    }
                }
                for (double[] a : wide) {
                    for (double[] b : wide) {
                        k.subtractMultiplyScalar(r, a, b, w, (double) p);
                        check(
                                r,
                                p,
                                k.name() + " subtractMultiplyScalar w=" + w,
                                i -> big(a[i]).subtract(big(b[i])).multiply(big(w)));
                    }
                }
            }
        }
    }

    /** Integers of up to the given number of bits: the extremes with either sign, and random ones. */
    private static List<double[]> edges(int bits) {
        double most = Math.scalb(1.0, bits);
        SplittableRandom random = new SplittableRandom(bits);
        return List.of(
                Patterns.fill(N, i -> most),
                Patterns.fill(N, i -> -most),
                Patterns.fill(N, i -> Math.rint((random.nextDouble() * 2 - 1) * most)));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void reduce_upTo101Bits_equalsBigInteger(PolyKernels k) {
        double[] r = new double[N];
        for (long p : PRIMES) {
            for (int bits = 40; bits <= 101; bits++) {
                for (double[] a : edges(bits)) {
                    k.reduce(r, a, (double) p);
                    check(
                            r,
                            p,
                            k.name() + " reduce bits=" + bits,
                            i -> new java.math.BigDecimal(a[i]).toBigIntegerExact());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void reduceLongs_upTo62Bits_equalsBigInteger(PolyKernels k) {
        double[] r = new double[N];
        long most = (1L << 62) - 1;
        SplittableRandom random = new SplittableRandom(62);
        for (long p : PRIMES) {
            for (int bits = 1; bits <= 62; bits++) {
                int shift = 62 - bits;
                long[] a = new long[N];
                for (int i = 0; i < N; i++) {
                    a[i] = i == 0 ? most >> shift : i == 1 ? -(most >> shift) : random.nextLong(-most, most) >> shift;
                }
                k.reduceLongs(r, a, (double) p);
                check(r, p, k.name() + " reduceLongs bits=" + bits, i -> BigInteger.valueOf(a[i]));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void dot_anyNumberOfTerms_equalsBigInteger(PolyKernels k) {
        for (long p : PRIMES) {
            List<double[]> all = inputs(p, 6);
            double[] r = new double[N];
            for (int terms = 1; terms <= 33; terms++) {
                for (int pattern = 0; pattern <= all.size(); pattern++) {
                    double[][] a = new double[terms][];
                    double[][] b = new double[terms][];
                    for (int d = 0; d < terms; d++) {
                        a[d] = all.get(pattern == all.size() ? d % all.size() : pattern);
                        b[d] = all.get(pattern == all.size() ? (d + 3) % all.size() : pattern);
                    }
                    k.dot(r, a, b, terms, (double) p);
                    check(r, p, k.name() + " dot terms=" + terms, i -> {
                        BigInteger sum = BigInteger.ZERO;
                        for (int d = 0; d < a.length; d++) {
                            sum = sum.add(big(a[d][i]).multiply(big(b[d][i])));
                        }
                        return sum;
                    });
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void dotPair_anyTermsAndAdditions_equalsBigIntegerInItsRangeOnly(PolyKernels k) {
        int from = 8;
        int to = 264;
        double mark = 0.125;
        for (long p : PAIR_PRIMES) {
            List<double[]> all = inputs(p, 11);
            for (int terms : new int[] {1, 2, 3, 4, 5, 6, 16, 17, 33}) {
                for (int pattern = 0; pattern <= all.size(); pattern++) {
                    double[][] a = rows(all, terms, pattern, 0);
                    double[][] b0 = rows(all, terms, pattern, 3);
                    double[][] b1 = rows(all, terms, pattern, 1);
                    double[] add = all.get(pattern % all.size());
                    for (int adds = 0; adds < 5; adds++) {
                        double[] r0 = Patterns.fill(N, i -> mark);
                        double[] r1 = Patterns.fill(N, i -> mark);
                        double[] add0 = (adds & 1) == 1 ? add : null;
                        double[] add1 = (adds & 2) == 2 ? add : null;
                        if (adds == 4) {
                            System.arraycopy(add, from, r0, from, to - from);
                            System.arraycopy(add, from, r1, from, to - from);
                            add0 = r0;
                            add1 = r1;
                        }
                        k.dotPair(r0, r1, add0, add1, a, b0, b1, terms, from, to, (double) p);
                        String what = k.name() + " dotPair terms=" + terms + " adds=" + adds;
                        checkSum(r0, p, what, adds != 0 && adds != 2 ? add : null, a, b0, from, to, mark);
                        checkSum(r1, p, what, (adds & 2) == 2 || adds == 4 ? add : null, a, b1, from, to, mark);
                    }
                }
            }
        }
    }

    private static double[][] rows(List<double[]> all, int terms, int pattern, int shift) {
        double[][] rows = new double[terms][];
        for (int d = 0; d < terms; d++) {
            rows[d] = all.get(pattern == all.size() ? (d + shift) % all.size() : pattern);
        }
        return rows;
    }

    private static void checkSum(
            double[] r,
            long p,
            String what,
            double @Nullable [] add,
            double[][] a,
            double[][] b,
            int from,
            int to,
            double mark) {
        double[] inside = java.util.Arrays.copyOfRange(r, from, to);
        check(inside, p, what, i -> {
            BigInteger sum = add == null ? BigInteger.ZERO : big(add[from + i]);
            for (int d = 0; d < a.length; d++) {
                sum = sum.add(big(a[d][from + i]).multiply(big(b[d][from + i])));
            }
            return sum;
        });
        for (int i = 0; i < r.length; i++) {
            if (i < from || i >= to) {
                assertThat(r[i]).as(what + " place=" + i).isEqualTo(mark);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void baseConvert_residuesOfLargerPrimes_equalsBigInteger(PolyKernels k) {
        long large = PRIMES.get(2);
        for (long p : PRIMES) {
            double half = (p - 1) / 2.0;
            List<double[]> all = inputs(large, 7);
            double[] r = new double[N];
            for (int terms = 1; terms <= 40; terms++) {
                for (int pattern = 0; pattern <= all.size(); pattern++) {
                    double[][] a = new double[terms][];
                    double[] w = new double[terms];
                    for (int d = 0; d < terms; d++) {
                        a[d] = all.get(pattern == all.size() ? d % all.size() : pattern);
                        w[d] = (d & 3) == 3 && pattern == all.size() ? 1 : pattern == 1 ? half : -half;
                    }
                    k.baseConvert(r, a, w, terms, (double) p);
                    check(r, p, k.name() + " baseConvert terms=" + terms, i -> {
                        BigInteger sum = BigInteger.ZERO;
                        for (int d = 0; d < a.length; d++) {
                            sum = sum.add(big(a[d][i]).multiply(big(w[d])));
                        }
                        return sum;
                    });
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void centredConvert_residuesAndMultiplesAtTheirBounds_equalsBigInteger(PolyKernels k) {
        int from = 8;
        int to = 136;
        double[] r = new double[N];
        for (long source : PAIR_PRIMES) {
            double bound = (source - 1) / 2.0;
            List<double[]> all = inputs(source, 12);
            for (long p : PAIR_PRIMES) {
                double half = (p - 1) / 2.0;
                for (int terms = 1; terms <= 20; terms++) {
                    for (int pattern = 0; pattern <= all.size(); pattern++) {
                        int sign = pattern % 2 == 0 ? 1 : -1;
                        double[][] a = rows(all, terms, pattern, 0);
                        double[] w = new double[terms];
                        for (int d = 0; d < terms; d++) {
                            w[d] = (d & 3) == 3 && pattern == all.size() ? 1 : pattern == 1 ? half : -half;
                        }
                        double[] v = Patterns.fill(N, i -> sign * (i % 16 < 8 ? 7 : i % 8));
                        java.util.Arrays.fill(r, 0.125);
                        k.centredConvert(r, a, bound, w, terms, v, -half, from, to, (double) p);
                        assertThat(r[from - 1]).isEqualTo(0.125);
                        assertThat(r[to]).isEqualTo(0.125);
                        double[] some = java.util.Arrays.copyOfRange(r, from, to);
                        check(some, p, k.name() + " centredConvert source=" + source + " terms=" + terms, i -> {
                            BigInteger sum = big(v[from + i]).multiply(big(-half));
                            for (int d = 0; d < a.length; d++) {
                                sum = sum.add(big(a[d][from + i]).multiply(big(w[d])));
                            }
                            return sum;
                        });
                    }
                }
            }
        }
    }

    /** As many terms as callers may pass, all residues of one sign and as large as they get. */
    @ParameterizedTest
    @MethodSource("kernels")
    void sums_mostTermsThatCallersMayPass_equalBigInteger(PolyKernels k) {
        int most = org.veil4j.he.ring.RnsPoly.MAX_TERMS;
        SplittableRandom random = new SplittableRandom(10);
        for (long p : PRIMES) {
            long half = (p - 1) / 2;
            double[] a = Patterns.fill(N, i -> 1 + random.nextLong(half));
            double[] b = Patterns.fill(
                    N,
                    i -> LongMod.balance(
                            LongMod.multiply(
                                    LongMod.inverse((long) a[i], p),
                                    (i & 1) == 0 ? half - i % 100 : half + 1 + i % 100,
                                    p),
                            p));
            double[][] as = new double[most][];
            double[][] bs = new double[most][];
            double[] w = new double[most];
            java.util.Arrays.fill(as, a);
            java.util.Arrays.fill(bs, b);
            java.util.Arrays.fill(w, (double) half);
            double[] r = new double[N];
            for (int terms : new int[] {most - 1, most}) {
                BigInteger count = BigInteger.valueOf(terms);
                k.dot(r, as, bs, terms, (double) p);
                check(
                        r,
                        p,
                        k.name() + " dot terms=" + terms,
                        i -> big(a[i]).multiply(big(b[i])).multiply(count));
                k.baseConvert(r, as, w, terms, (double) p);
                check(
                        r,
                        p,
                        k.name() + " baseConvert terms=" + terms,
                        i -> big(a[i]).multiply(BigInteger.valueOf(half)).multiply(count));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void addWeighted_largestResiduesAndWeights_equalsBigInteger(PolyKernels k) {
        double[] scratch = new double[N];
        for (long p : PRIMES) {
            List<double[]> all = inputs(p, 10);
            all.addAll(edges(49).stream()
                    .map(x -> Patterns.fill(N, i -> x[i] - Math.signum(x[i])))
                    .toList());
            for (int terms : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 25, 255, 256, 257, 515}) {
                for (int pattern = 0; pattern <= all.size(); pattern++) {
                    double[][] a = new double[terms][];
                    double[] w = new double[terms];
                    SplittableRandom random = new SplittableRandom(terms);
                    for (int d = 0; d < terms; d++) {
                        a[d] = all.get(pattern == all.size() ? d % all.size() : pattern);
                        w[d] = pattern == all.size() ? random.nextLong(-1L << 34, 1L << 34) : 0x1p34;
                    }
                    double[] before = all.get(pattern % inputs(p, 10).size());
                    double[] r = before.clone();
                    k.addWeighted(r, a, w, terms, scratch, (double) p);
                    check(r, p, k.name() + " addWeighted terms=" + terms, i -> {
                        BigInteger sum = big(before[i]);
                        for (int d = 0; d < a.length; d++) {
                            sum = sum.add(big(a[d][i]).multiply(big(w[d])));
                        }
                        return sum;
                    });
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void overflow_randomResidues_isTheSameEverywhere(PolyKernels k) {
        SplittableRandom random = new SplittableRandom(8);
        for (int terms = 1; terms <= 20; terms++) {
            double[][] a = new double[terms][];
            double[] inverses = new double[terms];
            for (int d = 0; d < terms; d++) {
                long p = PRIMES.get(d % PRIMES.size());
                a[d] = Patterns.fill(N, i -> random.nextLong((p - 1) / -2, (p - 1) / 2 + 1));
                inverses[d] = 1.0 / p;
            }
            double[] v = new double[N];
            k.overflow(v, a, inverses, terms, 0, N);
            for (int i = 0; i < N; i++) {
                double sum = 0;
                for (int d = 0; d < terms; d++) {
                    sum += a[d][i] * inverses[d];
                }
                assertThat(v[i]).as(k.name() + " terms=" + terms).isEqualTo(Math.rint(sum) + 0.0);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void permute_reversal_reverses(PolyKernels k) {
        double[] a = Patterns.random(N, PRIMES.get(2), 9);
        int[] from = new int[N];
        for (int i = 0; i < N; i++) {
            from[i] = N - 1 - i;
        }
        double[] r = new double[N];
        k.permute(r, a, from);
        assertThat(r).isEqualTo(Patterns.fill(N, i -> a[N - 1 - i]));
    }
}
