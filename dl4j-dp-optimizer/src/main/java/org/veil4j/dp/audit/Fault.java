package org.veil4j.dp.audit;

/** What is wrong, on purpose, with the training under audit. */
public enum Fault {
    /** Nothing: the plan is followed. */
    NONE,
    /** The noise is a hundredth of what the plan says. */
    NOISE,
    /** Examples are clipped at a hundred times the plan's norm, while the noise stays. */
    CLIPPING
}
