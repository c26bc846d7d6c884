package org.veil4j.he.ring.kernel;

/**
 * The loops of {@link PlainNtt}: each touches whole rows, with one index in every array, which is the shape that C2 turns
 * into vector code on JDK 17 and later. Leaf methods, called from iterative drivers: inlined into recursion they lose half
 * their speed on JDK 25.
 *
 * <p>Ranges are given in units of p for the largest p, 2^50; smaller primes have more room. Product with a table entry w,
 * |w| at most p/2: h = y w rounded, y w - h exact by one fma, q = rint(y w'), w' = w/p, r = (h - q p) - (h - y w). With
 * |y| at most k p and k at most 8: h - q p is an integer below 2^53, hence exact, and |r| is at most p (1/2 + k/8); with
 * q = rint(h/p) instead, |r| is at most p (1/2 + 3k/16). Sums are exact up to 2^53: no result may pass 8 p.
 *
 * <p>Reduction x - rint(x/p) p leaves at most p/2 + 1 for |x| to 2^53. It is canonical whenever |x| is at most 2.4 p: the
 * only ties near are then p/2 and 3p/2, from which x is at least 1/2 away, x/p hence more than 2^-51, while the two
 * roundings in x/p are off by at most 3/2 times 2^-52.
 */
final class RowLoops {
    private RowLoops() {}

    /** Butterfly: a, b = a + b w, a - b w. In: k at most 6.6, so that the sums are exact; out: k + 1/2 + k/8. */
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

    /**
     * Two layers of butterflies, with the factors k, then 2k and 2k + 1. In: k at most 5.4; out as of two calls of
     * {@link #butterfly}.
     *
     * <p>The condition inside never ends the loop early, but C2 splits the loop for its sake, and only then unrolls a body
     * of this size and makes vectors of it. The body is as large as C2 takes: no reduction would fit in.
     */
    static void butterfly4(
            double[] a, double[] b, double[] c, double[] d, int n, double[] w, double[] wp, int k, double p) {
        double w1 = w[k];
        double q1 = wp[k];
        double w2 = w[2 * k];
        double q2 = wp[2 * k];
        double w3 = w[2 * k + 1];
        double q3 = wp[2 * k + 1];
        for (int j = 0; j < a.length; j++) {
            if (j >= n) {
                break;
            }
            double x0 = a[j];
            double x1 = b[j];
            double x2 = c[j];
            double x3 = d[j];
            double h = x2 * w1;
            double r2 = Math.fma(Math.rint(x2 * q1), -p, h) - Math.fma(x2, -w1, h);
            double g = x3 * w1;
            double r3 = Math.fma(Math.rint(x3 * q1), -p, g) - Math.fma(x3, -w1, g);
            double y0 = x0 + r2;
            double y2 = x0 - r2;
            double y1 = x1 + r3;
            double y3 = x1 - r3;
            double f = y1 * w2;
            double s = Math.fma(Math.rint(y1 * q2), -p, f) - Math.fma(y1, -w2, f);
            double e = y3 * w3;
            double t = Math.fma(Math.rint(y3 * q3), -p, e) - Math.fma(y3, -w3, e);
            a[j] = y0 + s;
            b[j] = y0 - s;
            c[j] = y2 + t;
            d[j] = y2 - t;
        }
    }

    /** Butterfly that first reduces a. In: k at most 8; out: 1 + k/8. */
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

    /** First two layers of a cyclic transform, with the factors 1, 1 and w. In: k at most 1; out: 2.25 k + 1/2. */
    static void cyclic4(
            double[] a, double[] b, double[] c, double[] d, int n, double w, double wp, double p, double pInv) {
        for (int j = 0; j < a.length; j++) {
            if (j >= n) {
                break;
            }
            double x0 = a[j];
            double x1 = b[j];
            double x2 = c[j];
            double x3 = d[j];
            double s = x0 + x2;
            double y0 = Math.fma(Math.rint(s * pInv), -p, s);
            double y2 = x0 - x2;
            double y1 = x1 + x3;
            double y3 = x1 - x3;
            double e = y3 * w;
            double t = Math.fma(Math.rint(y3 * wp), -p, e) - Math.fma(y3, -w, e);
            a[j] = y0 + y1;
            b[j] = y0 - y1;
            c[j] = y2 + t;
            d[j] = y2 - t;
        }
    }

    /** Product with one factor a column, reduced: a = a u. In: k at most 8; out: 1/2. */
    static void twist(double[] a, double[] u, int n, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double f = u[j];
            double h = x * f;
            double y = Math.fma(x, f, -h) + Math.fma(Math.rint(h * pInv), -p, h);
            a[j] = Math.fma(Math.rint(y * pInv), -p, y);
        }
    }

    /** Two products, one factor a column each: a = a u v. In: k at most 8; out: 0.9. */
    static void twist2(double[] a, double[] u, double[] v, int n, double p, double pInv) {
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

    /** Inverse butterfly that reduces the sum. In: k at most 4; out: a 1/2, b 1/2 + k/4. */
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

    /** Last inverse butterfly. In: k at most 1.2; out: canonical, the sum being at most 2.4 p. */
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

    /** Last two layers of a cyclic transform, with the factors 1, w and 1. In: k at most 2; out: 4k. */
    static void inverseCyclic4(double[] a, double[] b, double[] c, double[] d, int n, double w, double wp, double p) {
        for (int j = 0; j < n; j++) {
            double x0 = a[j];
            double x1 = b[j];
            double x2 = c[j];
            double x3 = d[j];
            double y0 = x0 + x1;
            double y1 = x0 - x1;
            double y2 = x2 + x3;
            double y3 = x2 - x3;
            double e = y3 * w;
            double t = Math.fma(Math.rint(y3 * wp), -p, e) - Math.fma(y3, -w, e);
            a[j] = y0 + y2;
            b[j] = y1 + t;
            c[j] = y0 - y2;
            d[j] = y1 - t;
        }
    }
}
