package org.veil4j.he.rlwe;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Arrays of N doubles that key switching borrows and gives back, shared by all threads. */
final class LimbPool {
    /** Arrays kept for one N; more are left to the garbage collector. */
    private static final int MOST = 512;

    private static final Map<Integer, LimbPool> POOLS = new ConcurrentHashMap<>();

    private final int n;
    private final ArrayDeque<double[]> free = new ArrayDeque<>();

    private LimbPool(int n) {
        this.n = n;
    }

    /** The pool of arrays of N doubles. */
    static LimbPool of(int n) {
        return POOLS.computeIfAbsent(n, LimbPool::new);
    }

    /** An array with unspecified content. */
    double[] take() {
        synchronized (free) {
            double[] found = free.pollLast();
            if (found != null) {
                return found;
            }
        }
        return new double[n];
    }

    /** Some arrays with unspecified content. */
    double[][] take(int count) {
        double[][] arrays = new double[count][];
        for (int i = 0; i < count; i++) {
            arrays[i] = take();
        }
        return arrays;
    }

    /** Gives an array back; the caller must not touch it again. */
    void give(double[] array) {
        synchronized (free) {
            if (free.size() < MOST) {
                free.addLast(array);
            }
        }
    }

    /** Gives arrays back. */
    void give(double[][] arrays) {
        for (double[] array : arrays) {
            give(array);
        }
    }
}
