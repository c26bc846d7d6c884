package org.veil4j.he.nn.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.PrimeGenerator;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecurityLevel;
import org.veil4j.he.rlwe.SecurityTable;

/** Finds the smallest secure parameters with primes of given widths and enough slots. */
public final class ParameterChoice {
    /** Width of the prime that is never divided by: room for the result above its scale. */
    private static final int BASE_PRIME_BITS = 49;
    /** Widest prime of the ring. */
    private static final int MAX_PRIME_BITS = 49;

    private ParameterChoice() {}

    /** Width below which a ring of this degree has too few primes to choose from. */
    public static int minPrimeBits(int logN) {
        return Math.max(24, logN + 8);
    }

    /**
     * Parameters for the given use. Key switching has digits of two primes, of one if there are few.
     *
     * @param primeBits width of the prime of each level from 1 on, in bits; that of level 0 is as wide as it can be
     * @param slots least number of slots
     * @param fixedLogN log2 of the ring degree, or 0 to choose it
     * @throws IllegalArgumentException if no ring degree is secure for this depth, or the fixed one is not
     */
    public static RlweParameters choose(int[] primeBits, int slots, int fixedLogN, SecurityLevel security) {
        int first = fixedLogN != 0 ? fixedLogN : Math.max(12, 33 - Integer.numberOfLeadingZeros(slots - 1));
        if (slots > 1 << (first - 1)) {
            throw new IllegalArgumentException(
                    "batch=" + slots + ": must be at most " + (1 << (first - 1)) + ", the slots of logN=" + first);
        }
        int last = fixedLogN != 0 ? fixedLogN : RnsBasis.MAX_LOG_N;
        double smallest = Double.POSITIVE_INFINITY;
        for (int logN = first; logN <= last; logN++) {
            Chain chain = Chain.of(primeBits, logN);
            smallest = Math.min(smallest, chain.logQP());
            if (security == SecurityLevel.INSECURE_TEST || chain.logQP() <= SecurityTable.maxLogQP(logN, security)) {
                return RlweParameters.builder()
                        .logN(logN)
                        .moduli(chain.moduli)
                        .specialModuli(chain.special)
                        .digits(chain.digits)
                        .security(security)
                        .build();
            }
        }
        throw new IllegalArgumentException("depth=" + primeBits.length + ": needs a modulus of at least "
                + Math.round(smallest) + " bits, more than logN=" + last + " offers at security " + security
                + "; use fewer or lower-degree activations, or a smaller scale");
    }

    /** The primes for one ring degree. */
    private record Chain(List<Modulus> moduli, List<Modulus> special, int digits) {
        static Chain of(int[] primeBits, int logN) {
            TreeMap<Integer, Integer> wanted = new TreeMap<>();
            wanted.merge(BASE_PRIME_BITS, 1, Integer::sum);
            for (int bits : primeBits) {
                wanted.merge(bits, 1, Integer::sum);
            }
            List<Modulus> used = new ArrayList<>();
            TreeMap<Integer, List<Modulus>> pools = new TreeMap<>();
            wanted.forEach((bits, count) -> {
                List<Modulus> pool = PrimeGenerator.generate(logN, bits, count, used);
                used.addAll(pool);
                pools.put(bits, new ArrayList<>(pool));
            });
            List<Modulus> moduli = new ArrayList<>();
            moduli.add(take(pools, BASE_PRIME_BITS));
            for (int bits : primeBits) {
                moduli.add(take(pools, bits));
            }
            int digitPrimes = moduli.size() <= 2 ? 1 : 2;
            int digits = (moduli.size() + digitPrimes - 1) / digitPrimes;
            double widest = 0;
            for (int d = 0; d < digits; d++) {
                widest = Math.max(widest, log2Product(moduli, d * digitPrimes, digitPrimes));
            }
            int specialCount = (int) Math.ceil((widest + 1) / MAX_PRIME_BITS);
            int specialBits = Math.max(minPrimeBits(logN), (int) Math.ceil((widest + 1) / specialCount));
            List<Modulus> special =
                    PrimeGenerator.generate(logN, Math.min(specialBits, MAX_PRIME_BITS), specialCount, used);
            return new Chain(moduli, special, digits);
        }

        private static Modulus take(TreeMap<Integer, List<Modulus>> pools, int bits) {
            return Objects.requireNonNull(pools.get(bits)).remove(0);
        }

        private static double log2Product(List<Modulus> moduli, int from, int count) {
            double log = 0;
            for (int i = from; i < Math.min(moduli.size(), from + count); i++) {
                log += Math.log(moduli.get(i).p()) / Math.log(2);
            }
            return log;
        }

        double logQP() {
            return log2Product(moduli, 0, moduli.size()) + log2Product(special, 0, special.size());
        }
    }
}
