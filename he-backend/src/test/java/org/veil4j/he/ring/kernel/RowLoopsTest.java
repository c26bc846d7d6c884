package org.veil4j.he.ring.kernel;

import static org.veil4j.he.ring.kernel.LoopContract.CANONICAL;
import static org.veil4j.he.ring.kernel.LoopContract.all;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veil4j.he.ring.kernel.LoopContract.Expected;

class RowLoopsTest {
    /** Whole vectors, and a rest that scalar code does. */
    private static final int N = 1029;

    private static final Expected TWO = (x, f, u, v) -> LoopContract.two(x, f[1]);
    private static final Expected INVERSE = (x, f, u, v) -> LoopContract.inverseTwo(x, f[1]);

    private static double[] ratios(double[] f, double p) {
        return Arrays.stream(f).map(x -> x / p).toArray();
    }

    static Stream<LoopContract> loops() {
        return Stream.of(
                new LoopContract(
                        "butterfly",
                        6.6,
                        all(2, 7.925),
                        (x, f, u, v, p) -> RowLoops.butterfly(x[0], x[1], N, f[1], f[1] / p, p),
                        TWO),
                new LoopContract(
                        "butterfly4",
                        5.4,
                        all(4, 7.9),
                        (x, f, u, v, p) -> RowLoops.butterfly4(x[0], x[1], x[2], x[3], N, f, ratios(f, p), 1, p),
                        (x, f, u, v) -> LoopContract.four(x, f[1], f[2], f[3])),
                new LoopContract(
                        "butterflyReduced",
                        8,
                        all(2, 2),
                        (x, f, u, v, p) -> RowLoops.butterflyReduced(x[0], x[1], N, f[1], f[1] / p, p, 1 / p),
                        TWO),
                new LoopContract(
                        "butterflyCanonical",
                        8,
                        all(2, CANONICAL),
                        (x, f, u, v, p) -> RowLoops.butterflyCanonical(x[0], x[1], N, f[1], f[1] / p, p, 1 / p),
                        TWO),
                new LoopContract(
                        "cyclic4",
                        1,
                        all(4, 2.75),
                        (x, f, u, v, p) -> RowLoops.cyclic4(x[0], x[1], x[2], x[3], N, f[1], f[1] / p, p, 1 / p),
                        (x, f, u, v) -> LoopContract.four(x, BigInteger.ONE, BigInteger.ONE, f[1])),
                new LoopContract(
                        "twist",
                        8,
                        all(1, 0.5),
                        (x, f, u, v, p) -> RowLoops.twist(x[0], u, N, p, 1 / p),
                        (x, f, u, v) -> new BigInteger[] {x[0].multiply(u)}),
                new LoopContract(
                        "twist2",
                        8,
                        all(1, 0.9),
                        (x, f, u, v, p) -> RowLoops.twist2(x[0], u, v, N, p, 1 / p),
                        (x, f, u, v) -> new BigInteger[] {x[0].multiply(u).multiply(v)}),
                new LoopContract(
                        "inverse",
                        4,
                        new double[] {8, 1.5},
                        (x, f, u, v, p) -> RowLoops.inverse(x[0], x[1], N, f[1], f[1] / p, p),
                        INVERSE),
                new LoopContract(
                        "inverseReduced",
                        4,
                        new double[] {0.5, 1.5},
                        (x, f, u, v, p) -> RowLoops.inverseReduced(x[0], x[1], N, f[1], f[1] / p, p, 1 / p),
                        INVERSE),
                new LoopContract(
                        "inverseCanonical",
                        1.2,
                        all(2, CANONICAL),
                        (x, f, u, v, p) -> RowLoops.inverseCanonical(x[0], x[1], N, f[1], f[1] / p, p, 1 / p),
                        INVERSE),
                new LoopContract(
                        "inverseCyclic4",
                        2,
                        all(4, 8),
                        (x, f, u, v, p) -> RowLoops.inverseCyclic4(x[0], x[1], x[2], x[3], N, f[1], f[1] / p, p),
                        (x, f, u, v) -> LoopContract.inverseFour(x, BigInteger.ONE, BigInteger.ONE, f[1])));
    }

    @ParameterizedTest
    @MethodSource("loops")
    void loop_inputsAtTheEndsOfItsRange_isExactAndKeepsItsRange(LoopContract loop) {
        loop.verify(N);
    }
}
