package org.veil4j.he.rlwe;

import org.veil4j.he.io.Fingerprint;

/** Two things that must belong to one parameter set belong to different ones. */
public final class ParameterMismatchException extends IllegalArgumentException {
    private final transient Fingerprint expected;
    private final transient Fingerprint found;

    /**
     * An exception that names both parameter sets.
     *
     * @param what what was given, such as "ciphertext"
     * @param expected fingerprint of the parameters in use
     * @param found fingerprint of the parameters that it belongs to
     */
    public ParameterMismatchException(String what, Fingerprint expected, Fingerprint found) {
        super(what + " of parameters " + found.shortHex() + ": must be of parameters " + expected.shortHex()
                + "; make it again under those");
        this.expected = expected;
        this.found = found;
    }

    /** The parameters in use. */
    public Fingerprint expected() {
        return expected;
    }

    /** The parameters of what was given. */
    public Fingerprint found() {
        return found;
    }
}
