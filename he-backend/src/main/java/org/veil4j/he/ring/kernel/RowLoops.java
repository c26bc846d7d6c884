package org.veil4j.he.ring.kernel;

/**
 * The loops of {@link PlainNtt}: each touches whole rows, with one index in every array, which is the shape that C2 turns
 * into vector code on JDK 17 and later. Leaf methods, called from iterative drivers: inlined into recursion they lose half
 * their speed on JDK 25.
 *
 * <p>Ranges are given in units of p for the largest p, 2^50; smaller primes have more room. Product with a table entry w,
 * |w| at most p/2: h = y w rounded, e = y w - h exact by one fma, q = rint(y n) with n = w/p, r = e + (q p + h). With
 * |y| at most k p and k at most 8: q p + h is an integer below 2^53, hence exact, and |r| is at most p (1/2 + k/8); with
 * q = rint(h (-1/p)) instead, |r| is at most p (1/2 + 3k/16). Reduction x - rint(x/p) p is the canonical balanced residue
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
            double r = Math.fma(y, w, -h) + Math.fma(Math.rint(y * wp), -p, h);
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
            double r = Math.fma(y, w, -h) + Math.fma(Math.rint(y * wp), -p, h);
            x = Math.fma(Math.rint(x * pInv), -p, x);
            a[j] = x + r;
            b[j] = x - r;
        }
    }

    /** Butterfly with one factor a column. In: k; out: k + 1/2 + 3k/16. */
    static void butterflies(double[] a, double[] b, double[] w, int n, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double y = b[j];
            double v = w[j];
            double h = y * v;
            double r = Math.fma(y, v, -h) + Math.fma(Math.rint(h * pInv), -p, h);
            a[j] = x + r;
            b[j] = x - r;
        }
    }

    /** Butterfly with one factor a column that first reduces a. In: k; out: 1 + 3k/16. */
    static void butterfliesReduced(double[] a, double[] b, double[] w, int n, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double y = b[j];
            double v = w[j];
            double h = y * v;
            double r = Math.fma(y, v, -h) + Math.fma(Math.rint(h * pInv), -p, h);
            x = Math.fma(Math.rint(x * pInv), -p, x);
            a[j] = x + r;
            b[j] = x - r;
        }
    }

    /** Last forward butterfly. In: k at most 5.1; out: canonical, as |x| + |r| is below 2^51. */
    static void butterfliesCanonical(double[] a, double[] b, double[] w, int n, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double y = b[j];
            double v = w[j];
            double h = y * v;
            double r = Math.fma(y, v, -h) + Math.fma(Math.rint(h * pInv), -p, h);
            x = Math.fma(Math.rint(x * pInv), -p, x);
            double s = x + r;
            double d = x - r;
            a[j] = Math.fma(Math.rint(s * pInv), -p, s);
            b[j] = Math.fma(Math.rint(d * pInv), -p, d);
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
            b[j] = Math.fma(y, w, -h) + Math.fma(Math.rint(y * wp), -p, h);
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
            b[j] = Math.fma(y, w, -h) + Math.fma(Math.rint(y * wp), -p, h);
        }
    }

    /** Inverse butterfly with one factor a column. In: k at most 4; out: a 2k, b 1/2 + 3k/8. */
    static void inverses(double[] a, double[] b, double[] w, int n, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double z = b[j];
            double y = x - z;
            double v = w[j];
            double h = y * v;
            a[j] = x + z;
            b[j] = Math.fma(y, v, -h) + Math.fma(Math.rint(h * pInv), -p, h);
        }
    }

    /** Inverse butterfly with one factor a column that reduces the sum. In: k at most 4; out: a 1/2, b 1/2 + 3k/8. */
    static void inversesReduced(double[] a, double[] b, double[] w, int n, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double z = b[j];
            double y = x - z;
            double v = w[j];
            double h = y * v;
            double s = x + z;
            a[j] = Math.fma(Math.rint(s * pInv), -p, s);
            b[j] = Math.fma(y, v, -h) + Math.fma(Math.rint(h * pInv), -p, h);
        }
    }

    /** Last inverse butterfly: a, b = (a + b) u, (a - b) w. In: k at most 4; out: canonical. */
    static void inverseCanonical(
            double[] a, double[] b, int n, double u, double up, double w, double wp, double p, double pInv) {
        for (int j = 0; j < n; j++) {
            double x = a[j];
            double z = b[j];
            double s = x + z;
            double y = x - z;
            double g = s * u;
            double h = y * w;
            double c = Math.fma(s, u, -g) + Math.fma(Math.rint(s * up), -p, g);
            double d = Math.fma(y, w, -h) + Math.fma(Math.rint(y * wp), -p, h);
            a[j] = Math.fma(Math.rint(c * pInv), -p, c);
            b[j] = Math.fma(Math.rint(d * pInv), -p, d);
        }
    }
}
