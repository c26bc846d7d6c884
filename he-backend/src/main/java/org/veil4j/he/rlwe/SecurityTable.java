package org.veil4j.he.rlwe;

/**
 * Largest moduli that are safe for a ring degree: uniform ternary secrets, errors of standard deviation 3.2, classical
 * attacks. Source: Bossuat et al., Security Guidelines for Implementing Homomorphic Encryption, ePrint 2024/463, table 5.2.
 */
public final class SecurityTable {
    private static final int FIRST_LOG_N = 12;
    private static final int[][] MAX_LOG_QP = {
        {106, 73, 56}, {214, 147, 114}, {430, 297, 230}, {868, 597, 462}, {1747, 1199, 929}, {3523, 2411, 1866}
    };

    private SecurityTable() {}

    /**
     * The largest log2(QP), key-switching primes included, that reaches a level.
     *
     * @param logN log2 of the ring degree
     * @return the bound in bits; 0 where no modulus is safe (or none is listed); infinity for the insecure test level
     */
    public static double maxLogQP(int logN, SecurityLevel level) {
        if (level == SecurityLevel.INSECURE_TEST) {
            return Double.POSITIVE_INFINITY;
        }
        int row = logN - FIRST_LOG_N;
        if (row < 0 || row >= MAX_LOG_QP.length) {
            return 0;
        }
        return switch (level) {
            case BITS_128 -> MAX_LOG_QP[row][0];
            case BITS_192 -> MAX_LOG_QP[row][1];
            case BITS_256 -> MAX_LOG_QP[row][2];
            case INSECURE_TEST -> Double.POSITIVE_INFINITY;
        };
    }

    /**
     * The security that a modulus leaves, as a row of the table.
     *
     * @param logN log2 of the ring degree
     * @param logQP log2 of the product of all primes
     * @return 256, 192, 128, or 0 when it is below 128 bits
     */
    public static int securityBits(int logN, double logQP) {
        for (SecurityLevel level :
                new SecurityLevel[] {SecurityLevel.BITS_256, SecurityLevel.BITS_192, SecurityLevel.BITS_128}) {
            if (logQP <= maxLogQP(logN, level)) {
                return level.bits();
            }
        }
        return 0;
    }
}
