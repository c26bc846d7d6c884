package org.veil4j.experiments.cli;

/** The input or the options are wrong: exit status 2. The message names the input, the rule and the remedy. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }

    UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
