package org.veil4j.he.rlwe;

/** What the factors of all transforms by diagonals have in common. */
interface Diagonal {
    /** The parameters. */
    RlweParameters parameters();

    /** The highest level at which the factor can be used. */
    int maxLevel();

    /** Memory in bytes. */
    long sizeBytes();
}
