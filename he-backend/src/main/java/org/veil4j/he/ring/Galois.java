package org.veil4j.he.ring;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.NttOrder;

/**
 * The automorphism X to X^g of Z[X]/(X^N + 1), g odd. Immutable; instances are cached, each with a permutation of N ints
 * that is built when first used on transformed polynomials.
 */
public final class Galois {
    private record Key(int logN, long element) {}

    private static final Map<Key, Galois> CACHE = new ConcurrentHashMap<>();

    private final int logN;
    private final long element;
    private volatile int @org.jspecify.annotations.Nullable [] permutation;

    private Galois(Key key) {
        logN = key.logN();
        element = key.element();
    }

    /**
     * The automorphism of a Galois element.
     *
     * @param logN log2 of N, 10 to 17
     * @param element an odd number; taken modulo 2N
     * @throws IllegalArgumentException when logN is out of range or the element is even
     */
    public static Galois of(int logN, long element) {
        RnsBasis.checkLogN(logN);
        if ((element & 1) == 0) {
            throw new IllegalArgumentException("element=" + element + ": must be odd");
        }
        return CACHE.computeIfAbsent(new Key(logN, Math.floorMod(element, 2L << logN)), Galois::new);
    }

    /**
     * The automorphism that rotates the slots to the left by {@code steps}: g = 5^steps mod 2N.
     *
     * @param steps any number; taken modulo N/2
     */
    public static Galois rotation(int logN, int steps) {
        RnsBasis.checkLogN(logN);
        long mask = (2L << logN) - 1;
        long element = 1;
        long square = 5;
        for (int e = Math.floorMod(steps, 1 << (logN - 1)); e > 0; e >>= 1) {
            if ((e & 1) != 0) {
                element = element * square & mask;
            }
            square = square * square & mask;
        }
        return of(logN, element);
    }

    /** The automorphism that conjugates the slots: g = 2N - 1. */
    public static Galois conjugation(int logN) {
        return of(logN, -1);
    }

    /** log2 of N. */
    public int logN() {
        return logN;
    }

    /** The Galois element g, odd, in [1, 2N). */
    public long element() {
        return element;
    }

    /** The inverse automorphism. */
    public Galois inverse() {
        long mask = (2L << logN) - 1;
        long x = element; // correct to 3 bits; each step doubles that
        for (int i = 0; i < 5; i++) {
            x = x * (2 - element * x) & mask;
        }
        return of(logN, x);
    }

    /** This automorphism after another: the product of the elements. */
    public Galois compose(Galois other) {
        if (other.logN != logN) {
            throw new IllegalArgumentException("logN=" + other.logN + ": must be " + logN);
        }
        return of(logN, element * other.element);
    }

    /**
     * Applies the automorphism to one limb of values in NTT order, a permutation that is the same for every prime.
     *
     * @param r receives N values; must not be a
     */
    public void permute(double[] r, double[] a) {
        Kernels.get().permute(r, a, table());
    }

    private int[] table() {
        int[] found = permutation;
        if (found == null) {
            int n = 1 << logN;
            found = new int[n];
            for (int i = 0; i < n; i++) {
                long e = NttOrder.exponent(logN, i) * element & (2L * n - 1);
                found[i] = NttOrder.place(logN, (int) e);
            }
            permutation = found;
        }
        return found;
    }

    /**
     * Applies the automorphism to one limb of coefficients: coefficient i goes to place i g mod 2N, with its sign changed
     * when that is N or more (then minus N).
     *
     * @param r receives N coefficients; must not be a
     */
    public void mapCoefficients(double[] r, double[] a) {
        int n = 1 << logN;
        long mask = 2L * n - 1;
        long to = 0;
        for (int i = 0; i < n; i++) {
            double x = a[i];
            if (to < n) {
                r[(int) to] = x;
            } else {
                r[(int) to - n] = 0.0 - x;
            }
            to = to + element & mask;
        }
    }

    @Override
    public String toString() {
        return "Galois[logN=" + logN + ", element=" + element + "]";
    }
}
