package org.veil4j.he.ring.kernel;

import org.jspecify.annotations.Nullable;

/**
 * Loops over the residues of one polynomial modulo one prime.
 *
 * <p>Unless said otherwise: p is odd and below 2^50; all arrays of a call have the same length n, a multiple of 8; inputs
 * are integers with |x| at most (p-1)/2, or as stated; results are the balanced residues in [-(p-1)/2, (p-1)/2] (zero is
 * +0.0), so that all implementations agree bit for bit; the result may be the same array as an input; nothing is allocated
 * after a thread's first call.
 */
public interface PolyKernels {
    /** Short name: "plain", "vector" or "scalar". */
    String name();

    /**
     * Builds the tables of a transform. Cost: about N modular products.
     *
     * @param logN 10 to 17
     * @param p a prime below 2^50 that is 1 modulo 2N
     */
    NttTransform ntt(int logN, long p);

    /** r = a mod p. In: |a[i]| at most 2^101. */
    void reduce(double[] r, double[] a, double p);

    /** r = a mod p. In: |a[i]| below 2^62. */
    void reduceLongs(double[] r, long[] a, double p);

    /** r = a + b mod p. */
    void add(double[] r, double[] a, double[] b, double p);

    /** r = a - b mod p. */
    void subtract(double[] r, double[] a, double[] b, double p);

    /** r = -a mod p. */
    void negate(double[] r, double[] a);

    /** r = a * b mod p, element by element. */
    void multiply(double[] r, double[] a, double[] b, double p);

    /** r = r + a * b mod p, element by element. */
    void multiplyAdd(double[] r, double[] a, double[] b, double p);

    /** r = a * w mod p. In: |a[i]| at most 2^51; |w| at most (p-1)/2. */
    void multiplyScalar(double[] r, double[] a, double w, double p);

    /** r = r + a * w mod p. In: |a[i]| at most 2^51; |w| at most (p-1)/2. */
    void multiplyScalarAdd(double[] r, double[] a, double w, double p);

    /**
     * r = (a - b) * w mod p: the step of a rescale or a ModDown. In: |a[i]|, |b[i]| at most 2^50 (b may be residues of
     * another prime); |w| at most (p-1)/2.
     */
    void subtractMultiplyScalar(double[] r, double[] a, double[] b, double w, double p);

    /**
     * r = sum of a[d] * b[d] mod p over d in [0, terms): the inner product of a key switch, reduced once in several terms.
     *
     * @param r must differ from every input array
     * @param terms 1 to 2^13
     */
    void dot(double[] r, double[][] a, double[][] b, int terms, double p);

    /**
     * r0 = add0 + sum of a[d] * b0[d], r1 = add1 + sum of a[d] * b1[d] mod p, over d in [0, terms) and places from
     * {@code from} to {@code to} (exclusive) only: both halves of a product with a key or a ciphertext.
     *
     * @param r0 may be add0, no other input; as r1 and add1
     * @param add0 balanced, or null for none
     * @param terms 1 to 2^12
     * @param from a multiple of 8, as is {@code to}
     */
    void dotPair(
            double[] r0,
            double[] r1,
            double @Nullable [] add0,
            double @Nullable [] add1,
            double[][] a,
            double[][] b0,
            double[][] b1,
            int terms,
            int from,
            int to,
            double p);

    /**
     * r = sum of a[d] * w[d] mod p over d in [0, terms): one target limb of a base conversion, or a linear combination.
     *
     * @param r must differ from every input array
     * @param a |a[d][i]| below 2^49 (residues of other primes)
     * @param w |w[d]| at most (p-1)/2
     * @param terms 1 to 2^13
     */
    void baseConvert(double[] r, double[][] a, double[] w, int terms, double p);

    /**
     * r = v * z + sum of a[d] * w[d] mod p over d in [0, terms), for places from {@code from} to {@code to} (exclusive) only:
     * one target limb of a base conversion, with the multiple of the basis' product that is to be taken off.
     *
     * @param r must differ from every input array
     * @param a |a[d][i]| at most bound
     * @param bound at most 2^49
     * @param w |w[d]| at most (p-1)/2
     * @param terms 1 to 2^12
     * @param v integers
     * @param z |v[i] z| at most 7 (p-1)/2
     */
    void centredConvert(
            double[] r,
            double[][] a,
            double bound,
            double[] w,
            int terms,
            double[] v,
            double z,
            int from,
            int to,
            double p);

    /**
     * r = r + sum of a[d] * w[d] mod p over d in [0, terms): a row of an integer matrix, each weight the same for all elements.
     *
     * @param r must differ from every input array and from scratch
     * @param a |a[d][i]| below 2^49
     * @param w integers, |w[d]| at most 2^34
     * @param scratch an array of the same length, overwritten
     */
    void addWeighted(double[] r, double[][] a, double[] w, int terms, double[] scratch, double p);

    /**
     * v = rint(sum of a[d] * inverses[d]) over d in [0, terms), summed in that order with each product and sum rounded: the
     * number of times that the product of a basis was exceeded. For places from {@code from} to {@code to} (exclusive) only.
     */
    void overflow(double[] v, double[][] a, double[] inverses, int terms, int from, int to);

    /** r[i] = a[from[i]]. r must not be a. */
    void permute(double[] r, double[] a, int[] from);
}
