package org.veil4j.experiments.cli;

import java.util.Locale;
import org.veil4j.dp.audit.AuditResult;
import org.veil4j.dp.audit.CanaryAudit;
import org.veil4j.dp.audit.Fault;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code veil4j audit}: attacks a small private training and compares what it finds with what is stated. Needs no data. */
@Command(
        name = "audit",
        description = {
            "Attacks a small private training with canaries, and compares the epsilon found with the one stated.",
            "A sound training stays below it (but for one run in twenty at most); --fault breaks it on purpose, to show"
                    + " that the attack would notice."
        })
final class AuditCommand extends Verb {
    @Option(names = "--examples", defaultValue = "2000", description = "ordinary examples (${DEFAULT-VALUE})")
    private int examples = 2000;

    @Option(
            names = "--canaries",
            defaultValue = "1000",
            description = "canaries, each trained on or not by a coin; more find more (${DEFAULT-VALUE})")
    private int canaries = 1000;

    @Option(names = "--epsilon", defaultValue = "2", description = "budget of the training (${DEFAULT-VALUE})")
    private double epsilon = 2;

    @Option(
            names = "--fault",
            defaultValue = "none",
            description = "none, noise (a hundredth of it) or clipping (a hundred times the norm) (${DEFAULT-VALUE})")
    private String fault = "none";

    @Override
    void run(RunRecord record) {
        AuditResult result = new CanaryAudit(examples, canaries, epsilon, null).run(fault());
        Table table =
                new Table("Audit of private training, fault: " + fault().name().toLowerCase(Locale.ROOT));
        table.row("ordinary examples", String.format(Locale.ROOT, "%,d", examples))
                .row("canaries", String.format(Locale.ROOT, "%,d", canaries))
                .row(
                        "right guesses",
                        String.format(
                                Locale.ROOT,
                                "%,d of %,d",
                                result.audit().right(),
                                result.audit().guesses()))
                .row("AUC of the losses", String.format(Locale.ROOT, "%.3f", result.auc()))
                .row(
                        "epsilon stated",
                        String.format(Locale.ROOT, "%.3f", result.stated().epsilon()))
                .row("epsilon at least, 95 % sure", String.format(Locale.ROOT, "%.3f", result.epsilonLowerBound()))
                .row("compatible", result.holds() ? "yes" : "NO: the training is not as private as it says");
        out().print(table);
        out().flush();
        record.put("fault", fault().name())
                .put("examples", examples)
                .put("canaries", canaries)
                .put("guesses", result.audit().guesses())
                .put("right", result.audit().right())
                .put("auc", result.auc())
                .put("delta", result.stated().delta())
                .put("epsilonStated", result.stated().epsilon())
                .put("epsilonLowerBound", result.epsilonLowerBound())
                .put("confidence", result.confidence())
                .put("holds", result.holds());
    }

    private Fault fault() {
        return switch (fault.toLowerCase(Locale.ROOT)) {
            case "none" -> Fault.NONE;
            case "noise" -> Fault.NOISE;
            case "clipping" -> Fault.CLIPPING;
            default -> throw new UsageException("--fault=" + fault + ": must be none, noise or clipping");
        };
    }
}
