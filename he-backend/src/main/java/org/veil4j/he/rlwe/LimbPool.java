package org.veil4j.he.rlwe;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Arrays of N doubles that short-lived polynomials borrow and give back, shared by all threads: large arrays are dear to
 * allocate, for they are cleared and the collector has to move them.
 */
public final class LimbPool {
    /** Bytes kept for one N; more is left to the garbage collector. */
    private static final long MOST_BYTES = 256L << 20;

    private static final Map<Integer, LimbPool> POOLS = new ConcurrentHashMap<>();

    private final int n;
    private final int most;
    private final ArrayDeque<double[]> free = new ArrayDeque<>();

    private LimbPool(int n) {
        this.n = n;
        this.most = (int) Math.max(64, MOST_BYTES / (8L * n));
    }

    /** The pool of arrays of N doubles. */
    public static LimbPool of(int n) {
        return POOLS.computeIfAbsent(n, LimbPool::new);
    }

    /** An array with unspecified content. */
    public double[] take() {
        synchronized (free) {
            double[] found = free.pollLast();
            if (found != null) {
                return found;
            }
        }
        return new double[n];
    }

    /** Some arrays with unspecified content. */
    public double[][] take(int count) {
        double[][] arrays = new double[count][];
        for (int i = 0; i < count; i++) {
            arrays[i] = take();
        }
        return arrays;
    }

    /**
     * Gives an array back; the caller must not touch it again. Secrets must have been overwritten.
     *
     * @throws IllegalArgumentException when it has another length
     */
    public void give(double[] array) {
        if (array.length != n) {
            throw new IllegalArgumentException("length=" + array.length + ": must be N=" + n);
        }
        synchronized (free) {
            if (free.size() < most) {
                free.addLast(array);
            }
        }
    }

    /** Gives arrays back. */
    public void give(double[][] arrays) {
        for (double[] array : arrays) {
            give(array);
        }
    }
}
