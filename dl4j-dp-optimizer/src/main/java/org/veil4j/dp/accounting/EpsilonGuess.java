package org.veil4j.dp.accounting;

/**
 * What is known of epsilon before it is computed.
 *
 * @param epsilon about, better too small than too large
 * @param decay how fast ln delta falls with epsilon there
 * @param steepness how fast the logarithm of delta's derivative falls there: as decay where the tail is exponential, more where it
 *     is a power
 */
record EpsilonGuess(double epsilon, double decay, double steepness) {
    /** Whether a window for this guess is about as good as one for the given epsilon. */
    boolean isNear(double found) {
        return epsilon > 0.75 * found && epsilon < 1.1 * found;
    }

    EpsilonGuess withEpsilon(double value) {
        return new EpsilonGuess(value, decay, steepness);
    }
}
