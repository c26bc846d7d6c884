package org.veil4j.he.ring.kernel;

import java.util.Locale;

/**
 * Times forward and inverse transforms of two kernels against each other at start-up. Rounds alternate until the first is a
 * tenth faster in three rounds running, which ends the measurement early, or time is up: code that the JIT has not compiled
 * yet, or compiles badly, looks slow until then and loses.
 *
 * @param faster whether the first kernels won
 * @param description the best times, for people
 */
record SelfTiming(boolean faster, String description) {
    private static final int LOG_N = 10;
    private static final long LIMIT_NANOS = 2_000_000_000;
    private static final int LEAST_CALLS = 100;
    private static final int CALLS = 4;

    static SelfTiming of(PolyKernels first, PolyKernels second) {
        long p = prime();
        NttTransform a = first.ntt(LOG_N, p);
        NttTransform b = second.ntt(LOG_N, p);
        double[] x = new double[1 << LOG_N];
        double[] y = new double[1 << LOG_N];
        long start = System.nanoTime();
        double bestA = Double.POSITIVE_INFINITY;
        double bestB = Double.POSITIVE_INFINITY;
        int wins = 0;
        for (int calls = 0; wins < 3 && System.nanoTime() - start < LIMIT_NANOS; calls += CALLS) {
            double timeB = micros(b, y);
            double timeA = micros(a, x);
            bestA = Math.min(bestA, timeA);
            bestB = Math.min(bestB, timeB);
            wins = calls >= LEAST_CALLS && timeA < 0.9 * bestB ? wins + 1 : 0;
        }
        String text = String.format(
                Locale.ROOT,
                "transforms of N=2^%d take %.1f us %s, %.1f us %s",
                LOG_N,
                bestA,
                first.name(),
                bestB,
                second.name());
        return new SelfTiming(wins >= 3, text);
    }

    private static long prime() {
        long step = 2L << LOG_N;
        long p = (1L << 50) + 1 - step;
        while (!java.math.BigInteger.valueOf(p).isProbablePrime(64)) {
            p -= step;
        }
        return p;
    }

    private static double micros(NttTransform ntt, double[] a) {
        long start = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            ntt.forward(a);
            ntt.inverse(a);
        }
        return (System.nanoTime() - start) / (2e3 * CALLS);
    }
}
