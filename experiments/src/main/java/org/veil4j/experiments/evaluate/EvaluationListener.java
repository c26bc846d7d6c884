package org.veil4j.experiments.evaluate;

/** Told how far an evaluation has come. Calls may come from several threads at once, and a little out of order. */
@FunctionalInterface
public interface EvaluationListener {
    /** Listens to nothing. */
    EvaluationListener NONE = (phase, fraction) -> {};

    /**
     * A phase goes on.
     *
     * @param phase "plain", "compile", "keygen", "encrypt", "infer", "decrypt"; in the packed layout "classify" in place of the
     *     last three
     * @param fraction done of this phase, 0 to 1
     */
    void progress(String phase, double fraction);

    /**
     * Images are classified one, or a few, at a time.
     *
     * @param done how many are
     * @param total of how many
     */
    default void classified(int done, int total) {
        progress("classify", done / (double) total);
    }
}
