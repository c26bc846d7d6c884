package org.veil4j.he.mlr;

/** Told how far an encrypted run has come, on the thread that runs it. */
@FunctionalInterface
public interface TrainingListener {
    /** Listens to nothing. */
    TrainingListener NONE = (weights, seconds) -> {};

    /**
     * An iteration is finished.
     *
     * @param weights its result, before they are refreshed: keep them to be able to resume
     * @param seconds what it took, for the first one with the unpacking of the data
     */
    void finished(EncryptedWeights weights, double seconds);
}
