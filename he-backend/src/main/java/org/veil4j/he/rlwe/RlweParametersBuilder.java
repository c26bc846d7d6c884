package org.veil4j.he.rlwe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.PrimeGenerator;
import org.veil4j.he.ring.RnsBasis;

/** Builds {@link RlweParameters}; {@link #build} makes all checks. Not thread-safe. */
public final class RlweParametersBuilder {
    private static final int DEFAULT_DIGITS = 3;
    /** Bits by which P exceeds a digit where that needs no further prime: key switching then adds hardly any noise. */
    private static final int SPECIAL_MARGIN = 2;

    private int logN;
    private List<Modulus> moduli = List.of();
    private int[] moduliBits = {};
    private List<Modulus> special = List.of();
    private int[] specialBits = {};
    private int digits;
    private SecurityLevel security = SecurityLevel.BITS_128;

    RlweParametersBuilder() {}

    /**
     * Sets log2 of the ring degree, 10 to 17.
     *
     * @return this
     */
    public RlweParametersBuilder logN(int value) {
        logN = value;
        return this;
    }

    /**
     * Asks for ciphertext primes near 2^bits each, q0 first.
     *
     * @param bits at most 50 each
     * @return this
     */
    public RlweParametersBuilder moduliBits(int... bits) {
        moduliBits = bits.clone();
        moduli = List.of();
        return this;
    }

    /**
     * Sets the ciphertext primes, q0 first.
     *
     * @return this
     */
    public RlweParametersBuilder moduli(List<Modulus> primes) {
        moduli = List.copyOf(primes);
        moduliBits = new int[0];
        return this;
    }

    /**
     * Asks for special primes near 2^bits each; without this or {@link #specialModuli} the fewest that are large enough are
     * chosen, with two bits to spare where they have room.
     *
     * @return this
     */
    public RlweParametersBuilder specialBits(int... bits) {
        specialBits = bits.clone();
        special = List.of();
        return this;
    }

    /**
     * Sets the special primes.
     *
     * @return this
     */
    public RlweParametersBuilder specialModuli(List<Modulus> primes) {
        special = List.copyOf(primes);
        specialBits = new int[0];
        return this;
    }

    /**
     * Sets the number of key-switching digits (dnum), 1 to the number of ciphertext primes; 3 unless set. Few digits make
     * key switching fast and P large. Counts that would leave a digit empty are lowered.
     *
     * @return this
     */
    public RlweParametersBuilder digits(int dnum) {
        if (dnum < 1) {
            throw new IllegalArgumentException("digits=" + dnum + ": must be at least 1");
        }
        digits = dnum;
        return this;
    }

    /**
     * Sets the security that {@link #build} insists on; 128 bits unless set.
     *
     * @return this
     */
    public RlweParametersBuilder security(SecurityLevel level) {
        security = level;
        return this;
    }

    /**
     * Finds the primes and checks everything.
     *
     * @throws IllegalArgumentException when a value is out of range, P is smaller than a digit, or log2(QP) is over the
     *     security table's bound
     */
    public RlweParameters build() {
        if (logN < RnsBasis.MIN_LOG_N || logN > RnsBasis.MAX_LOG_N) {
            throw new IllegalArgumentException(
                    "logN=" + logN + ": must be " + RnsBasis.MIN_LOG_N + " to " + RnsBasis.MAX_LOG_N);
        }
        List<Modulus> qPrimes = moduliBits.length > 0 ? primes(moduliBits, special) : moduli;
        if (qPrimes.isEmpty() || qPrimes.size() > RlweParameters.MAX_PRIMES) {
            throw new IllegalArgumentException("moduli=" + qPrimes.size() + " primes: must be 1 to "
                    + RlweParameters.MAX_PRIMES + "; set moduliBits or moduli");
        }
        int dnum = digits == 0 ? Math.min(DEFAULT_DIGITS, qPrimes.size()) : digits;
        if (dnum > qPrimes.size()) {
            throw new IllegalArgumentException(
                    "digits=" + dnum + ": must be at most the " + qPrimes.size() + " ciphertext primes");
        }
        double largest = largestDigit(qPrimes, (qPrimes.size() + dnum - 1) / dnum);
        List<Modulus> pPrimes = specialPrimes(qPrimes, largest);
        if (!Collections.disjoint(qPrimes, pPrimes)) {
            throw new IllegalArgumentException(
                    "specialModuli=" + pPrimes + ": must differ from the ciphertext primes " + qPrimes);
        }
        double logP = logProduct(pPrimes);
        if (logP < largest) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "logP=%.2f: must be at least log2 of the largest of the %d digits, %.2f; add special primes or digits",
                    logP,
                    dnum,
                    largest));
        }
        double logQP = logProduct(qPrimes) + logP;
        double limit = SecurityTable.maxLogQP(logN, security);
        if (logQP > limit) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "logQP=%.1f: must be at most %.0f for logN=%d and %s; use a larger ring, fewer or smaller primes, or"
                            + " more digits",
                    logQP,
                    limit,
                    logN,
                    security));
        }
        return new RlweParameters(security, RnsBasis.of(logN, qPrimes), RnsBasis.of(logN, pPrimes), dnum);
    }

    private static double logProduct(List<Modulus> primes) {
        double sum = 0;
        for (Modulus m : primes) {
            sum += Math.log(m.p());
        }
        return sum / Math.log(2);
    }

    private static double largestDigit(List<Modulus> primes, int digitSize) {
        double largest = 0;
        for (int from = 0; from < primes.size(); from += digitSize) {
            largest = Math.max(largest, logProduct(primes.subList(from, Math.min(primes.size(), from + digitSize))));
        }
        return largest;
    }

    private List<Modulus> specialPrimes(List<Modulus> qPrimes, double logDigit) {
        if (specialBits.length > 0) {
            return primes(specialBits, qPrimes);
        }
        if (!special.isEmpty()) {
            return special;
        }
        int count = (int) Math.ceil(logDigit / (Modulus.MAX_BITS - 0.01));
        for (double target : new double[] {logDigit + SPECIAL_MARGIN, logDigit}) {
            int least = Math.max(logN + 3, (int) Math.floor(target / count));
            for (int bits = least; bits <= Modulus.MAX_BITS; bits++) {
                List<Modulus> found = PrimeGenerator.generate(logN, bits, count, qPrimes);
                if (logProduct(found) >= target) {
                    return found;
                }
            }
        }
        return PrimeGenerator.generate(logN, Modulus.MAX_BITS - 1, count + 1, qPrimes);
    }

    private List<Modulus> primes(int[] bits, List<Modulus> exclude) {
        Map<Integer, Integer> counts = new HashMap<>();
        for (int b : bits) {
            counts.merge(b, 1, Integer::sum);
        }
        List<Modulus> taken = new ArrayList<>(exclude);
        Map<Integer, Iterator<Modulus>> found = new HashMap<>();
        for (int b : bits) {
            Integer count = counts.remove(b);
            if (count != null) {
                List<Modulus> some = PrimeGenerator.generate(logN, b, count, taken);
                taken.addAll(some);
                found.put(b, some.iterator());
            }
        }
        List<Modulus> result = new ArrayList<>(bits.length);
        for (int b : bits) {
            Iterator<Modulus> some = found.get(b);
            if (some != null) {
                result.add(some.next());
            }
        }
        return result;
    }
}
