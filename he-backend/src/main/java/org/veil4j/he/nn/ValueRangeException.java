package org.veil4j.he.nn;

/** Values of a network would wrap around under encryption: they are beyond what the modulus holds. */
public final class ValueRangeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    ValueRangeException(String message) {
        super(message);
    }
}
