package org.veil4j.he.rlwe;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;

/** Small insecure parameters and slow, independent arithmetic for tests. */
final class Fixtures {
    private Fixtures() {}

    static RlweParameters parameters(int logN, int primes, int digits) {
        int[] bits = new int[primes];
        Arrays.fill(bits, 40);
        bits[0] = 49;
        return RlweParameters.builder()
                .logN(logN)
                .moduliBits(bits)
                .digits(digits)
                .security(SecurityLevel.INSECURE_TEST)
                .build();
    }

    static Seed seed(long number) {
        byte[] bytes = new byte[Seed.BYTES];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (number >>> (8 * i));
        }
        return Seed.of(bytes);
    }

    static RnsPoly uniform(RnsBasis basis, long number) {
        RnsPoly poly = RnsPoly.zero(basis, true);
        Sampler.uniform(poly, seed(number));
        return poly;
    }

    static Plaintext plaintext(RlweParameters parameters, int level, long number) {
        SplittableRandom random = new SplittableRandom(number);
        double[] c = new double[parameters.n()];
        for (int i = 0; i < c.length; i++) {
            c[i] = Math.rint((random.nextDouble() - 0.5) * 0x1p30);
        }
        RnsPoly poly = RnsPoly.zero(parameters.qAt(level), false);
        poly.setCoefficients(c);
        poly.toNtt();
        return new Plaintext(parameters, poly, 0x1p30);
    }

    /** Centred coefficients of a polynomial in either form. */
    static BigInteger[] integers(RnsPoly poly) {
        RnsPoly copy = poly.copy();
        copy.toCoefficients();
        return copy.toBigIntegers();
    }

    /** Largest difference of centred coefficients, modulo the first polynomial's Q. */
    static double distance(RnsPoly a, RnsPoly b) {
        RnsPoly difference = RnsPoly.zero(a.basis(), a.isNtt());
        difference.subtract(a, b);
        double max = 0;
        for (BigInteger x : integers(difference)) {
            max = Math.max(max, Math.abs(x.doubleValue()));
        }
        return max;
    }

    /** Negacyclic product by the definition. */
    static BigInteger[] multiply(BigInteger[] a, BigInteger[] b) {
        int n = a.length;
        BigInteger[] r = new BigInteger[n];
        Arrays.fill(r, BigInteger.ZERO);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                BigInteger x = a[i].multiply(b[j]);
                int k = i + j;
                if (k < n) {
                    r[k] = r[k].add(x);
                } else {
                    r[k - n] = r[k - n].subtract(x);
                }
            }
        }
        return r;
    }

    static BigInteger center(BigInteger x, BigInteger q) {
        BigInteger r = x.mod(q);
        return r.compareTo(q.shiftRight(1)) > 0 ? r.subtract(q) : r;
    }

    /** Nearest integer to x/d for odd d. */
    static BigInteger divideRounded(BigInteger x, BigInteger d) {
        return x.subtract(center(x, d)).divide(d);
    }
}
