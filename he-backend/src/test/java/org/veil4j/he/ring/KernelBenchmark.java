package org.veil4j.he.ring;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.NttTransform;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * The kernels under JMH, one limb a call. With {@code -prof gc} the normalised allocation must be 0 bytes an operation, but
 * for what JMH itself rounds. CONTRIBUTING.md says how to run it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KernelBenchmark {
    private static final int TERMS = 4;

    /** Implementation; "vector" needs {@code --add-modules jdk.incubator.vector}. */
    @Param({"plain", "scalar"})
    public String kernel = "plain";

    /** log2 of the ring degree. */
    @Param("15")
    public int logN = 15;

    private PolyKernels kernels = Kernels.named("plain");
    private NttTransform[] transforms = {};
    private double[][] a = {};
    private double[][] b = {};
    private double[] weights = {};
    private double[] result = {};
    private double p;
    private int next;

    /** Makes tables and random residues. */
    @Setup
    public void setUp() {
        int n = 1 << logN;
        kernels = Kernels.named(kernel);
        List<Modulus> primes = PrimeGenerator.generate(logN, Modulus.MAX_BITS, TERMS * TERMS, List.of());
        SplittableRandom random = new SplittableRandom(logN);
        transforms = new NttTransform[primes.size()];
        a = new double[primes.size()][n];
        b = new double[TERMS][n];
        weights = new double[TERMS];
        result = new double[n];
        p = primes.get(0).p();
        for (int i = 0; i < transforms.length; i++) {
            transforms[i] = kernels.ntt(logN, primes.get(i).value());
            fill(a[i], primes.get(i), random);
        }
        for (double[] limb : b) {
            fill(limb, primes.get(0), random);
        }
        fill(weights, primes.get(0), random);
    }

    private static void fill(double[] limb, Modulus prime, SplittableRandom random) {
        long half = prime.value() >> 1;
        for (int j = 0; j < limb.length; j++) {
            limb[j] = (double) random.nextLong(-half, half + 1);
        }
    }

    @Benchmark
    public double[] nttForward() {
        transforms[0].forward(a[0]);
        return a[0];
    }

    @Benchmark
    public double[] nttInverse() {
        transforms[0].inverse(a[0]);
        return a[0];
    }

    /** A limb a call, over 16 limbs of different primes in turn. */
    @Benchmark
    public double[] nttForward16() {
        next = (next + 1) % transforms.length;
        transforms[next].forward(a[next]);
        return a[next];
    }

    @Benchmark
    public double[] mulMod() {
        kernels.multiply(result, a[0], b[0], p);
        return result;
    }

    @Benchmark
    public double[] mulAccumulate() {
        kernels.dot(result, a, b, TERMS, p);
        return result;
    }

    @Benchmark
    public double[] baseConvert() {
        kernels.baseConvert(result, a, weights, TERMS, p);
        return result;
    }
}
