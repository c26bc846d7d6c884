package org.veil4j.dp.accounting;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** The text of a guarantee. */
final class PrivacyStatement {
    private static final MathContext SHOWN_UP = new MathContext(6, RoundingMode.CEILING);

    private static final String[] NOT_COVERED = {
        "whoever belongs to several examples: their loss grows with each of them (group privacy)",
        "the choice of hyper-parameters, architecture or epochs by runs on the same data: each run costs its own epsilon",
        "losses, accuracies, clipping statistics and gradient norms of training examples that are shown or stored",
        "preprocessing whose parameters come from the data (means, vocabularies, feature selection), and public claims about "
                + "the number of examples",
        "attacks on the implementation: floating-point arithmetic of the noise, timing, memory, and stolen random keys",
        "what is true of the population and would be learnt without the example as well",
    };

    private PrivacyStatement() {}

    static String of(PrivacyGuarantee g) {
        StringBuilder text = new StringBuilder();
        if (!g.isPrivate()) {
            line(text, "NOT PRIVATE: " + g.notPrivateReason().orElse("") + ". The figures below protect nobody.");
        }
        line(
                text,
                "(epsilon, delta)-differential privacy with epsilon = " + epsilon(g.epsilon()) + ", delta = "
                        + g.delta());
        field(text, "unit of privacy", g.unitOfPrivacy());
        field(text, "neighbouring data sets", g.neighbouringRelation());
        field(text, "sampling", sampling(g));
        field(text, "mechanism", mechanism(g));
        field(text, "accounting", g.accounting().title());
        field(text, "by RDP", "epsilon " + epsilon(g.epsilonRdp()) + order(g));
        for (String warning : g.warnings()) {
            field(text, "warning", warning);
        }
        line(
                text,
                "It holds where every step was taken exactly so, with randomness that nobody else knows, and however the");
        line(text, "steps depend on one another: all intermediate and final parameters may be published.");
        line(text, "It does not cover:");
        for (String item : NOT_COVERED) {
            line(text, "  - " + item);
        }
        return text.toString();
    }

    private static String sampling(PrivacyGuarantee g) {
        if (g.sampling() == Sampling.POISSON) {
            return "Poisson: each example is in each step with probability " + g.samplingRate() + ", independently";
        }
        return String.format(
                Locale.ROOT,
                "shuffled batches of fixed size, %,d steps an epoch, in an order that does not depend on the data; nothing is "
                        + "gained from sampling. An example is in one step an epoch, %,d in all, and the sizes are public",
                g.stepsPerEpoch(),
                g.accountedSteps());
    }

    private static String mechanism(PrivacyGuarantee g) {
        return String.format(Locale.ROOT, "%,d step%s; ", g.steps(), g.steps() == 1 ? "" : "s")
                + "each example's gradient clipped as a whole, the sum with Gaussian noise of standard deviation "
                + g.noiseMultiplier() + " times the clip norm";
    }

    private static String order(PrivacyGuarantee g) {
        return Double.isNaN(g.order()) ? "" : " at order " + g.order();
    }

    /** Six significant digits, rounded up: a guarantee must not look better than it is. */
    static String epsilon(double value) {
        return Double.isInfinite(value)
                ? "infinite (no privacy)"
                : new BigDecimal(value).round(SHOWN_UP).stripTrailingZeros().toPlainString();
    }

    private static void field(StringBuilder text, String name, String value) {
        line(text, "  " + name + ": " + value);
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }
}
