package org.veil4j.experiments.data;

import java.io.IOException;

/** A data file is missing, damaged or not what its name says. The message names the file, the rule and the remedy. */
public final class DataFileException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message file, rule and remedy
     */
    public DataFileException(String message) {
        super(message);
    }

    /**
     * Creates the exception with a cause.
     *
     * @param message file, rule and remedy
     * @param cause what was caught
     */
    public DataFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
