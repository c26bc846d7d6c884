package org.veil4j.dp.accounting;

/**
 * Figures of a sum of independent, discretised losses that are sums of figures of its terms.
 *
 * @param cumulant logarithm of the expectation of exp(tilt Y), Y finite
 * @param above the same with the window's exponent {@link LossWindow#above} instead of the tilt
 * @param below the same with {@link LossWindow#below}
 * @param logFinite logarithm of the probability that all losses are finite
 * @param outside probability of losses beyond the ends of the single steps' lattices, or more
 * @param spread sum of the tilted expectations of the rounding's variance, in units of h^2 / 4, or more
 */
record LossTotal(double cumulant, double above, double below, double logFinite, double outside, double spread) {
    static final LossTotal NONE = new LossTotal(0, 0, 0, 0, 0, 0);

    /** The sum with so many terms more. */
    LossTotal plus(LossTotal term, long count) {
        return new LossTotal(
                cumulant + count * term.cumulant,
                above + count * term.above,
                below + count * term.below,
                logFinite + count * term.logFinite,
                outside + count * term.outside,
                spread + count * term.spread);
    }
}
