package org.veil4j.experiments.head;

/** Told how far an experiment has come. */
@FunctionalInterface
public interface HeadListener {
    /** Listens to nothing. */
    HeadListener NONE = (phase, done, total) -> {};

    /**
     * Something is done.
     *
     * @param phase what is going on, in a word or two
     * @param done steps of it that are finished
     * @param total its steps
     */
    void progress(String phase, int done, int total);
}
