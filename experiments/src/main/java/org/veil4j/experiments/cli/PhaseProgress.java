package org.veil4j.experiments.cli;

import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.evaluate.EvaluationListener;

/** A bar for each phase of an evaluation. */
final class PhaseProgress implements EvaluationListener, AutoCloseable {
    private static final long STEPS = 1000;

    private @Nullable String phase;
    private @Nullable Progress bar;

    @Override
    public synchronized void progress(String newPhase, double fraction) {
        if (bar == null || !newPhase.equals(phase)) {
            close();
            bar = Progress.start(newPhase, STEPS);
            phase = newPhase;
        }
        bar.done(Math.round(fraction * STEPS));
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
