package org.veil4j.he.ring.kernel;

import java.math.BigInteger;
import java.util.Locale;

/**
 * Checks at start-up that the JIT compiles a kernel's forward transform well, by timing it against the loop that does most of
 * the work of the plain kernels. That loop alone is timed, not the plain transform, because then the JIT has little else to
 * compile: on a busy machine the compiler is what takes the time. A plain transform takes about four times as long as the
 * butterflies that it consists of would take in the L1 cache, vector code about half of that, and code with vectors that the
 * JIT did not keep in registers ten times as long or more. Short rounds alternate until the transform takes less than 3
 * times as long as the best round of the loop in three rounds running, which ends the measurement early, or time is up.
 *
 * @param faster whether the kernel won
 * @param description the best times, for people
 */
record SelfTiming(boolean faster, String description) {
    private static final int LOG_N = 11;
    private static final long LIMIT_NANOS = 950_000_000;
    private static final int LEAST_CALLS = 100;
    private static final int CALLS = 4;
    private static final double MOST = 3;

    static SelfTiming of(PolyKernels kernels) {
        int n = 1 << LOG_N;
        long p = prime();
        NttTransform ntt = kernels.ntt(LOG_N, p);
        double[] x = new double[n];
        double[] a = new double[n / 8];
        double[] b = new double[n / 8];
        long start = System.nanoTime();
        double best = Double.POSITIVE_INFINITY;
        double bestLoop = Double.POSITIVE_INFINITY;
        int wins = 0;
        for (int calls = 0; wins < 3 && System.nanoTime() - start < LIMIT_NANOS; calls += CALLS) {
            double loop = loopMicros(a, b, (double) p);
            double time = micros(ntt, x);
            best = Math.min(best, time);
            bestLoop = Math.min(bestLoop, loop);
            wins = calls >= LEAST_CALLS && time < MOST * bestLoop ? wins + 1 : 0;
        }
        String text = String.format(
                Locale.ROOT,
                "a transform of N=2^%d takes %.1f us %s, its butterflies alone %.1f us in plain loops",
                LOG_N,
                best,
                kernels.name(),
                bestLoop);
        return new SelfTiming(wins >= 3, text);
    }

    private static long prime() {
        long step = 2L << LOG_N;
        long p = (1L << 50) + 1 - step;
        while (!BigInteger.valueOf(p).isProbablePrime(64)) {
            p -= step;
        }
        return p;
    }

    private static double micros(NttTransform ntt, double[] a) {
        long start = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            ntt.forward(a);
        }
        return (System.nanoTime() - start) / (1e3 * CALLS);
    }

    /** As many butterflies as a transform has: 4 LOG_N calls for rows of N/8. */
    private static double loopMicros(double[] a, double[] b, double p) {
        long start = System.nanoTime();
        for (int i = 0; i < 4 * LOG_N; i++) {
            RowLoops.butterfly(a, b, a.length, 1, 1 / p, p);
        }
        return (System.nanoTime() - start) / 1e3;
    }
}
