package org.veil4j.dp.accounting;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** The text of a guarantee. */
final class PrivacyStatement {
    private static final MathContext SHOWN_UP = new MathContext(6, RoundingMode.CEILING);

    /** The part of a numerical epsilon above which its error is pointed out. */
    private static final double LOOSE = 0.1;

    private static final String[] NOT_COVERED = {
        "people with more than one example: their loss grows with each of them (group privacy)",
        "hyper-parameters, architectures or epochs chosen by trying them on the same data: each trial costs its own"
                + " epsilon",
        "losses, training accuracy, clipping statistics and gradient norms that were shown or stored",
        "preprocessing that depends on the data (means, selections, public statistics must come from elsewhere)",
        "the figures above, and the number of examples so far as they give it away: they are taken to be public",
        "attacks on the implementation: floating-point noise, timing, memory, a random seed that is known or used"
                + " again",
        "what holds of the population and would be learnt without the example just as well",
    };

    private PrivacyStatement() {}

    static String of(PrivacyGuarantee g) {
        StringBuilder text = new StringBuilder();
        g.notPrivateReason()
                .ifPresent(reason -> line(text, "NOT PRIVATE: " + reason + ". The figures below protect nobody."));
        line(
                text,
                "(epsilon, delta)-differential privacy with epsilon = " + epsilon(g.epsilon()) + " and delta = "
                        + g.delta());
        field(text, "unit of privacy", g.unitOfPrivacy());
        field(text, "neighbouring relation", g.neighbouringRelation());
        field(text, "sampling", sampling(g));
        field(text, "mechanism", mechanism(g));
        field(text, "stated by", g.accounting().title());
        field(text, "epsilon by RDP", epsilon(g.epsilonRdp()) + order(g));
        field(text, "epsilon by PRV", epsilon(g.epsilonPrv()) + error(g));
        if (g.sampling() == Sampling.SHUFFLED) {
            field(
                    text,
                    "if an example is replaced by any other",
                    "epsilon = " + epsilon(g.epsilonReplaceOne())
                            + ", as its contribution changes by twice the clip norm");
        }
        for (String warning : g.warnings()) {
            field(text, "WARNING", warning);
        }
        line(
                text,
                "It holds if every step was taken exactly so, with secret randomness. Steps may depend on earlier"
                        + " ones, and all");
        line(text, "parameters, intermediate ones too, may be published. It does not cover:");
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
                "shuffled: batches of fixed size, %,d to an epoch, in an order that does not depend on the data. An"
                        + " example is in one step of an epoch, %,d in all; nothing is gained from sampling",
                g.stepsPerEpoch(),
                g.accountedSteps());
    }

    private static String mechanism(PrivacyGuarantee g) {
        return String.format(Locale.ROOT, "%,d step%s, ", g.steps(), g.steps() == 1 ? "" : "s")
                + "each the sum of per-example gradients clipped as a whole, plus Gaussian noise of standard deviation "
                + g.noiseMultiplier() + " times the clip norm";
    }

    private static String error(PrivacyGuarantee g) {
        if (Double.isInfinite(g.epsilonPrv())) {
            return "";
        }
        if (g.prvErrorBound() >= g.epsilonPrv() && g.epsilonPrv() > 0) {
            return ", an upper bound (how far the truth is below it could not be shown)";
        }
        boolean loose = g.prvErrorBound() > LOOSE * g.epsilonPrv();
        return ", the truth at most " + epsilon(g.prvErrorBound()) + " less"
                + (loose ? " (a loose bound: more than a tenth of it may be error)" : "");
    }

    private static String order(PrivacyGuarantee g) {
        return Double.isNaN(g.order()) ? "" : " at order " + g.order();
    }

    /** Six significant digits, rounded up: a guarantee must not look better than it is. */
    static String epsilon(double value) {
        return Double.isInfinite(value)
                ? "infinite (no privacy)"
                : BigDecimal.valueOf(value).round(SHOWN_UP).stripTrailingZeros().toPlainString();
    }

    private static void field(StringBuilder text, String name, String value) {
        line(text, "  " + name + ": " + value);
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }
}
