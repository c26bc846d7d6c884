package org.veil4j.dp.accounting;

/**
 * A guarantee from numerical composition. The true epsilon lies between {@code lower} and {@code epsilon}.
 *
 * @param epsilon what is stated, an upper bound: the estimate and a margin of the target error (or the epsilon of Renyi
 *     accounting, where that is less); infinite without noise
 * @param lower a lower bound, {@code estimate - errorBound} or 0: no smaller epsilon is true
 * @param estimate epsilon of the composed discretisation, very near the truth and no less
 * @param errorBound how far the truth may be from {@code estimate} and from {@code epsilon}, at most
 */
public record PrvEpsilon(double epsilon, double lower, double estimate, double errorBound) {
    static PrvEpsilon infinite() {
        double infinity = Double.POSITIVE_INFINITY;
        return new PrvEpsilon(infinity, infinity, infinity, 0);
    }
}
