package org.veil4j.he.mlr.encoding;

/** How rows, features and weights lie in the slots of ciphertexts. */
public enum Encoding {
    /**
     * Ours: weights as generalised diagonals, one ciphertext for each class modulo a power of two, against rotated copies of
     * the features. Four levels an iteration with a sigmoid of degree 3.
     */
    DIAGONAL,
    /** The paper's: one ciphertext of weights, one class a row, rotated against the rows of the features. */
    VOLLEY_REVOLVER
}
