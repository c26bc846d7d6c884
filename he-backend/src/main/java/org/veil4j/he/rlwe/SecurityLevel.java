package org.veil4j.he.rlwe;

/** How hard the best known classical attack on a parameter set must be. */
public enum SecurityLevel {
    /** At least 2^128 operations: the default. */
    BITS_128(128),
    /** At least 2^192 operations. */
    BITS_192(192),
    /** At least 2^256 operations. */
    BITS_256(256),
    /** No requirement: for tests of small rings only. Protects nothing. */
    INSECURE_TEST(0);

    private final int bits;

    SecurityLevel(int bits) {
        this.bits = bits;
    }

    /** The required security in bits; 0 for the insecure test level. */
    public int bits() {
        return bits;
    }
}
