package org.veil4j.he.ring.kernel;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Inputs at which exactness is hardest, primes at the ends of the range, and BigInteger references. */
final class Patterns {
    private Patterns() {}

    static final long MAX_PRIME_EXCLUSIVE = 1L << 50;

    /** The smallest, a middle and the two largest primes below 2^50 that are 1 modulo 2N. */
    static List<Long> primes(int logN) {
        long step = 2L << logN;
        List<Long> primes = new ArrayList<>();
        primes.add(search(1 + step, step));
        primes.add(search(1 + (1L << 40), step));
        long top = search(MAX_PRIME_EXCLUSIVE + 1 - step, -step);
        primes.add(top);
        primes.add(search(top - step, -step));
        return primes;
    }

    /** The first prime from a number on, in steps. */
    static long search(long from, long step) {
        long p = from;
        while (!BigInteger.valueOf(p).isProbablePrime(64)) {
            p += step;
        }
        return p;
    }

    static Map<String, double[]> inputs(int n, long p, long seed) {
        double half = (p - 1) / 2.0;
        Map<String, double[]> inputs = new LinkedHashMap<>();
        inputs.put("zero", fill(n, i -> 0.0));
        inputs.put("+half", fill(n, i -> half));
        inputs.put("-half", fill(n, i -> -half));
        inputs.put("alternating", fill(n, i -> (i & 1) == 0 ? half : -half));
        SplittableRandom signs = new SplittableRandom(seed);
        inputs.put("random signs", fill(n, i -> signs.nextBoolean() ? half : -half));
        inputs.put("random", random(n, p, seed + 1));
        return inputs;
    }

    static double[] random(int n, long p, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return fill(n, i -> (double) random.nextLong((p - 1) / -2, (p - 1) / 2 + 1));
    }

    interface At {
        double at(int i);
    }

    static double[] fill(int n, At f) {
        double[] a = new double[n];
        for (int i = 0; i < n; i++) {
            a[i] = f.at(i);
        }
        return a;
    }

    static double balance(BigInteger x, long p) {
        return LongMod.balance(x.mod(BigInteger.valueOf(p)).longValue(), p);
    }

    /** a(x) mod p, balanced, by Horner's rule. */
    static double evaluate(double[] a, BigInteger x, long p) {
        BigInteger modulus = BigInteger.valueOf(p);
        BigInteger sum = BigInteger.ZERO;
        for (int i = a.length - 1; i >= 0; i--) {
            sum = sum.multiply(x).add(BigInteger.valueOf((long) a[i])).mod(modulus);
        }
        return balance(sum, p);
    }
}
