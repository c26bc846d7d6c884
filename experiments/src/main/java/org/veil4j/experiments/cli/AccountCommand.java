package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.veil4j.dp.accounting.PrivacyGuarantee;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code veil4j account}: what a private training would cost, or how much noise a budget takes. Needs no data. */
@Command(
        name = "account",
        description = "States the privacy of a training with noise, or finds the noise that keeps a budget.",
        footerHeading = "%nBatch file:%n",
        footer =
                "The first line names columns out of samplingRate, examples, batch, steps, epochs, noiseMultiplier, "
                        + "targetEpsilon, delta, accounting, sampling; each further line is a question. An empty cell, or a column "
                        + "that is not there, is as the option of that name says. Empty lines and lines that begin with # are skipped.")
final class AccountCommand extends Verb {
    @Option(
            names = "--sampling-rate",
            paramLabel = "Q",
            description = "Probability that an example is in a step; or --examples and --batch.")
    private @Nullable String samplingRate;

    @Option(
            names = "--examples",
            paramLabel = "N",
            description = "Number of training examples; delta is then compared with it.")
    private @Nullable String examples;

    @Option(names = "--batch", paramLabel = "B", description = "Expected batch (shuffled: the batch).")
    private @Nullable String batch;

    @Option(names = "--steps", paramLabel = "T", description = "Steps; or --epochs.")
    private @Nullable String steps;

    @Option(names = "--epochs", paramLabel = "E", description = "Epochs of examples / batch steps, rounded up.")
    private @Nullable String epochs;

    @Option(
            names = "--noise-multiplier",
            paramLabel = "S",
            description = "Standard deviation of the noise over the clip norm; or --target-epsilon.")
    private @Nullable String noiseMultiplier;

    @Option(
            names = "--target-epsilon",
            paramLabel = "E",
            description = "Finds the least noise whose epsilon, by --accounting, is at most this.")
    private @Nullable String targetEpsilon;

    @Option(names = "--delta", paramLabel = "D", description = "Failure probability, well below 1 / examples.")
    private @Nullable String delta;

    @Option(
            names = "--accounting",
            paramLabel = "rdp|prv",
            description = "Whose epsilon is stated (default: rdp); both are shown.")
    private @Nullable String accounting;

    @Option(
            names = "--sampling",
            paramLabel = "poisson|shuffled",
            description = "How batches are drawn (default: poisson); shuffled ones gain nothing from sampling.")
    private @Nullable String sampling;

    @Option(
            names = "--batch-file",
            paramLabel = "CSV",
            description = "Answers many questions, one a line of this file; options are the defaults.")
    private @Nullable Path batchFile;

    @Override
    void run(RunRecord run) throws IOException {
        Map<String, String> options = options();
        if (batchFile == null) {
            long start = System.nanoTime();
            PrivacyGuarantee guarantee = new PrivacyQuestion(options, AccountCommand::asOption).answer();
            answer(guarantee, start).forEach(run::put);
            String statement = guarantee.statement();
            run.put("statement", statement);
            out().print(statement);
        } else {
            answerAll(batchFile, options, run);
        }
        out().flush();
    }

    private void answerAll(Path file, Map<String, String> options, RunRecord run) throws IOException {
        Table table = new Table("Privacy")
                .row(
                        "line",
                        "sampling rate",
                        "noise multiplier",
                        "steps",
                        "delta",
                        "by RDP",
                        "order",
                        "by PRV",
                        "error");
        List<Map<String, @Nullable Object>> answers = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        for (QuestionFile.Line line : QuestionFile.read(file, new TreeSet<>(all().keySet()))) {
            Map<String, String> given = new LinkedHashMap<>(options);
            forgetRivals(given, line.values());
            given.putAll(line.values());
            long start = System.nanoTime();
            try {
                PrivacyGuarantee guarantee = new PrivacyQuestion(given, name -> name).answer();
                Map<String, @Nullable Object> answer = answer(guarantee, start);
                answers.add(answer);
                table.row(row(line.number(), guarantee));
                guarantee.warnings().forEach(warning -> warnings.add("line " + line.number() + ": " + warning));
            } catch (UsageException | IllegalArgumentException e) {
                throw new UsageException("batch-file=" + file + ": line " + line.number() + ": " + e.getMessage(), e);
            }
        }
        run.put("answers", answers);
        out().print(table);
        warnings.forEach(warning -> out().println("warning: " + warning));
    }

    /** A value in the file replaces an option that says the same in another way. */
    private static void forgetRivals(Map<String, String> options, Map<String, String> values) {
        String[][] rivals = {
            {"samplingRate", "batch"}, {"steps", "epochs"}, {"noiseMultiplier", "targetEpsilon"},
        };
        for (String[] pair : rivals) {
            if (values.containsKey(pair[0]) || values.containsKey(pair[1])) {
                options.remove(pair[0]);
                options.remove(pair[1]);
            }
        }
    }

    private static String[] row(int line, PrivacyGuarantee guarantee) {
        return new String[] {
            Integer.toString(line),
            String.format(Locale.ROOT, "%.6g", guarantee.samplingRate()),
            String.format(Locale.ROOT, "%.6g", guarantee.noiseMultiplier()),
            String.format(Locale.ROOT, "%,d", guarantee.steps()),
            Double.toString(guarantee.delta()),
            String.format(Locale.ROOT, "%.4f", guarantee.epsilonRdp()),
            Double.toString(guarantee.order()),
            String.format(Locale.ROOT, "%.4f", guarantee.epsilonPrv()),
            String.format(Locale.ROOT, "%.1e", guarantee.prvErrorBound()),
        };
    }

    /** The figures by their names in the record; also computes what is computed late, so that the time counts it. */
    private static Map<String, @Nullable Object> answer(PrivacyGuarantee guarantee, long startNanos) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("epsilon", json(guarantee.epsilon()));
        values.put("epsilonRdp", json(guarantee.epsilonRdp()));
        values.put("order", Double.isNaN(guarantee.order()) ? null : guarantee.order());
        values.put("epsilonPrv", json(guarantee.epsilonPrv()));
        values.put("prvErrorBound", json(guarantee.prvErrorBound()));
        values.put("noiseMultiplier", guarantee.noiseMultiplier());
        values.put("samplingRate", guarantee.samplingRate());
        values.put("steps", guarantee.steps());
        values.put("delta", guarantee.delta());
        values.put("accounting", guarantee.accounting().name().toLowerCase(Locale.ROOT));
        values.put("sampling", guarantee.sampling().name().toLowerCase(Locale.ROOT));
        values.put("unitOfPrivacy", guarantee.unitOfPrivacy());
        values.put("neighbouringRelation", guarantee.neighbouringRelation());
        values.put("isPrivate", guarantee.isPrivate());
        values.put("warnings", guarantee.warnings());
        values.put("secondsAccounting", (System.nanoTime() - startNanos) * 1e-9);
        return values;
    }

    /** JSON has no infinity. */
    private static Object json(double value) {
        return Double.isFinite(value) ? value : Double.toString(value);
    }

    private Map<String, String> options() {
        Map<String, String> given = new LinkedHashMap<>();
        all().forEach((name, value) -> {
            if (value != null) {
                given.put(name, value);
            }
        });
        return given;
    }

    private Map<String, @Nullable String> all() {
        Map<String, @Nullable String> all = new LinkedHashMap<>();
        all.put("samplingRate", samplingRate);
        all.put("examples", examples);
        all.put("batch", batch);
        all.put("steps", steps);
        all.put("epochs", epochs);
        all.put("noiseMultiplier", noiseMultiplier);
        all.put("targetEpsilon", targetEpsilon);
        all.put("delta", delta);
        all.put("accounting", accounting);
        all.put("sampling", sampling);
        return all;
    }

    private static String asOption(String name) {
        return "--" + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
