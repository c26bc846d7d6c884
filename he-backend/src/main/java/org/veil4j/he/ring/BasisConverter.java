package org.veil4j.he.ring;

import java.math.BigInteger;
import java.util.Arrays;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * Centred conversion of residues from one basis to another, after Halevi, Polyakov and Shoup (ePrint 2018/117): with x in
 * [-A/2, A/2) given by its residues modulo the primes of basis A, computes x modulo the primes of basis B. With k primes in A
 * it is exact when |x| is below A/2 (1 - (k + 2)^2 2^-54): k fractions of at most 1/2 are added up in doubles to find the
 * multiple of A. Nearer to A/2 the result may be that of x - A or x + A. Immutable.
 */
public final class BasisConverter {
    /** Most primes in basis A: exactness then ends 2^-38 short of A/2, at worst. */
    public static final int MAX_PRIMES = 256;

    /** Coefficients that are converted together, so that all source limbs of a chunk stay in the L2 cache. */
    private static final int CHUNK = 1024;

    /** Most primes in A so that at most 7 multiples are taken off, which needs no product of full length. */
    private static final int MAX_DIRECT = 12;

    private final RnsBasis from;
    private final RnsBasis to;
    private final double[] hatInverse;
    private final double[] inverse;
    /** Largest magnitude of a source residue. */
    private final double bound;
    /** For each target prime: A/a_i for each source prime, then -A. */
    private final double[][] hat;

    private BasisConverter(RnsBasis from, RnsBasis to) {
        this.from = from;
        this.to = to;
        int k = from.size();
        BigInteger product = from.product();
        hatInverse = new double[k];
        inverse = new double[k];
        hat = new double[to.size()][k + 1];
        double largest = 0;
        for (int i = 0; i < k; i++) {
            Modulus a = from.modulus(i);
            largest = Math.max(largest, (a.p() - 1) / 2);
            BigInteger h = product.divide(BigInteger.valueOf(a.value()));
            hatInverse[i] = a.inverse(a.center(h));
            inverse[i] = a.pInverse();
            for (int j = 0; j < hat.length; j++) {
                hat[j][i] = to.modulus(j).center(h);
            }
        }
        bound = largest;
        for (int j = 0; j < hat.length; j++) {
            hat[j][k] = to.modulus(j).center(product.negate());
        }
    }

    /**
     * A converter between two bases.
     *
     * @param from basis A, 1 to {@link #MAX_PRIMES} primes
     * @param to basis B of the same N; primes may be in both
     * @throws IllegalArgumentException when A is empty or too large, or N differs
     */
    public static BasisConverter of(RnsBasis from, RnsBasis to) {
        if (from.size() == 0 || from.size() > MAX_PRIMES) {
            throw new IllegalArgumentException("from=" + from.size() + " primes: must be 1 to " + MAX_PRIMES);
        }
        if (from.logN() != to.logN()) {
            throw new IllegalArgumentException("logN=" + to.logN() + ": must be " + from.logN() + " in both bases");
        }
        return new BasisConverter(from, to);
    }

    /** Basis A. */
    public RnsBasis from() {
        return from;
    }

    /** Basis B. */
    public RnsBasis to() {
        return to;
    }

    /**
     * Converts N coefficients. Cost: about |A| + |A| |B| modular products each, and |A| + 1 arrays of N.
     *
     * @param in |A| limbs of N balanced coefficients; not changed
     * @param out receives |B| limbs of N balanced coefficients; no array of it may be in {@code in}
     */
    public void convert(double[][] in, double[][] out) {
        if (in.length < from.size() || out.length < to.size()) {
            throw new IllegalArgumentException("limbs=" + in.length + " to " + out.length + ": must be at least "
                    + from.size() + " and " + to.size());
        }
        double[][] scaled = new double[from.size()][];
        Workers.forEach(scaled.length, i -> {
            scaled[i] = in[i].clone();
            scale(i, scaled[i]);
        });
        double[] overflow = new double[from.n()];
        overflow(scaled, overflow);
        Workers.forEach(to.size(), j -> convert(scaled, overflow, new int[] {j}, new double[][] {out[j]}));
    }

    /**
     * First step of a conversion, for callers that do something with each limb while it is in the cache: multiplies the
     * coefficients modulo the prime at place i of A by a constant.
     */
    public void scale(int i, double[] coefficients) {
        Modulus m = from.modulus(i);
        Kernels.get().multiplyScalar(coefficients, coefficients, hatInverse[i], m.p());
    }

    /**
     * Second step: how often A is to be taken off, from all scaled limbs.
     *
     * @param overflow receives N small integers
     */
    public void overflow(double[][] scaled, double[] overflow) {
        PolyKernels k = Kernels.get();
        for (int start = 0; start < overflow.length; start += CHUNK) {
            k.overflow(overflow, scaled, inverse, from.size(), start, start + CHUNK);
        }
    }

    /**
     * Third step: some limbs modulo primes of B, together, so that what they are made of is read once.
     *
     * @param targets places of primes of B
     * @param out receives a limb for each of them
     */
    public void convert(double[][] scaled, double[] overflow, int[] targets, double[][] out) {
        PolyKernels k = Kernels.get();
        int terms = from.size();
        boolean direct = terms <= MAX_DIRECT;
        double[][] rows = scaled;
        if (!direct) {
            rows = Arrays.copyOf(scaled, terms + 1);
            rows[terms] = overflow;
        }
        int count = direct ? terms : terms + 1;
        for (int start = 0; start < overflow.length; start += CHUNK) {
            for (int t = 0; t < targets.length; t++) {
                int j = targets[t];
                double z = direct ? hat[j][terms] : 0;
                double p = to.modulus(j).p();
                k.centredConvert(out[t], rows, bound, hat[j], count, overflow, z, start, start + CHUNK, p);
            }
        }
    }

    /**
     * Converts a polynomial in coefficient form.
     *
     * @param in over basis A, coefficient form
     * @param out over basis B; becomes coefficient form
     */
    public void convert(RnsPoly in, RnsPoly out) {
        in.requireBasis(from);
        out.requireBasis(to);
        in.requireNtt(false);
        convert(in.limbs(), out.limbs());
        out.setNtt(false);
    }
}
