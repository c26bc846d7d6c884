package org.veil4j.experiments.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on stderr, drawn only when there is a terminal. Thread-safe; close it before printing results. */
final class Progress implements AutoCloseable {
    private final ProgressBar bar;

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    /**
     * Starts a bar.
     *
     * @param task what is done, in a word or two
     * @param total steps, or -1 when unknown
     */
    static Progress start(String task, long total) {
        boolean terminal = Boolean.getBoolean("veil4j.terminal"); // set by the launcher
        PrintStream sink = terminal
                ? System.err
                : new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.US_ASCII);
        return start(task, total, sink);
    }

    /** Starts a bar that is drawn on this stream. */
    static Progress start(String task, long total, PrintStream sink) {
        return new Progress(new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .setConsumer(new ConsoleProgressBarConsumer(sink, 100))
                .startsFrom(0, Duration.ZERO)
                .build());
    }

    /** Shows that this many steps are done. */
    void done(long steps) {
        bar.stepTo(steps);
    }

    /** Shows a few words behind the bar. */
    void note(String words) {
        bar.setExtraMessage(" " + words);
    }

    @Override
    public void close() {
        bar.close();
    }
}
