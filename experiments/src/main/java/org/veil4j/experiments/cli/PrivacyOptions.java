package org.veil4j.experiments.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veil4j.dp.accounting.Accounting;
import org.veil4j.dp.accounting.PrivacyGuarantee;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.mechanism.DpPlanBuilder;
import org.veil4j.zoo.DpRecipe;
import picocli.CommandLine.Option;

/** Whether to train with differential privacy, and the budget. */
final class PrivacyOptions {
    @Option(names = "--dp", description = "train with differential privacy (Poisson sampling)")
    private boolean dp;

    @Option(names = "--epsilon", description = "privacy budget: the noise is chosen to meet it (8)")
    private @Nullable Double epsilon;

    @Option(names = "--noise-multiplier", description = "noise in clip norms, instead of --epsilon")
    private @Nullable Double noiseMultiplier;

    @Option(names = "--delta", description = "failure probability of the guarantee, below 1/examples (1e-5)")
    private @Nullable Double delta;

    @Option(names = "--optimizer", description = "adam, or sgd (with Nesterov momentum 0.9) (by preset)")
    private DpRecipe.@Nullable Optimizer optimizer;

    @Option(names = "--clip-norm", description = "largest L2 norm of an example's gradient (by preset)")
    private @Nullable Double clipNorm;

    @Option(names = "--averaging", description = "decay of the average of the weights, 0: off (by preset)")
    private @Nullable Double averaging;

    @Option(names = "--accounting", description = "rdp or prv: whose epsilon is stated and calibrated for (rdp)")
    private @Nullable String accounting;

    @Option(names = "--physical-batch", description = "most examples in memory at once (about 512)")
    private @Nullable Integer physicalBatch;

    @Option(
            names = "--compare-plain",
            description = "also time private and ordinary steps of 128 images in turns, and a loop over batches of"
                    + " one, before training")
    private boolean comparePlain;

    /** Whether to train privately; checks that no option is given in vain. */
    boolean enabled() {
        if (!dp) {
            boolean given = epsilon != null
                    || noiseMultiplier != null
                    || delta != null
                    || optimizer != null
                    || clipNorm != null
                    || averaging != null
                    || accounting != null
                    || physicalBatch != null
                    || comparePlain;
            if (given) {
                throw new UsageException("--dp is missing: the privacy options have no effect without it; add --dp");
            }
        }
        return dp;
    }

    boolean comparePlain() {
        return comparePlain;
    }

    /** The recipe with the given values in place. */
    DpRecipe over(DpRecipe base) {
        return new DpRecipe(
                base.training(),
                optimizer == null ? base.optimizer() : optimizer,
                clipNorm == null ? base.clipNorm() : clipNorm,
                averaging == null ? base.averaging() : averaging);
    }

    /** The plan for a recipe and a number of training images. */
    DpPlan plan(DpRecipe recipe, int examples) {
        if (epsilon != null && noiseMultiplier != null) {
            throw new UsageException("--epsilon and --noise-multiplier: one follows from the other; give one");
        }
        DpPlanBuilder plan = recipe.plan(examples, delta == null ? 1e-5 : delta).accounting(accountant());
        if (physicalBatch != null) {
            plan.physicalBatch(physicalBatch);
        }
        return noiseMultiplier != null
                ? plan.noiseMultiplier(noiseMultiplier).build()
                : plan.targetEpsilon(epsilon == null ? 8 : epsilon).build();
    }

    private Accounting accountant() {
        String name = accounting == null ? "rdp" : accounting.toLowerCase(Locale.ROOT);
        return switch (name) {
            case "rdp" -> Accounting.RDP;
            case "prv" -> Accounting.PRV;
            default -> throw new UsageException("--accounting=" + accounting + ": must be rdp or prv");
        };
    }

    /** Options that make exactly this plan, starting with a blank. */
    static String options(DpRecipe recipe, DpPlan plan) {
        Double target = plan.targetEpsilon();
        return " --dp"
                + (target == null ? " --noise-multiplier " + plan.noiseMultiplier() : " --epsilon " + target)
                + " --delta " + plan.delta() + " --optimizer "
                + recipe.optimizer().name().toLowerCase(Locale.ROOT) + " --clip-norm " + recipe.clipNorm()
                + " --averaging "
                + recipe.averaging() + " --accounting "
                + plan.accounting().name().toLowerCase(Locale.ROOT);
    }

    /** What a run record says of a private training. */
    static Map<String, @Nullable Object> record(DpPlan plan, PrivacyGuarantee guarantee) {
        Map<String, @Nullable Object> dp = new LinkedHashMap<>();
        dp.put("epsilon", number(guarantee.epsilon()));
        dp.put("epsilonRdp", number(guarantee.epsilonRdp()));
        dp.put("epsilonPrv", number(guarantee.epsilonPrv()));
        dp.put("accounting", plan.accounting().name());
        dp.put("sampling", plan.sampling().name());
        dp.put("delta", plan.delta());
        dp.put("sigma", plan.noiseMultiplier());
        dp.put("clipNorm", plan.clipNorm());
        dp.put("samplingRate", plan.samplingRate());
        dp.put("steps", guarantee.steps());
        dp.put("expectedBatch", plan.expectedBatch());
        dp.put("examples", plan.examples());
        return dp;
    }

    /** JSON has no infinity. */
    private static Object number(double value) {
        return Double.isFinite(value) ? value : Double.toString(value);
    }
}
