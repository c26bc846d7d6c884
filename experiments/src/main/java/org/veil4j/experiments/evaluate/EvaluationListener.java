package org.veil4j.experiments.evaluate;

/** Told how far an evaluation has come. Calls may come from several threads, one at a time for each phase. */
@FunctionalInterface
public interface EvaluationListener {
    /** Listens to nothing. */
    EvaluationListener NONE = (phase, fraction) -> {};

    /**
     * A phase goes on.
     *
     * @param phase "plain", "compile", "keygen", "encrypt", "infer", "decrypt"
     * @param fraction done of this phase, 0 to 1
     */
    void progress(String phase, double fraction);
}
