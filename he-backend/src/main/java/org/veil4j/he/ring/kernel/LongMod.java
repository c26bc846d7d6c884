package org.veil4j.he.ring.kernel;

/** Modular arithmetic on single numbers modulo an odd p below 2^50: for tables and set-up, not for loops over polynomials. */
public final class LongMod {
    private LongMod() {}

    /**
     * Product of two residues.
     *
     * @param a |a| at most p
     * @param b |b| at most p
     * @param p 2 to 2^50
     * @return a * b mod p in [0, p)
     */
    public static long multiply(long a, long b, long p) {
        // The quotient is below 2^50 and its estimate is off by at most one, so the wrapped difference is exact.
        long quotient = (long) ((double) a * (double) b / (double) p);
        long r = a * b - quotient * p;
        r += p & (r >> 63);
        r += p & (r >> 63);
        r -= p;
        r += p & (r >> 63);
        return r;
    }

    /** Power b^e mod p in [0, p), for e at least 0 and |b| at most p. */
    public static long power(long b, long e, long p) {
        long result = 1;
        long square = b;
        for (long rest = e; rest > 0; rest >>= 1) {
            if ((rest & 1) != 0) {
                result = multiply(result, square, p);
            }
            square = multiply(square, square, p);
        }
        return result % p;
    }

    /** Inverse of a non-zero residue modulo a prime p, in [1, p). */
    public static long inverse(long a, long p) {
        return power(a, p - 2, p);
    }

    /** The balanced representative, in [-(p-1)/2, (p-1)/2], of x in [0, p). */
    public static long balance(long x, long p) {
        return x > p >> 1 ? x - p : x;
    }
}
