package org.veil4j.dp.audit;

import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * A lower bound of epsilon from one training run (Steinke, Nasr and Jagielski 2023): each of m canaries was put into the
 * training set or left out by a fair coin, and from what the training released, the coins of r canaries were guessed. An
 * (epsilon, delta)-private training lets only so many guesses be right: without delta, the number of right ones is dominated by a
 * binomial variable of r trials with success e^epsilon / (1 + e^epsilon).
 *
 * @param canaries m, all that coins were tossed for
 * @param guesses r, at most m; which canaries are guessed may depend on what was released
 * @param right how many guesses are right
 */
public record OneRunAudit(int canaries, int guesses, int right) {
    private static final double LARGEST = 50;
    private static final double PRECISION = 1e-6;

    /**
     * Checks the counts.
     *
     * @throws IllegalArgumentException unless {@code 0 <= right <= guesses <= canaries} and there is a guess
     */
    public OneRunAudit {
        if (guesses < 1 || guesses > canaries) {
            throw new IllegalArgumentException("guesses=" + guesses + ": must be in 1..canaries=" + canaries);
        }
        if (right < 0 || right > guesses) {
            throw new IllegalArgumentException("right=" + right + ": must be in 0..guesses=" + guesses);
        }
    }

    /**
     * How likely so many right guesses are, at most, if the training is (epsilon, delta)-private.
     *
     * @param epsilon at least 0
     * @param delta in [0, 1)
     * @return in [0, 1]; cost: r evaluations of a binomial probability
     */
    public double pValue(double epsilon, double delta) {
        double success = 1 / (1 + Math.exp(-epsilon));
        BinomialDistribution binomial = new BinomialDistribution(guesses, success);
        double tail = 1 - binomial.cumulativeProbability(right - 1);
        double added = 0;
        double below = 0;
        for (int i = 1; i <= right; i++) {
            below += binomial.probability(right - i);
            added = Math.max(added, below / i);
        }
        return Math.min(1, tail + 2 * canaries * delta * added);
    }

    /**
     * The largest epsilon that the guesses rule out: an (epsilon', delta)-private training with a smaller epsilon' would have
     * allowed them with a probability below 1 - confidence only.
     *
     * @param delta in [0, 1)
     * @param confidence in (0, 1), such as 0.95
     * @return 0 when nothing is ruled out
     * @throws IllegalArgumentException when an argument is out of range
     */
    public double epsilonLowerBound(double delta, double confidence) {
        if (!(delta >= 0 && delta < 1)) {
            throw new IllegalArgumentException("delta=" + delta + ": must be in [0, 1)");
        }
        if (!(confidence > 0 && confidence < 1)) {
            throw new IllegalArgumentException("confidence=" + confidence + ": must be in (0, 1), such as 0.95");
        }
        double allowed = 1 - confidence;
        if (pValue(0, delta) >= allowed) {
            return 0;
        }
        double low = 0;
        double high = LARGEST;
        while (high - low > PRECISION) {
            double middle = (low + high) / 2;
            if (pValue(middle, delta) < allowed) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
