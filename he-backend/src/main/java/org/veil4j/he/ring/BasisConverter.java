package org.veil4j.he.ring;

import java.math.BigInteger;
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

    private static final class Scratch {
        double[][] source = new double[0][];
        final double[] target = new double[CHUNK];

        double[][] source(int rows) {
            if (source.length < rows) {
                source = new double[rows][CHUNK];
            }
            return source;
        }
    }

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private final RnsBasis from;
    private final RnsBasis to;
    private final double[] hatInverse;
    private final double[] inverse;
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
        for (int i = 0; i < k; i++) {
            Modulus a = from.modulus(i);
            BigInteger h = product.divide(BigInteger.valueOf(a.value()));
            hatInverse[i] = a.inverse(a.center(h));
            inverse[i] = a.pInverse();
            for (int j = 0; j < hat.length; j++) {
                hat[j][i] = to.modulus(j).center(h);
            }
        }
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
     * Converts N coefficients. Cost: about |A| + |A| |B| modular products each, in parallel over chunks of coefficients.
     *
     * @param in |A| limbs of N balanced coefficients; not changed
     * @param out receives |B| limbs of N balanced coefficients; no array of it may be in {@code in}
     */
    public void convert(double[][] in, double[][] out) {
        if (in.length < from.size() || out.length < to.size()) {
            throw new IllegalArgumentException("limbs=" + in.length + " to " + out.length + ": must be at least "
                    + from.size() + " and " + to.size());
        }
        Workers.forEach(from.n() / CHUNK, c -> convert(in, out, c * CHUNK));
    }

    private void convert(double[][] in, double[][] out, int start) {
        PolyKernels kernels = Kernels.get();
        Scratch scratch = SCRATCH.get();
        int k = from.size();
        double[][] y = scratch.source(k + 1);
        double[] target = scratch.target;
        for (int i = 0; i < k; i++) {
            System.arraycopy(in[i], start, y[i], 0, CHUNK);
            kernels.multiplyScalar(y[i], y[i], hatInverse[i], from.modulus(i).p());
        }
        kernels.overflow(y[k], y, inverse, k);
        for (int j = 0; j < to.size(); j++) {
            kernels.baseConvert(target, y, hat[j], k + 1, to.modulus(j).p());
            System.arraycopy(target, 0, out[j], start, CHUNK);
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
