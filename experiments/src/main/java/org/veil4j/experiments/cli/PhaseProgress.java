package org.veil4j.experiments.cli;

import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.evaluate.EvaluationListener;

/** A bar for each phase of an evaluation. */
final class PhaseProgress implements EvaluationListener, AutoCloseable {
    private static final long STEPS = 1000;

    private @Nullable String phase;
    private @Nullable Progress bar;

    @Override
    public void progress(String newPhase, double fraction) {
        show(newPhase, Math.round(fraction * STEPS), STEPS);
    }

    @Override
    public void classified(int done, int total) {
        show("images", done, total);
    }

    private synchronized void show(String newPhase, long done, long total) {
        if (bar == null || !newPhase.equals(phase)) {
            close();
            bar = Progress.start(newPhase, total);
            phase = newPhase;
        }
        bar.done(done);
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
