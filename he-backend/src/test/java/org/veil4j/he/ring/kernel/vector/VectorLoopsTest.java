package org.veil4j.he.ring.kernel.vector;

import static org.veil4j.he.ring.kernel.LoopContract.CANONICAL;
import static org.veil4j.he.ring.kernel.LoopContract.all;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veil4j.he.ring.kernel.LoopContract;
import org.veil4j.he.ring.kernel.LoopContract.Expected;
import org.veil4j.he.ring.kernel.LoopContract.Loop;

class VectorLoopsTest {
    private static final int N = 1024;

    private static final Expected TWO = (x, f, u, v) -> LoopContract.two(x, f[1]);
    private static final Expected FOUR = (x, f, u, v) -> LoopContract.four(x, f[1], f[2], f[3]);
    private static final Expected INVERSE_TWO = (x, f, u, v) -> LoopContract.inverseTwo(x, f[1]);
    private static final Expected INVERSE_FOUR = (x, f, u, v) -> LoopContract.inverseFour(x, f[1], f[2], f[3]);

    /** A step of a transform, from legs of one array to legs of another. */
    interface Step {
        void run(
                double[] x,
                int from,
                int leg,
                double[] a,
                int to,
                int step,
                int n,
                double[] w,
                double[] wp,
                int k,
                double p);
    }

    /** The step on rows, which become the legs of one array, some values apart; factors are found from entry k on. */
    private static Loop steps(Step step, int k) {
        return (rows, f, u, v, p) -> {
            int apart = N + 5;
            double[] x = new double[3 + rows.length * apart];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(rows[i], 0, x, 3 + i * apart, N);
            }
            double[] a = new double[7 + rows.length * N];
            step.run(
                    x, 3, apart, a, 7, N, N, f, Arrays.stream(f).map(w -> w / p).toArray(), k, p);
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(a, 7 + i * N, rows[i], 0, N);
            }
        };
    }

    static Stream<LoopContract> loops() {
        return Stream.of(
                new LoopContract("forward2", 4, all(2, 4.75), steps(VectorLoops::forward2, 1), TWO),
                new LoopContract("forward4", 2.4, all(4, 3.75), steps(VectorLoops::forward4, 1), FOUR),
                new LoopContract("forward4Reduced", 3.2, all(4, 2), steps(VectorLoops::forward4Reduced, 1), FOUR),
                new LoopContract("forward4Last", 3.2, all(4, CANONICAL), steps(VectorLoops::forward4Last, 1), FOUR),
                new LoopContract(
                        "cyclic4",
                        0.6,
                        all(4, 2.4),
                        steps(VectorLoops::cyclic4, 3),
                        (x, f, u, v) -> LoopContract.four(x, BigInteger.ONE, BigInteger.ONE, f[3])),
                new LoopContract(
                        "twist",
                        3.2,
                        all(1, 0.5),
                        (x, f, u, v, p) -> VectorLoops.twist(x[0], 0, u, 0, N, p),
                        (x, f, u, v) -> new BigInteger[] {x[0].multiply(u)}),
                new LoopContract(
                        "twist2",
                        3.2,
                        all(1, 0.6),
                        (x, f, u, v, p) -> VectorLoops.twist2(x[0], 0, u, v, 0, N, p),
                        (x, f, u, v) -> new BigInteger[] {x[0].multiply(u).multiply(v)}),
                new LoopContract("inverse4", 1, all(4, 0.75), steps(InverseVectorLoops::inverse4, 1), INVERSE_FOUR),
                new LoopContract(
                        "inverse4Last", 1, all(4, CANONICAL), steps(InverseVectorLoops::inverse4Last, 1), INVERSE_FOUR),
                new LoopContract("inverse2", 1, all(2, 0.63), steps(InverseVectorLoops::inverse2, 1), INVERSE_TWO),
                new LoopContract(
                        "inverse2Last", 1, all(2, CANONICAL), steps(InverseVectorLoops::inverse2Last, 1), INVERSE_TWO),
                new LoopContract(
                        "inverseCyclic4",
                        0.75,
                        all(4, 3),
                        steps(InverseVectorLoops::inverseCyclic4, 3),
                        (x, f, u, v) -> LoopContract.inverseFour(x, BigInteger.ONE, BigInteger.ONE, f[3])));
    }

    @ParameterizedTest
    @MethodSource("loops")
    void loop_inputsAtTheEndsOfItsRange_isExactAndKeepsItsRange(LoopContract loop) {
        loop.verify(N);
    }
}
