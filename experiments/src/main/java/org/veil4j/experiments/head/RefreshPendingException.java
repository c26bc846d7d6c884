package org.veil4j.experiments.head;

import java.nio.file.Path;

/** A training cannot go on before its owner has refreshed the weights. Nothing is lost: it resumes from what is saved. */
public final class RefreshPendingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int iteration;

    RefreshPendingException(int iteration, Path request, Path answer) {
        super("refresh after iteration " + iteration + ": " + request + " waits for its owner; let veil4j refresh-head"
                + " answer it with " + answer.getFileName() + ", then run train-head again with --resume");
        this.iteration = iteration;
    }

    /** Iterations that are finished. */
    public int iteration() {
        return iteration;
    }
}
