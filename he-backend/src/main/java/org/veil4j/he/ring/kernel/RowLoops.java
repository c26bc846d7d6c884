package org.veil4j.he.ring.kernel;

/**
 * The loops of {@link PlainNtt}: each touches whole rows, with one index in every array, which is the shape that C2 turns
 * into vector code on JDK 17 and later. Leaf methods, called from iterative drivers: inlined into recursion they lose half
 * their speed on JDK 25.
 *
 * <p>Ranges are given in units of p for the largest p, 2^50; smaller primes have more room. Product with a table entry w,
 * |w| at most p/2: h = y w rounded, y w - h exact by one fma, q = rint(y w'), w' = w/p, r = (h - q p) - (h - y w). With
 * |y| at most k p and k at most 8: h - q p is an integer below 2^53, hence exact, and |r| is at most p (1/2 + k/8); with
 * q = rint(h/p) instead, |r| is at most p (1/2 + 3k/16). Reduction x - rint(x/p) p is the canonical balanced residue
 * whenever |x| is below 2^51, because |x/p| is then at least 2^-51 away from any tie, and at most p/2 + 1 for |x| to 2^53.
 */
final class RowLoops {
    private RowLoops() {}

    /** Butterfly: a, b = a + b w, a - b w. In: k; out: k + 1/2 + k/8. */
    static void butterfly(double[] a, double[] b, int n, double w, double wp, double p) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double y = b[j];
            double h = y * w;
            double r = Math.fma(Math.rint(y * wp), -p, h) - Math.fma(y, -w, h);
            a[j] = x + r;
            b[j] = x - r;
        }
    }

    /** Butterfly that first reduces a. In: k; out: 1 + k/8. */
    static void butterflyReduced(double[] a, double[] b, int n, double w, double wp, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double y = b[j];
            double h = y * w;
            double r = Math.fma(Math.rint(y * wp), -p, h) - Math.fma(y, -w, h);
            x = Math.fma(Math.rint(x * pInv), -p, x);
            a[j] = x + r;
            b[j] = x - r;
        }
    }

    /** Last forward butterfly. In: k at most 8; out: canonical, as a is reduced first, so that the sums are below 2.1 p. */
    static void butterflyCanonical(double[] a, double[] b, int n, double w, double wp, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double y = b[j];
            double h = y * w;
            double r = Math.fma(Math.rint(y * wp), -p, h) - Math.fma(y, -w, h);
            x = Math.fma(Math.rint(x * pInv), -p, x);
            double s = x + r;
            double d = x - r;
            a[j] = Math.fma(Math.rint(s * pInv), -p, s);
            b[j] = Math.fma(Math.rint(d * pInv), -p, d);
        }
    }

    /** Butterfly with the factor 1, in either direction: a, b = a + b, a - b. In: k; out: 2k. */
    static void sumDifference(double[] a, double[] b, int n) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double y = b[j];
            a[j] = x + y;
            b[j] = x - y;
        }
    }

    /** Two products, one factor a column each: a = a u v. In: k at most 8; out: 0.9. */
    static void twist(double[] a, double[] u, double[] v, int n, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double f = u[j];
            double g = v[j];
            double h = x * f;
            double y = Math.fma(x, f, -h) + Math.fma(Math.rint(h * pInv), -p, h);
            double i = y * g;
            a[j] = Math.fma(y, g, -i) + Math.fma(Math.rint(i * pInv), -p, i);
        }
    }

    /** Inverse butterfly: a, b = a + b, (a - b) w. In: k at most 4; out: a 2k, b 1/2 + k/4. */
    static void inverse(double[] a, double[] b, int n, double w, double wp, double p) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double z = b[j];
            double y = x - z;
            double h = y * w;
            a[j] = x + z;
            b[j] = Math.fma(Math.rint(y * wp), -p, h) - Math.fma(y, -w, h);
        }
    }

    /** Inverse butterfly that reduces the sum. In: k at most 4; out: a 1/2 (canonical for k to 1), b 1/2 + k/4. */
    static void inverseReduced(double[] a, double[] b, int n, double w, double wp, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double z = b[j];
            double y = x - z;
            double h = y * w;
            double s = x + z;
            a[j] = Math.fma(Math.rint(s * pInv), -p, s);
            b[j] = Math.fma(Math.rint(y * wp), -p, h) - Math.fma(y, -w, h);
        }
    }

    /** Last inverse butterfly. In: k at most 1; out: canonical, the sum being at most 2p. */
    static void inverseCanonical(double[] a, double[] b, int n, double w, double wp, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double z = b[j];
            double y = x - z;
            double h = y * w;
            double s = x + z;
            double d = Math.fma(Math.rint(y * wp), -p, h) - Math.fma(y, -w, h);
            a[j] = Math.fma(Math.rint(s * pInv), -p, s);
            b[j] = Math.fma(Math.rint(d * pInv), -p, d);
        }
    }
}
