package org.veil4j.he.ring.kernel;

/** Negacyclic number theoretic transform for one N and one prime. Immutable apart from per-thread scratch: share freely. */
public interface NttTransform {
    /**
     * Transforms in place.
     *
     * @param a N coefficients, |a[i]| at most p; becomes the balanced values a(psi^e) in {@link NttOrder}
     */
    void forward(double[] a);

    /**
     * Transforms back in place, the factor 1/N included.
     *
     * @param a N values in {@link NttOrder}, |a[i]| at most p; becomes the balanced coefficients
     */
    void inverse(double[] a);
}
