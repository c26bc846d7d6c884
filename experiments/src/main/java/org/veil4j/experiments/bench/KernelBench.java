package org.veil4j.experiments.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.PrimeGenerator;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.NttTransform;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * Times the kernels on one thread. All kernels are measured in the same process in interleaved rounds, after a warm-up, and
 * the median round counts, so that ratios hold even on a busy machine.
 */
public final class KernelBench {
    /** Limbs that {@link Row#nttForward16} visits in turn. */
    private static final int LIMBS = 16;

    private static final int TERMS = 4;
    private static final int ROUNDS = 9;
    private static final long WARM_UP_NANOS = 350_000_000;
    private static final long ROUND_NANOS = 12_000_000;

    private KernelBench() {}

    /**
     * Microseconds for one limb of n residues modulo a prime just below 2^50.
     *
     * @param kernel "plain", "vector" or "scalar"
     * @param n ring degree
     * @param nttForward forward transform of the same limb again and again
     * @param nttInverse inverse transform of the same limb again and again
     * @param nttForward16 forward transform, a limb, over 16 limbs of different primes in turn
     * @param mulMod product of two limbs
     * @param mulAccumulate sum of 4 products of two limbs
     * @param baseConvert conversion of 4 source limbs to one target limb
     */
    public record Row(
            String kernel,
            int n,
            double nttForward,
            double nttInverse,
            double nttForward16,
            double mulMod,
            double mulAccumulate,
            double baseConvert) {}

    /** One timed operation: how often to call it in a round, and what each round took. */
    private static final class Timed {
        private final Runnable call;
        private final double units;
        private final double[] micros = new double[ROUNDS];
        private long repeats = 1;

        Timed(Runnable call, double units) {
            this.call = call;
            this.units = units;
        }

        void warmUp() {
            long start = System.nanoTime();
            long calls = 0;
            while (System.nanoTime() - start < WARM_UP_NANOS) {
                call.run();
                calls++;
            }
            repeats = Math.max(1, calls * ROUND_NANOS / (System.nanoTime() - start));
        }

        void round(int r) {
            long start = System.nanoTime();
            for (long i = 0; i < repeats; i++) {
                call.run();
            }
            micros[r] = (System.nanoTime() - start) / (1e3 * repeats * units);
        }

        double median() {
            double[] sorted = micros.clone();
            Arrays.sort(sorted);
            return sorted[ROUNDS / 2];
        }
    }

    /**
     * Measures every kernel that this JVM can run at n = 2^13 to 2^16. Takes about 40 seconds and 100 MB.
     *
     * @param progress receives a line as each size is done
     * @return a row for each size and kernel
     */
    public static List<Row> run(Consumer<String> progress) {
        List<Row> rows = new ArrayList<>();
        for (int logN = 13; logN <= 16; logN++) {
            rows.addAll(measure(logN));
            progress.accept("kernels: n=" + (1 << logN) + " done");
        }
        return rows;
    }

    private static List<Row> measure(int logN) {
        List<PolyKernels> kernels = Kernels.all();
        List<List<Timed>> all = new ArrayList<>();
        for (PolyKernels k : kernels) {
            all.add(operations(k, logN));
        }
        for (List<Timed> operations : all) {
            operations.forEach(Timed::warmUp);
        }
        for (int r = 0; r < ROUNDS; r++) {
            int round = r;
            for (List<Timed> operations : all) {
                operations.forEach(t -> t.round(round));
            }
        }
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < kernels.size(); i++) {
            double[] m = all.get(i).stream().mapToDouble(Timed::median).toArray();
            rows.add(new Row(kernels.get(i).name(), 1 << logN, m[0], m[1], m[2], m[3], m[4], m[5]));
        }
        return rows;
    }

    private static List<Timed> operations(PolyKernels k, int logN) {
        int n = 1 << logN;
        List<Modulus> primes = PrimeGenerator.generate(logN, Modulus.MAX_BITS, LIMBS, List.of());
        SplittableRandom random = new SplittableRandom(logN);
        NttTransform[] transforms = new NttTransform[LIMBS];
        double[][] limbs = new double[LIMBS][];
        for (int i = 0; i < LIMBS; i++) {
            transforms[i] = k.ntt(logN, primes.get(i).value());
            limbs[i] = uniform(n, primes.get(i), random);
        }
        Modulus prime = primes.get(0);
        double p = prime.p();
        double[][] a = new double[TERMS][];
        double[][] b = new double[TERMS][];
        double[] w = new double[TERMS];
        for (int d = 0; d < TERMS; d++) {
            a[d] = uniform(n, prime, random);
            b[d] = uniform(n, prime, random);
            w[d] = a[d][0];
        }
        double[] limb = uniform(n, prime, random);
        double[] r = new double[n];
        return List.of(
                new Timed(() -> transforms[0].forward(limb), 1),
                new Timed(() -> transforms[0].inverse(limb), 1),
                new Timed(
                        () -> {
                            for (int i = 0; i < LIMBS; i++) {
                                transforms[i].forward(limbs[i]);
                            }
                        },
                        LIMBS),
                new Timed(() -> k.multiply(r, a[0], b[0], p), 1),
                new Timed(() -> k.dot(r, a, b, TERMS, p), 1),
                new Timed(() -> k.baseConvert(r, a, w, TERMS, p), 1));
    }

    private static double[] uniform(int n, Modulus prime, SplittableRandom random) {
        long half = prime.value() >> 1;
        double[] a = new double[n];
        for (int i = 0; i < n; i++) {
            a[i] = (double) random.nextLong(-half, half + 1);
        }
        return a;
    }
}
