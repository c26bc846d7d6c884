package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.evaluate.ImageNetwork;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.dl4j.Dl4jImporter;
import org.veil4j.he.nn.Compilation;
import org.veil4j.he.nn.CompilationReport;
import org.veil4j.he.nn.ModelCompiler;
import org.veil4j.he.nn.TimeModel;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.ring.Workers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j compile}: a network becomes a model for the server and a specification for clients. */
@Command(
        name = "compile",
        description =
                "Compiles a network: writes model.veil (for the server, with the weights; with --weights encrypted yours, for"
                        + " encrypt-model) and client.veil (public).")
final class CompileCommand extends Verb {
    static final String MODEL = "model.veil";
    static final String SPEC = "client.veil";

    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    private final PlanOptions plan = new PlanOptions();

    @Mixin
    private final SampleOptions samples = new SampleOptions();

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "Images that one encrypted batch must hold, up to 65,536 (default: 8192, or what --log-n gives).")
    private @Nullable Integer batch;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Existing folder for both files.")
    private Path out = Path.of("");

    @Override
    void run(RunRecord run) throws IOException {
        Folders.require("out", out);
        ImageNetwork source = network.load(null);
        TensorShape shape = new TensorShape(
                source.input().channels(),
                source.input().height(),
                source.input().width());
        Compilation compiled = ModelCompiler.compile(
                Dl4jImporter.importNetwork(source.network(), shape),
                plan.buildModel(batch, source.normalisation()),
                samples.load(network.knownDataset(), source.input()));
        compiled.model().write(out.resolve(MODEL));
        compiled.clientSpec().write(out.resolve(SPEC));
        print(source.name(), compiled, run);
    }

    private void print(String name, Compilation compiled, RunRecord run) {
        CompilationReport report = compiled.report();
        double seconds = TimeModel.estimateSeconds(report, Workers.threads());
        Map<String, Long> operations = new LinkedHashMap<>();
        Table table = new Table("Compiled " + name)
                .row(
                        "layout, weights",
                        report.layout() + ", " + report.weights().name().toLowerCase(Locale.ROOT))
                .row("images in a batch", Integer.toString(report.images()))
                .row("ring degree", "2^" + report.parameters().logN())
                .row(
                        "modulus with special primes",
                        String.format(
                                Locale.ROOT, "%.0f bits", report.parameters().logQP()))
                .row("levels", Integer.toString(report.levels()))
                .row("security", report.parameters().securityBits() + " bits")
                .row("fingerprint", compiled.model().fingerprint().shortHex())
                .line()
                .row("estimated peak memory", Units.bytes(report.estimatedPeakBytes()))
                .row("estimated time of a batch", Units.seconds(seconds))
                .row("evaluation keys in memory", Units.bytes(report.evaluationKeyBytes()))
                .line();
        RangeFigures.rows(report.ranges(), table);
        table.line();
        report.counts().forEach((kind, count) -> {
            operations.put(kind.name().toLowerCase(Locale.ROOT), count);
            table.row(kind.name().toLowerCase(Locale.ROOT), String.format(Locale.ROOT, "%,d", count));
        });
        out().print(table);
        report.notes().forEach(note -> out().println("note: " + note));
        out().println("wrote " + out.resolve(MODEL) + " and " + out.resolve(SPEC));
        if (compiled.model().isOwners()) {
            out().println(out.resolve(MODEL)
                    + " is yours: it has the weights in the clear; encrypt-model makes the server's of" + " it");
        }
        out().flush();
        run.put("preset", name)
                .put("layout", report.layout())
                .put("weights", report.weights().name().toLowerCase(Locale.ROOT))
                .put("images", report.images())
                .put("logN", report.parameters().logN())
                .put("logQP", report.parameters().logQP())
                .put("levels", report.levels())
                .put("securityBits", report.parameters().securityBits())
                .put("fingerprint", compiled.model().fingerprint().toHex())
                .put("estimatedPeakBytes", report.estimatedPeakBytes())
                .put("estimatedSeconds", seconds)
                .put("bytesEvaluationKeysInMemory", report.evaluationKeyBytes())
                .put("inputBytes", report.inputBytes())
                .put("workingBytes", report.workingBytes())
                .put("operations", operations)
                .put("notes", report.notes());
        RangeFigures.put(report.ranges(), run);
    }
}
