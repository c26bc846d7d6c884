package org.veil4j.he.ckks;

import java.util.Locale;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.RlweParametersBuilder;
import org.veil4j.he.rlwe.SecurityLevel;

/**
 * Ring parameters and the scale at which values are encoded by default. Immutable.
 *
 * @param rlwe ring, moduli, security
 * @param logScale log2 of the default scale; rescaling keeps it when the primes are near 2^logScale
 */
public record CkksParameters(RlweParameters rlwe, int logScale) {
    /** Checks the scale. */
    public CkksParameters {
        if (logScale < 1 || logScale >= rlwe.logQ()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "logScale=%d: must be at least 1 and below logQ=%.1f", logScale, rlwe.logQ()));
        }
    }

    /** Parameter sets of 128 bits for general use. Precision is what a fresh encryption has, for values up to 1. */
    public enum Preset {
        /** N = 2^13, 4096 slots, 3 levels, scale 2^30: about 18 bits. */
        N13(13, 45, 30, 3, 2),
        /** N = 2^14, 8192 slots, 5 levels, scale 2^40: about 27 bits. */
        N14(14, 48, 40, 5, 2),
        /** N = 2^15, 16384 slots, 14 levels, scale 2^40: about 27 bits. */
        N15(15, 48, 40, 14, 3),
        /** N = 2^16, 32768 slots, 26 levels, scale 2^45: about 31 bits. */
        N16(16, 49, 45, 26, 3);

        private final int logN;
        private final int firstBits;
        private final int logScale;
        private final int depth;
        private final int digits;

        Preset(int logN, int firstBits, int logScale, int depth, int digits) {
            this.logN = logN;
            this.firstBits = firstBits;
            this.logScale = logScale;
            this.depth = depth;
            this.digits = digits;
        }

        /** Builds the parameters. */
        public CkksParameters parameters() {
            return of(logN, firstBits, logScale, depth, digits, SecurityLevel.BITS_128);
        }
    }

    /**
     * Parameters for circuits of a given depth: one prime of firstBits, then depth primes near 2^logScale.
     *
     * @param logN log2 of the ring degree
     * @param firstBits size of the last prime to remain, logScale plus the bits of the largest result; at most 50
     * @param logScale log2 of the default scale
     * @param depth how many rescales there can be
     * @param digits key-switching digits
     * @param security what to insist on
     * @throws IllegalArgumentException when a value is out of range or the set is not secure
     */
    public static CkksParameters of(
            int logN, int firstBits, int logScale, int depth, int digits, SecurityLevel security) {
        int[] bits = new int[depth + 1];
        java.util.Arrays.fill(bits, logScale);
        bits[0] = firstBits;
        RlweParametersBuilder builder = RlweParameters.builder()
                .logN(logN)
                .moduliBits(bits)
                .digits(Math.min(digits, bits.length))
                .security(security);
        return new CkksParameters(builder.build(), logScale);
    }

    /**
     * A small set for tests that protects nothing: scale 2^40, three digits.
     *
     * @param logN log2 of the ring degree, 10 or more
     * @param depth how many rescales there can be
     */
    public static CkksParameters insecureTest(int logN, int depth) {
        return of(logN, 49, 40, depth, 3, SecurityLevel.INSECURE_TEST);
    }

    /** The default scale, 2^logScale. */
    public double defaultScale() {
        return Math.scalb(1.0, logScale);
    }

    /** How many numbers a plaintext holds: N/2. */
    public int slots() {
        return rlwe.n() / 2;
    }

    /** The highest level. */
    public int maxLevel() {
        return rlwe.maxLevel();
    }
}
