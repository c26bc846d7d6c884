package org.veil4j.he.rlwe;

/** Operands of a sum have different scales, or an operation cannot reach the scale that was asked for. */
public final class ScaleMismatchException extends IllegalArgumentException {
    /** An exception with the given message. */
    public ScaleMismatchException(String message) {
        super(message);
    }
}
