package org.veil4j.experiments.report;

/** What was asked for needs more than the largest Java heap; nothing has been computed yet. Says how much. */
public final class InsufficientHeapException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a message that names the heap, what is needed, and how to give more. */
    public InsufficientHeapException(String message) {
        super(message);
    }
}
