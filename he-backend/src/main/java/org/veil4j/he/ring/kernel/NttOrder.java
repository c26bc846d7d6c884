package org.veil4j.he.ring.kernel;

/**
 * The one order in which every kernel keeps the N values of a transformed polynomial, on every machine.
 *
 * <p>Let psi be the {@linkplain #root primitive 2N-th root}. A transformed polynomial holds the values a(psi^e) for the odd
 * exponents e. In bit-reversed order place k holds e = 2 brv(k) + 1, where brv reverses the log2(N) bits. Seen as a matrix
 * of R = 2^{@link #logRows} rows and N/R columns, row by row, the order used here is that one transposed, place c R + r for
 * row r and column c: a kernel that transforms along the columns, transposes and transforms along the rows need not
 * transpose again. Files and keys depend on this order.
 */
public final class NttOrder {
    private NttOrder() {}

    /** log2 of the number of rows of the matrix: half of logN, rounded down. */
    public static int logRows(int logN) {
        return logN >> 1;
    }

    /** The odd exponent e, below 2N, such that place {@code index} of a transformed polynomial is a(psi^e). */
    public static int exponent(int logN, int index) {
        int row = index & ((1 << logRows(logN)) - 1);
        int column = index >> logRows(logN);
        return 2 * reverse(row << (logN - logRows(logN)) | column, logN) + 1;
    }

    /** The place that holds a(psi^e), for odd e in [1, 2N): the inverse of {@link #exponent}. */
    public static int place(int logN, int exponent) {
        int k = reverse(exponent >> 1, logN);
        int logColumns = logN - logRows(logN);
        return (k & ((1 << logColumns) - 1)) << logRows(logN) | k >> logColumns;
    }

    /** Reverses the lowest {@code bits} bits of x, for bits at least 1. */
    public static int reverse(int x, int bits) {
        return Integer.reverse(x) >>> (32 - bits);
    }

    /**
     * The primitive 2N-th root of unity modulo p that all transforms use: g^((p-1)/2N) for the least g at least 2 that
     * gives one.
     *
     * @param logN log2 of N
     * @param p a prime that is 1 modulo 2N
     * @throws IllegalArgumentException when p is not 1 modulo 2N
     */
    public static long root(int logN, long p) {
        long order = 2L << logN;
        if ((p - 1) % order != 0) {
            throw new IllegalArgumentException(
                    "p=" + p + ": must be 1 modulo 2N=" + order + "; take primes from PrimeGenerator");
        }
        for (long g = 2; g < p; g++) {
            long r = LongMod.power(g, (p - 1) / order, p);
            if (LongMod.power(r, order / 2, p) == p - 1) {
                return r;
            }
        }
        throw new IllegalArgumentException("p=" + p + ": is not prime; take primes from PrimeGenerator");
    }

    /**
     * Balanced powers of a root in bit-reversed order, the twiddle factors of a radix-2 transform.
     *
     * @return t with t[k] = root^brv(k), balanced, for k in [0, N)
     */
    public static double[] powers(int logN, long root, long p) {
        int n = 1 << logN;
        double[] table = new double[n];
        long power = 1;
        for (int i = 0; i < n; i++) {
            table[reverse(i, logN)] = LongMod.balance(power, p);
            power = LongMod.multiply(power, root, p);
        }
        return table;
    }
}
