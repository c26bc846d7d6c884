package org.veil4j.he.rlwe;

/** An operation needs more levels than a ciphertext has left. */
public final class LevelExhaustedException extends IllegalStateException {
    /** An exception with the given message. */
    public LevelExhaustedException(String message) {
        super(message);
    }
}
