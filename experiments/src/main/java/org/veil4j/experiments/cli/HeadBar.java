package org.veil4j.experiments.cli;

import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.head.HeadListener;

/** A bar for each phase of an experiment; the training's moves by iteration. */
final class HeadBar implements HeadListener, AutoCloseable {
    private @Nullable String phase;
    private @Nullable Progress bar;

    @Override
    public void progress(String newPhase, int done, int total) {
        if (bar == null || !newPhase.equals(phase)) {
            close();
            bar = Progress.start(newPhase, total);
            phase = newPhase;
        }
        bar.done(done);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
