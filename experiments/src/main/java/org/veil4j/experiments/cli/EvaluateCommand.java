package org.veil4j.experiments.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.experiments.evaluate.EncryptedEvaluation;
import org.veil4j.experiments.evaluate.EvaluationReport;
import org.veil4j.experiments.evaluate.ImageNetwork;
import org.veil4j.experiments.report.RunRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j evaluate}: a network in the clear against the same network encrypted. */
@Command(
        name = "evaluate",
        description = "Compares a network in the clear with the same network on encrypted images, in one process.")
final class EvaluateCommand extends Verb {
    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    private final DataOption data = new DataOption();

    @Mixin
    private final PlanOptions plan = new PlanOptions();

    @Option(names = "--count", paramLabel = "N", description = "Images of the test set (default: all).")
    private @Nullable Integer count;

    @Override
    void run(RunRecord run) throws IOException {
        Dataset images = data.open().test(network.dataset());
        evaluate(this, network.load(images.shape()), count == null ? images : images.first(count), plan, run);
    }

    /** Evaluates, prints the table, fills the record. */
    static void evaluate(Verb verb, ImageNetwork network, Dataset images, PlanOptions plan, RunRecord run) {
        EvaluationReport report;
        try (PhaseProgress progress = new PhaseProgress()) {
            report = EncryptedEvaluation.run(
                    network, images, plan.build(images.size(), network.normalisation()), progress);
        }
        report.putInto(run);
        verb.out().print(report.table());
        report.notes().forEach(note -> verb.out().println("note: " + note));
        verb.out().flush();
    }
}
