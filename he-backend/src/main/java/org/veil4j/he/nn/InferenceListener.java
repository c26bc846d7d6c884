package org.veil4j.he.nn;

import org.veil4j.he.nn.plan.StageListener;

/** Told how far an encrypted run has come. Calls may come from several threads, one at a time. */
@FunctionalInterface
public interface InferenceListener extends StageListener {
    /** Listens to nothing. */
    InferenceListener NONE = (stage, stages, name, done, total) -> {};
}
