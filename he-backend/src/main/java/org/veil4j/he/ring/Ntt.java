package org.veil4j.he.ring;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.NttTransform;

/**
 * Negacyclic number theoretic transform for one N and one prime. Immutable; the tables, about 2N doubles, are built on
 * first use and shared by all who ask for the same N and prime. Order of the values: see
 * {@link org.veil4j.he.ring.kernel.NttOrder}.
 */
public final class Ntt {
    private record Key(int logN, Modulus modulus) {}

    private static final Map<Key, Ntt> CACHE = new ConcurrentHashMap<>();

    private final int n;
    private final NttTransform transform;

    private Ntt(Key key) {
        n = 1 << key.logN();
        transform = Kernels.get().ntt(key.logN(), key.modulus().value());
    }

    /**
     * The transform for N = 2^logN and a prime.
     *
     * @throws IllegalArgumentException when logN is not 10 to 17 or the prime is not 1 modulo 2N
     */
    public static Ntt of(int logN, Modulus modulus) {
        RnsBasis.checkLogN(logN);
        return CACHE.computeIfAbsent(new Key(logN, modulus), Ntt::new);
    }

    /**
     * Transforms in place. Cost: N/2 log2(N) modular products.
     *
     * @param a N coefficients with |a[i]| at most p; becomes balanced values in NTT order
     */
    public void forward(double[] a) {
        checkLength(a);
        transform.forward(a);
    }

    /**
     * Transforms back in place, the factor 1/N included.
     *
     * @param a N values in NTT order with |a[i]| at most p; becomes balanced coefficients
     */
    public void inverse(double[] a) {
        checkLength(a);
        transform.inverse(a);
    }

    private void checkLength(double[] a) {
        if (a.length != n) {
            throw new IllegalArgumentException("length=" + a.length + ": must be N=" + n);
        }
    }
}
