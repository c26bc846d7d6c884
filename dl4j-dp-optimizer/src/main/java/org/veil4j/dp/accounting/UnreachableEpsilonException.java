package org.veil4j.dp.accounting;

/** A budget that no amount of noise reaches under the accounting asked for. The message says why and what to change. */
public final class UnreachableEpsilonException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    UnreachableEpsilonException(String message) {
        super(message);
    }
}
