package org.veil4j.he.ring;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds primes that allow a negacyclic transform: p = 1 mod 2N. Deterministic. */
public final class PrimeGenerator {
    private PrimeGenerator() {}

    /**
     * The primes nearest to 2^bits, on both sides but below 2^50, nearest first (the smaller one first in a tie).
     *
     * @param logN log2 of N, 1 to 17
     * @param bits the size aimed at, logN + 2 to 50; primes stay between 2^(bits-1) and 2^(bits+1)
     * @param count how many, at least 0
     * @param exclude primes that must not be returned
     * @throws IllegalArgumentException when an argument is out of range or fewer than count such primes exist
     */
    public static List<Modulus> generate(int logN, int bits, int count, Collection<Modulus> exclude) {
        if (logN < 1 || logN > RnsBasis.MAX_LOG_N) {
            throw new IllegalArgumentException("logN=" + logN + ": must be 1 to " + RnsBasis.MAX_LOG_N);
        }
        if (bits < logN + 2 || bits > Modulus.MAX_BITS) {
            throw new IllegalArgumentException("bits=" + bits + ": must be logN+2=" + (logN + 2) + " to "
                    + Modulus.MAX_BITS + "; use two smaller primes in place of a larger one");
        }
        if (count < 0) {
            throw new IllegalArgumentException("count=" + count + ": must be at least 0");
        }
        Set<Modulus> taken = new HashSet<>(exclude);
        List<Modulus> found = new ArrayList<>(count);
        long step = 2L << logN;
        long center = 1L << bits;
        long low = center + 1 - step;
        long high = center + 1;
        long least = center >> 1;
        long most = Math.min(center << 1, 1L << Modulus.MAX_BITS);
        while (found.size() < count) {
            boolean lowLeft = low > least;
            boolean highLeft = high < most;
            if (!lowLeft && !highLeft) {
                throw new IllegalArgumentException("bits=" + bits + ", count=" + count + ": only " + found.size()
                        + " primes near 2^" + bits + " are 1 modulo " + step
                        + " and not in use; ask for fewer or for another size");
            }
            long candidate;
            if (lowLeft && (!highLeft || center - low <= high - center)) {
                candidate = low;
                low -= step;
            } else {
                candidate = high;
                high += step;
            }
            if (BigInteger.valueOf(candidate).isProbablePrime(64)) {
                Modulus modulus = Modulus.of(candidate);
                if (taken.add(modulus)) {
                    found.add(modulus);
                }
            }
        }
        return List.copyOf(found);
    }
}
