package org.veil4j.experiments.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.he.ring.Workers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every verb has: the common options, the run record, the streams. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Veil4jCommand.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "1:failed", "2:bad usage or bad input"})
abstract class Verb implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            order = 100,
            description = "Write what ran and every figure to FILE.")
    private @Nullable Path json;

    @Option(
            names = "--threads",
            paramLabel = "N",
            order = 101,
            description = "Threads of the encryption engine (default: all processors).")
    private @Nullable Integer threads;

    @Option(
            names = {"-v", "--verbose"},
            order = 102,
            description = "Log what is done on stderr.")
    private boolean verbose;

    @Option(names = "--debug", order = 103, description = "Show the stack trace of an error.")
    private boolean debug;

    /**
     * Does the work.
     *
     * @param run takes every figure that is printed
     */
    abstract void run(RunRecord run) throws IOException;

    @Override
    public final Integer call() throws IOException {
        if (verbose) {
            Configurator.setRootLevel(Level.INFO);
        }
        if (threads != null) {
            Workers.setThreads(threads);
        }
        requireFolder(json);
        CommandSpec command = spec();
        RunRecord run = new RunRecord(
                command.qualifiedName()
                        .substring(command.root().name().length())
                        .strip(),
                command.root().commandLine().getParseResult().originalArgs());
        run.put("threads", Workers.threads());
        run(run);
        writeRecord(run);
        return status();
    }

    /** Writes the record as far as it is filled, if one was asked for; it is written anyway after a run that went well. */
    final void writeRecord(RunRecord run) throws IOException {
        if (json != null) {
            run.write(json);
        }
    }

    /** The exit status of a run that went well. */
    int status() {
        return 0;
    }

    /** Refuses a record that could not be written, before the work and not after it. */
    private static void requireFolder(@Nullable Path file) throws IOException {
        if (file != null && Files.isDirectory(file)) {
            throw new IOException("json=" + file + ": is a folder; name a file");
        }
        Path folder = file == null ? null : file.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new IOException("json=" + file + ": its folder does not exist; create it first");
        }
    }

    /** Whether stack traces were asked for. */
    final boolean debug() {
        return debug;
    }

    /** Standard output, for results. */
    final PrintWriter out() {
        return spec().commandLine().getOut();
    }

    /** Standard error, for progress. */
    final PrintWriter err() {
        return spec().commandLine().getErr();
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return spec;
    }
}
