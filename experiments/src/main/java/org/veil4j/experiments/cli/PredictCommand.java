package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.io.FileTarget;
import org.veil4j.he.mlr.clear.FeatureCsv;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code veil4j predict}: classes of features by a decrypted head. */
@Command(name = "predict", description = "Classifies labelled features by a decrypted head and compares the labels.")
final class PredictCommand extends Verb {
    @Option(names = "--head", paramLabel = "FILE", required = true, description = "The head that decrypt-head wrote.")
    private Path head = Path.of("");

    @Option(names = "--features", paramLabel = "FILE.csv", required = true, description = "Label, then features.")
    private Path features = Path.of("");

    @Option(names = "--skip", paramLabel = "N", description = "Leave out the first N rows, such as training rows.")
    private int skip;

    @Option(names = "--count", paramLabel = "N", description = "Only N rows (default: all).")
    private @Nullable Integer count;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the predicted classes, one a line.")
    private @Nullable Path out;

    @Override
    void run(RunRecord run) throws IOException {
        SoftmaxHead trained = SoftmaxHead.read(head);
        LabelledFeatures all = FeatureCsv.read(features, trained.classes());
        if (skip < 0 || skip >= all.size()) {
            throw new UsageException("skip=" + skip + ": must be 0 to " + (all.size() - 1) + ", so that a row is left");
        }
        int rows = count == null ? all.size() - skip : count;
        if (rows < 1 || rows > all.size() - skip) {
            throw new UsageException(
                    "count=" + rows + ": must be 1 to " + (all.size() - skip) + ", the rows there are");
        }
        LabelledFeatures chosen = all.slice(skip, skip + rows);
        int[] classes = new int[rows];
        int right = 0;
        StringBuilder lines = new StringBuilder();
        for (int r = 0; r < rows; r++) {
            classes[r] = trained.predict(chosen.row(r));
            right += classes[r] == chosen.label(r) ? 1 : 0;
            lines.append(classes[r]).append('\n');
        }
        if (out != null) {
            try (FileTarget target = FileTarget.create(out, true)) {
                target.stream().write(lines.toString().getBytes(StandardCharsets.US_ASCII));
                target.commit();
            }
        }
        double accuracy = (double) right / rows;
        run.confidential().put("rows", rows).put("accuracy", accuracy).put("classes", classes);
        out().println(right + " of " + rows + " rows right: " + Units.percent(accuracy));
        out().flush();
    }
}
