package org.veil4j.he.nn;

/** How a compiled network lays tensors out over ciphertexts. */
public enum LayoutChoice {
    /** What is cheaper for the number of images that a batch should hold, among what fits the memory budget. */
    AUTO,
    /** One ciphertext a tensor element, one image a slot: for thousands of images at a time. */
    BATCH,
    /** One image, or a few, in a ciphertext: for answers in a second, and for deep networks in little memory. */
    PACKED
}
