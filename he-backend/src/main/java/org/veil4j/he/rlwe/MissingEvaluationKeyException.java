package org.veil4j.he.rlwe;

/** An operation needs an evaluation key that the key set does not hold. The message names it and how to get it. */
public final class MissingEvaluationKeyException extends IllegalStateException {
    /** An exception with the given message. */
    public MissingEvaluationKeyException(String message) {
        super(message);
    }
}
