package org.veil4j.he.ring;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * A polynomial of degree below N over the primes of a basis: one array of N balanced residues (a limb) a prime, either
 * coefficients or values in NTT order. Mutable and not synchronised.
 *
 * <p>Arithmetic writes into the receiver, which may also be an operand unless said otherwise. Operands must have the
 * receiver's basis and form; a mismatch is an IllegalArgumentException. Limbs are shared out over {@link Workers}.
 */
public final class RnsPoly {
    /** Below this many residues, sharing work between threads costs more than it saves. */
    private static final int PARALLEL = 1 << 16;

    /**
     * Most products in one sum of {@link #sumOfProducts} or {@link #linearCombination}: with 64-bit kernels, each product
     * below p is added up in a long.
     */
    public static final int MAX_TERMS = 1 << 13;

    private final RnsBasis basis;
    private final double[][] limbs;
    private boolean ntt;

    private RnsPoly(RnsBasis basis, double[][] limbs, boolean ntt) {
        this.basis = basis;
        this.limbs = limbs;
        this.ntt = ntt;
    }

    /** The zero polynomial. Memory: 8 N bytes a prime. */
    public static RnsPoly zero(RnsBasis basis, boolean ntt) {
        return new RnsPoly(basis, new double[basis.size()][basis.n()], ntt);
    }

    /**
     * A polynomial over given arrays, which are shared, not copied.
     *
     * @param limbs one array of N balanced residues a prime
     * @param ntt whether the residues are values in NTT order
     * @throws IllegalArgumentException when the number or length of the arrays does not fit the basis
     */
    public static RnsPoly wrap(RnsBasis basis, double[][] limbs, boolean ntt) {
        if (limbs.length != basis.size()) {
            throw new IllegalArgumentException("limbs=" + limbs.length + ": the basis has " + basis.size());
        }
        for (double[] limb : limbs) {
            if (limb.length != basis.n()) {
                throw new IllegalArgumentException("length=" + limb.length + ": a limb has N=" + basis.n());
            }
        }
        return new RnsPoly(basis, limbs.clone(), ntt);
    }

    /** The basis. */
    public RnsBasis basis() {
        return basis;
    }

    /** How many limbs. */
    public int size() {
        return limbs.length;
    }

    /** The residues modulo the prime at place i: the array itself. */
    public double[] limb(int i) {
        return limbs[i];
    }

    /** All limbs: a new outer array over the arrays themselves. */
    public double[][] limbs() {
        return limbs.clone();
    }

    /** Whether the residues are values in NTT order. */
    public boolean isNtt() {
        return ntt;
    }

    /** Declares the form of residues that were written directly into the limbs. */
    public void setNtt(boolean isNtt) {
        ntt = isNtt;
    }

    /** Transforms to values in NTT order, unless done. */
    public void toNtt() {
        if (!ntt) {
            each(i -> basis.ntt(i).forward(limbs[i]));
            ntt = true;
        }
    }

    /** Transforms to coefficients, unless done. */
    public void toCoefficients() {
        if (ntt) {
            each(i -> basis.ntt(i).inverse(limbs[i]));
            ntt = false;
        }
    }

    /** An independent copy. */
    public RnsPoly copy() {
        double[][] copy = new double[limbs.length][];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = limbs[i].clone();
        }
        return new RnsPoly(basis, copy, ntt);
    }

    /** Takes the residues and the form of another polynomial over the same basis. */
    public void set(RnsPoly a) {
        requireBasis(a.basis);
        for (int i = 0; i < limbs.length; i++) {
            System.arraycopy(a.limbs[i], 0, limbs[i], 0, limbs[i].length);
        }
        ntt = a.ntt;
    }

    /** The polynomial of the first limbs; shares their arrays. */
    public RnsPoly truncated(int count) {
        return subLimbs(0, count);
    }

    /** The polynomial of the limbs from {@code from} (inclusive) to {@code to} (exclusive); shares their arrays. */
    public RnsPoly subLimbs(int from, int to) {
        return new RnsPoly(basis.subBasis(from, to), Arrays.copyOfRange(limbs, from, to), ntt);
    }

    /** Sets every residue to zero; keeps the form. */
    public void clear() {
        for (double[] limb : limbs) {
            Arrays.fill(limb, 0.0);
        }
    }

    /** this = a + b. */
    public void add(RnsPoly a, RnsPoly b) {
        same(a, b);
        PolyKernels k = Kernels.get();
        each(i -> k.add(limbs[i], a.limbs[i], b.limbs[i], p(i)));
    }

    /** this = a - b. */
    public void subtract(RnsPoly a, RnsPoly b) {
        same(a, b);
        PolyKernels k = Kernels.get();
        each(i -> k.subtract(limbs[i], a.limbs[i], b.limbs[i], p(i)));
    }

    /** this = -a. */
    public void negate(RnsPoly a) {
        same(a);
        PolyKernels k = Kernels.get();
        each(i -> k.negate(limbs[i], a.limbs[i]));
    }

    /** this = a * b, for values in NTT order. */
    public void multiply(RnsPoly a, RnsPoly b) {
        a.requireNtt(true);
        same(a, b);
        PolyKernels k = Kernels.get();
        each(i -> k.multiply(limbs[i], a.limbs[i], b.limbs[i], p(i)));
    }

    /** this = this + a * b, for values in NTT order. */
    public void multiplyAccumulate(RnsPoly a, RnsPoly b) {
        requireNtt(true);
        a.requireNtt(true);
        same(a, b);
        PolyKernels k = Kernels.get();
        each(i -> k.multiplyAdd(limbs[i], a.limbs[i], b.limbs[i], p(i)));
    }

    /**
     * this = sum of a[d] * b[d], for values in NTT order; the sum is reduced once in several terms.
     *
     * @param a 1 to {@link #MAX_TERMS} polynomials, none of them the receiver
     * @param b as many as a, none of them the receiver
     */
    public void sumOfProducts(RnsPoly[] a, RnsPoly[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException("b.length=" + b.length + ": must be a.length=" + a.length);
        }
        requireTerms(a.length);
        for (int d = 0; d < a.length; d++) {
            a[d].requireNtt(true);
            requireOther(a[d]);
            requireOther(b[d]);
            same(a[d], b[d]);
        }
        PolyKernels k = Kernels.get();
        each(i -> k.dot(limbs[i], column(a, i), column(b, i), a.length, p(i)));
    }

    /**
     * this = sum of a[d] * w[d], in either form; the sum is reduced once in several terms.
     *
     * @param a 1 to {@link #MAX_TERMS} polynomials, none of them the receiver
     * @param w for each of them a balanced factor a limb
     */
    public void linearCombination(RnsPoly[] a, long[][] w) {
        if (a.length != w.length) {
            throw new IllegalArgumentException("w.length=" + w.length + ": must be a.length=" + a.length);
        }
        requireTerms(a.length);
        for (RnsPoly x : a) {
            requireOther(x);
            same(x, a[0]);
        }
        PolyKernels k = Kernels.get();
        each(i -> {
            double[] factors = new double[w.length];
            for (int d = 0; d < factors.length; d++) {
                factors[d] = (double) w[d][i];
            }
            k.baseConvert(limbs[i], column(a, i), factors, a.length, p(i));
        });
    }

    /**
     * Checks the number of products in a sum.
     *
     * @throws IllegalArgumentException when it is not 1 to {@link #MAX_TERMS}
     */
    public static void requireTerms(int terms) {
        if (terms < 1 || terms > MAX_TERMS) {
            throw new IllegalArgumentException(
                    "terms=" + terms + ": must be 1 to " + MAX_TERMS + " products in one sum; add partial sums");
        }
    }

    private static double[][] column(RnsPoly[] a, int i) {
        double[][] column = new double[a.length][];
        for (int d = 0; d < column.length; d++) {
            column[d] = a[d].limbs[i];
        }
        return column;
    }

    /**
     * this = a * w.
     *
     * @param w a balanced factor a limb
     */
    public void multiplyScalar(RnsPoly a, long[] w) {
        same(a);
        requireFactors(w);
        PolyKernels k = Kernels.get();
        each(i -> k.multiplyScalar(limbs[i], a.limbs[i], (double) w[i], p(i)));
    }

    /**
     * this = this + a * w.
     *
     * @param w a balanced factor a limb
     */
    public void multiplyScalarAccumulate(RnsPoly a, long[] w) {
        requireNtt(a.ntt);
        same(a);
        requireFactors(w);
        PolyKernels k = Kernels.get();
        each(i -> k.multiplyScalarAdd(limbs[i], a.limbs[i], (double) w[i], p(i)));
    }

    /**
     * this = (a - b) * w: the last step of a rescale or a ModDown.
     *
     * @param w a balanced factor a limb
     */
    public void subtractMultiplyScalar(RnsPoly a, RnsPoly b, long[] w) {
        same(a, b);
        requireFactors(w);
        PolyKernels k = Kernels.get();
        each(i -> k.subtractMultiplyScalar(limbs[i], a.limbs[i], b.limbs[i], (double) w[i], p(i)));
    }

    /**
     * this = a with X replaced by X^g.
     *
     * @param a in either form; not the receiver
     */
    public void automorphism(RnsPoly a, Galois g) {
        if (g.logN() != basis.logN()) {
            throw new IllegalArgumentException("logN=" + g.logN() + ": must be " + basis.logN());
        }
        requireOther(a);
        same(a);
        if (ntt) {
            each(i -> g.permute(limbs[i], a.limbs[i]));
        } else {
            each(i -> g.mapCoefficients(limbs[i], a.limbs[i]));
        }
    }

    /**
     * Takes integer coefficients, reduced modulo each prime; becomes coefficient form.
     *
     * @param c N integers, each |c[j]| below 2^62
     */
    public void setCoefficients(long[] c) {
        requireLength(c.length);
        ntt = false;
        PolyKernels k = Kernels.get();
        each(i -> k.reduceLongs(limbs[i], c, p(i)));
    }

    /**
     * Takes integer-valued coefficients, reduced modulo each prime; becomes coefficient form.
     *
     * @param c N integers, each |c[j]| at most 2^101
     */
    public void setCoefficients(double[] c) {
        requireLength(c.length);
        ntt = false;
        PolyKernels k = Kernels.get();
        each(i -> k.reduce(limbs[i], c, p(i)));
    }

    /**
     * The coefficients as integers in [-Q/2, Q/2), by the Chinese remainder theorem. Slow: for tests and small uses.
     *
     * @throws IllegalArgumentException when not in coefficient form
     */
    public BigInteger[] toBigIntegers() {
        requireNtt(false);
        BigInteger q = basis.product();
        BigInteger half = q.shiftRight(1);
        BigInteger[] weights = new BigInteger[limbs.length];
        for (int i = 0; i < weights.length; i++) {
            BigInteger p = BigInteger.valueOf(basis.modulus(i).value());
            BigInteger hat = q.divide(p);
            weights[i] = hat.multiply(hat.modInverse(p));
        }
        BigInteger[] result = new BigInteger[basis.n()];
        for (int j = 0; j < result.length; j++) {
            BigInteger sum = BigInteger.ZERO;
            for (int i = 0; i < weights.length; i++) {
                sum = sum.add(weights[i].multiply(BigInteger.valueOf((long) limbs[i][j])));
            }
            sum = sum.mod(q);
            result[j] = sum.compareTo(half) > 0 ? sum.subtract(q) : sum;
        }
        return result;
    }

    private double p(int i) {
        return basis.modulus(i).p();
    }

    private void each(IntConsumer task) {
        if (limbs.length * basis.n() < PARALLEL) {
            for (int i = 0; i < limbs.length; i++) {
                task.accept(i);
            }
        } else {
            Workers.forEach(limbs.length, task);
        }
    }

    private void same(RnsPoly a) {
        requireBasis(a.basis);
        ntt = a.ntt;
    }

    private void same(RnsPoly a, RnsPoly b) {
        b.requireNtt(a.ntt);
        requireBasis(b.basis);
        same(a);
    }

    private void requireOther(RnsPoly a) {
        if (a == this) {
            throw new IllegalArgumentException("operand: must not be the receiver here; copy it first");
        }
    }

    private void requireFactors(long[] w) {
        if (w.length != limbs.length) {
            throw new IllegalArgumentException("factors=" + w.length + ": one a limb, " + limbs.length);
        }
    }

    private void requireLength(int length) {
        if (length != basis.n()) {
            throw new IllegalArgumentException("length=" + length + ": must be N=" + basis.n());
        }
    }

    void requireBasis(RnsBasis other) {
        if (!basis.equals(other)) {
            throw new IllegalArgumentException("basis=" + other + ": must be " + basis);
        }
    }

    void requireNtt(boolean wanted) {
        if (ntt != wanted) {
            throw new IllegalArgumentException("ntt=" + ntt + ": must be " + wanted + "; call "
                    + (wanted ? "toNtt" : "toCoefficients") + " first");
        }
    }

    @Override
    public String toString() {
        return "RnsPoly[n=" + basis.n() + ", limbs=" + limbs.length + ", " + (ntt ? "values" : "coefficients") + "]";
    }
}
