package org.veil4j.dp.accounting;

/** How the examples of a step are chosen. The accounting holds for this way and for no other. */
public enum Sampling {
    /** Each example takes part in each step with the sampling rate's probability, independently of all else. */
    POISSON,
    /**
     * Batches of fixed size, cut one after another from an order of all examples that does not depend on their content.
     * Nothing is gained from sampling: an example takes part in one step an epoch, and that step's noise alone protects it.
     */
    SHUFFLED
}
