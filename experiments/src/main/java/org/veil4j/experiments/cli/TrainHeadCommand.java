package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.head.HeadData;
import org.veil4j.experiments.head.HeadExperiment;
import org.veil4j.experiments.head.HeadRecord;
import org.veil4j.experiments.head.HeadReportPage;
import org.veil4j.experiments.head.HeadRun;
import org.veil4j.experiments.head.HeadServer;
import org.veil4j.experiments.head.HeadSetup;
import org.veil4j.experiments.head.HeadTables;
import org.veil4j.experiments.head.HeapLimit;
import org.veil4j.experiments.head.PlanFigures;
import org.veil4j.experiments.head.RefreshPendingException;
import org.veil4j.experiments.report.Machine;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.mlr.EncryptedHead;
import org.veil4j.he.mlr.MlrPlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code veil4j train-head}: trains a classifier head on encrypted features. */
@Command(
        name = "train-head",
        description = {
            "Trains a logistic regression head on encrypted features, as a server that holds no secret key, from the files"
                    + " of encrypt-features.",
            "With --local: as an experiment with all roles in this process, from --features."
        },
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:bad usage or bad input",
            "3:the owner has to refresh the weights; run refresh-head there, then this again with --resume"
        })
final class TrainHeadCommand extends Verb {
    static final int REFRESH_PENDING = 3;

    /** Options of a server, besides the common ones. */
    private static final Set<String> SERVER =
            Set.of("--plan", "--keys", "--in", "--state", "--out", "--resume", "--wait", "--memory");

    private static final Set<String> COMMON = Set.of("--json", "--threads", "--verbose", "--debug");

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--local", description = "Run owner and server in this process, on --features.")
    private boolean local;

    @Mixin
    private final HeadRowOptions rows = new HeadRowOptions();

    @Option(
            names = "--test",
            paramLabel = "N",
            description = "Test on the N rows after the training rows (default: all that are left).")
    private int test;

    @Option(
            names = "--test-features",
            paramLabel = "FILE.csv",
            description = "Test on the rows of this file instead (the first --test, default: all).")
    private @Nullable Path testFeatures;

    @Option(
            names = "--final-only",
            description = "Decrypt the final weights only, and not those of each iteration to show how accuracy grows.")
    private boolean finalOnly;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Write charts (PNG) and a page (HTML) with them and the tables into this existing folder.")
    private @Nullable Path report;

    @Mixin
    private final HeadOptions options = new HeadOptions();

    @Mixin
    private final ServerHeadOptions server = new ServerHeadOptions();

    private int status;

    @Override
    void run(RunRecord run) throws IOException {
        refuseForeignOptions();
        if (local) {
            experiment(run);
        } else {
            serve(run);
        }
        out().flush();
    }

    @Override
    int status() {
        return status;
    }

    /** An option of the other role would be ignored without a word. */
    private void refuseForeignOptions() {
        if (spec == null) {
            return;
        }
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            String name = option.longestName();
            boolean fits = COMMON.contains(name)
                    || (local ? !SERVER.contains(name) || name.equals("--memory") : SERVER.contains(name));
            if (!fits) {
                throw new UsageException(
                        name
                                + (local
                                        ? ": belongs to a server; leave it out, or --local"
                                        : ": is for --local; a server does what the plan says, so give it to encrypt-features"));
            }
        }
    }

    private void experiment(RunRecord run) throws IOException {
        if (report != null) {
            Folders.require("report", report);
        }
        HeadData data = rows.read(testFeatures, test);
        List<HeadRun> runs = new ArrayList<>();
        for (HeadSetup setup : options.setups(data.train().size())) {
            try (HeadBar bar = new HeadBar()) {
                runs.add(HeadExperiment.run(setup, data, !finalOnly, bar));
            }
        }
        out().print(HeadTables.of(runs, data));
        int neutralised = runs.get(0).head().preparation().neutralised();
        if (neutralised > 0) {
            out().println("note: " + neutralised + " of the features " + (neutralised == 1 ? "is" : "are")
                    + " constant on the training rows and left out");
        }
        SmallFeatureNote.print(runs.get(0).plan(), data.train(), out(), run);
        HeadRecord.put(runs, data, run);
        if (report != null) {
            writeRecord(run); // so that what was trained is on record whatever becomes of the charts
            HeadReportPage.write(runs, data, run, report);
            out().println("wrote " + report.resolve(HeadReportPage.PAGE) + " and its charts");
        }
    }

    private void serve(RunRecord run) throws IOException {
        MlrPlan plan = MlrPlan.read(server.plan());
        plan.requireMemory(options.memoryBytes());
        HeapLimit.requireServer(plan, Runtime.getRuntime().maxMemory());
        Path head = server.out(); // a folder that is missing shows now, and not after hours
        PlanFigures.put(plan, run);
        HeadServer trainer;
        long start = System.nanoTime();
        try (HeadBar bar = new HeadBar()) {
            trainer = new HeadServer(plan, server.state(), server.waitSeconds(), bar);
            try {
                EncryptedHead trained = trainer.train(server.keys(), server.in(), server.resume());
                run.put("bytesHead", trained.write(head)).put("iterationsDone", trained.iteration());
            } catch (RefreshPendingException e) {
                status = REFRESH_PENDING;
                run.put("iterationsDone", e.iteration());
                err().println("veil4j: " + e.getMessage());
            }
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        run.put("secondsPerIteration", trainer.secondsPerIteration())
                .put("secondsTrain", seconds)
                .put("secondsWaited", trainer.secondsWaited())
                .put("refreshesTaken", trainer.refreshes())
                .put("bytesRefreshes", trainer.refreshBytes())
                .put("peakRssBytes", Machine.peakRssBytes());
        out().println((status == 0 ? "wrote " + head + ": " : "stopped: ")
                + trainer.secondsPerIteration().size() + " of "
                + plan.settings().iterations() + " iterations and "
                + trainer.refreshes() + " refreshes in " + Units.seconds(seconds) + ", "
                + Units.seconds(trainer.secondsWaited()) + " of them waiting for the owner");
    }
}
