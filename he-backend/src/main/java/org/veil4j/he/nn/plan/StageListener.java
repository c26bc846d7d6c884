package org.veil4j.he.nn.plan;

/** Told how far a run of a circuit has come. Calls may come from several threads, one at a time. */
@FunctionalInterface
public interface StageListener {
    /**
     * Some outputs of a stage are finished.
     *
     * @param stage number of the stage, from 0
     * @param stages number of stages
     * @param name the layers that the stage stands for
     * @param done finished outputs of this stage
     * @param total outputs of this stage
     */
    void progress(int stage, int stages, String name, int done, int total);
}
