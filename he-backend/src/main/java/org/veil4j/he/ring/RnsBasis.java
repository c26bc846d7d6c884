package org.veil4j.he.ring;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** N and an ordered list of distinct primes, each 1 modulo 2N. Immutable; equal by content. */
public final class RnsBasis {
    /** Least supported log2(N). */
    public static final int MIN_LOG_N = 10;

    /** Greatest supported log2(N). */
    public static final int MAX_LOG_N = 17;

    private final int logN;
    private final List<Modulus> moduli;
    private final Ntt[] transforms;

    private RnsBasis(int logN, List<Modulus> moduli) {
        this.logN = logN;
        this.moduli = List.copyOf(moduli);
        this.transforms = new Ntt[moduli.size()];
        for (int i = 0; i < transforms.length; i++) {
            transforms[i] = Ntt.of(logN, moduli.get(i));
        }
    }

    /**
     * A basis. Builds the transforms that no earlier basis needed.
     *
     * @param logN log2 of N, 10 to 17
     * @param moduli distinct primes, 1 modulo 2N; the list may be empty
     * @throws IllegalArgumentException when logN is out of range, a prime repeats or is not 1 modulo 2N
     */
    public static RnsBasis of(int logN, List<Modulus> moduli) {
        checkLogN(logN);
        if (new HashSet<>(moduli).size() != moduli.size()) {
            throw new IllegalArgumentException("moduli=" + moduli + ": must be distinct; remove the repeated prime");
        }
        return new RnsBasis(logN, moduli);
    }

    static void checkLogN(int logN) {
        if (logN < MIN_LOG_N || logN > MAX_LOG_N) {
            throw new IllegalArgumentException("logN=" + logN + ": must be " + MIN_LOG_N + " to " + MAX_LOG_N);
        }
    }

    /** log2 of N. */
    public int logN() {
        return logN;
    }

    /** The ring degree. */
    public int n() {
        return 1 << logN;
    }

    /** How many primes. */
    public int size() {
        return transforms.length;
    }

    /** The prime at place i. */
    public Modulus modulus(int i) {
        return moduli.get(i);
    }

    /** The primes, in order; immutable. */
    public List<Modulus> moduli() {
        return moduli;
    }

    /** The transform modulo the prime at place i. */
    public Ntt ntt(int i) {
        return transforms[i];
    }

    /** The basis of the first {@code count} primes. */
    public RnsBasis prefix(int count) {
        return count == size() ? this : subBasis(0, count);
    }

    /** The basis of the primes from {@code from} (inclusive) to {@code to} (exclusive). */
    public RnsBasis subBasis(int from, int to) {
        return new RnsBasis(logN, moduli.subList(from, to));
    }

    /**
     * This basis followed by another of the same N.
     *
     * @throws IllegalArgumentException when N differs or a prime is in both
     */
    public RnsBasis concat(RnsBasis other) {
        if (other.logN != logN) {
            throw new IllegalArgumentException("logN=" + other.logN + ": must be " + logN + " in both bases");
        }
        List<Modulus> all = new ArrayList<>(moduli);
        all.addAll(other.moduli);
        return of(logN, all);
    }

    /** The product of the primes (1 when there are none). */
    public BigInteger product() {
        BigInteger product = BigInteger.ONE;
        for (Modulus m : moduli) {
            product = product.multiply(BigInteger.valueOf(m.value()));
        }
        return product;
    }

    /** log2 of the product of the primes. */
    public double logProduct() {
        double sum = 0;
        for (Modulus m : moduli) {
            sum += Math.log(m.p());
        }
        return sum / Math.log(2);
    }

    @Override
    public boolean equals(Object other) {
        return other == this || (other instanceof RnsBasis b && b.logN == logN && b.moduli.equals(moduli));
    }

    @Override
    public int hashCode() {
        return 31 * logN + moduli.hashCode();
    }

    @Override
    public String toString() {
        return "RnsBasis[logN=" + logN + ", moduli=" + moduli + "]";
    }
}
