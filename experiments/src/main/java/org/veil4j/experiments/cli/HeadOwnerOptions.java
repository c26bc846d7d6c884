package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.veil4j.he.mlr.MlrClient;
import org.veil4j.he.mlr.MlrPlan;
import picocli.CommandLine.Option;

/** The files that the owner of encrypted features keeps. */
final class HeadOwnerOptions {
    @Option(names = "--plan", paramLabel = "FILE", required = true, description = "plan.veil of the training.")
    private Path plan = Path.of("");

    @Option(names = "--secret", paramLabel = "FILE", required = true, description = "The owner's secret.key.")
    private Path secret = Path.of("");

    @Option(names = "--owner", paramLabel = "FILE", required = true, description = "The owner's owner.veil.")
    private Path owner = Path.of("");

    MlrClient open() throws IOException {
        return MlrClient.open(MlrPlan.read(plan), secret, owner);
    }
}
