package org.veil4j.he.circuit;

import org.veil4j.he.rlwe.Plaintext;

/** Prepared numbers of {@link EncryptedAlgebra}: a plaintext polynomial. */
final class EncodedPlain extends PreparedPlain {
    final Plaintext plaintext;

    EncodedPlain(Plaintext plaintext) {
        super(plaintext.level(), plaintext.scale());
        this.plaintext = plaintext;
    }
}
