package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.veil4j.experiments.head.HeadSetup;
import org.veil4j.experiments.head.HeapLimit;
import org.veil4j.experiments.head.PlanFigures;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.mlr.MlrClient;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.mlr.MlrSimulation;
import org.veil4j.he.mlr.clear.ClearMlr;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j encrypt-features}: the owner of features makes plan, keys and the encrypted data set. */
@Command(
        name = "encrypt-features",
        description = {
            "Plans an encrypted training, makes keys and encrypts features.",
            "For the server: plan.veil, evaluation.keys, features.veil. To keep: secret.key, owner.veil."
        })
final class EncryptFeaturesCommand extends Verb {
    static final String PLAN = "plan.veil";
    static final String FEATURES = "features.veil";
    static final String OWNER = "owner.veil";

    @Mixin
    private final HeadRowOptions rows = new HeadRowOptions();

    @Mixin
    private final HeadOptions options = new HeadOptions();

    @Option(
            names = "--unchecked",
            description =
                    "Skip the run in the clear that shows whether scores stay inside the polynomial's interval and"
                            + " weights inside what the parameters hold.")
    private boolean unchecked;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Existing folder for the files.")
    private Path out = Path.of("");

    @Option(names = "--force", description = "Replace an existing secret key; what it encrypted is lost.")
    private boolean force;

    @Override
    void run(RunRecord run) throws IOException {
        Folders.require("out", out);
        Path secret = out.resolve(KeygenCommand.SECRET);
        if (Files.exists(secret) && !force) {
            throw new UsageException("secret=" + secret + ": exists, and what it encrypted would be lost; name another"
                    + " folder, or add --force");
        }
        LabelledFeatures train = rows.training().train();
        HeadSetup setup = options.setup(train.size());
        MlrPlan plan = setup.plan(train);
        HeapLimit.requireOwner(plan, Runtime.getRuntime().maxMemory());
        if (!unchecked) {
            double largest = ClearMlr.train(train, null, setup.preparation(), setup.settings())
                    .maxAbsScore();
            plan.requireScoresWithin(largest);
            MlrSimulation.run(plan, train);
            run.put("maxAbsScore", largest);
        }
        PlanFigures.put(plan, run);
        write(plan, train, secret, run);
        out().print(PlanFigures.rows(plan, new Table("Features encrypted for training")));
        SmallFeatureNote.print(plan, train, out(), run);
        out().println("for the server: " + out.resolve(PLAN) + ", " + out.resolve(KeygenCommand.EVALUATION) + ", "
                + out.resolve(FEATURES) + " (" + Units.bytes(Files.size(out.resolve(FEATURES))) + ")");
        out().println("to keep: " + secret + " (whoever has it can decrypt), " + out.resolve(OWNER)
                + " (statistics of the features)");
        out().flush();
    }

    private void write(MlrPlan plan, LabelledFeatures train, Path secret, RunRecord run) throws IOException {
        long start = System.nanoTime();
        try (MlrClient client = MlrClient.create(plan, train);
                HeadBar bar = new HeadBar()) {
            bar.progress("keys", 0, 1);
            client.writeSecretKey(secret);
            client.writeOwner(out.resolve(OWNER));
            plan.write(out.resolve(PLAN));
            run.put("bytesEvaluationKeys", client.writeEvaluationKeys(out.resolve(KeygenCommand.EVALUATION)))
                    .put("secondsKeygen", (System.nanoTime() - start) * 1e-9);
            bar.progress("encrypt", 0, 1);
            start = System.nanoTime();
            run.put("bytesUploaded", client.encrypt(train).write(out.resolve(FEATURES)))
                    .put("secondsEncrypt", (System.nanoTime() - start) * 1e-9);
        }
    }
}
