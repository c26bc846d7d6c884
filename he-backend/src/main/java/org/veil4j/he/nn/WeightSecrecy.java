package org.veil4j.he.nn;

/** Whether a server may know the weights of a network. */
public enum WeightSecrecy {
    /** It has them in the clear. */
    PLAIN,
    /**
     * It has them encrypted, under the same key as the images: the owner of network and secret key encrypts the model, clients
     * encrypt images with the owner's public key, and only the owner can decrypt results, or images. Packed layout only. What the
     * server still sees: the layers and their shapes, which diagonals have weights at all, and the coefficients of activations of
     * a degree above 2.
     */
    ENCRYPTED
}
