package org.veil4j.he.nn;

import java.util.List;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.rlwe.Ciphertext;

/**
 * A batch of encrypted tensors in the batch layout: ciphertext e holds element e of every image, one image a slot.
 * Immutable.
 */
public final class EncryptedTensor {
    private final TensorShape shape;
    private final int images;
    private final Fingerprint model;
    private final List<Ciphertext> elements;

    /**
     * A tensor of the given ciphertexts.
     *
     * @param shape shape of one image's tensor
     * @param images images in the batch, 1 to the slots of a ciphertext; the first as many slots hold them
     * @param model fingerprint of the compiled model that the tensor belongs to
     * @param elements one ciphertext an element
     */
    public EncryptedTensor(TensorShape shape, int images, Fingerprint model, List<Ciphertext> elements) {
        if (elements.size() != shape.size()) {
            throw new IllegalArgumentException(
                    "elements=" + elements.size() + ": must be " + shape.size() + " for shape " + shape);
        }
        int slots = elements.get(0).parameters().n() / 2;
        if (images < 1 || images > slots) {
            throw new IllegalArgumentException("images=" + images + ": must be 1 to " + slots + ", the slots");
        }
        this.shape = shape;
        this.images = images;
        this.model = model;
        this.elements = List.copyOf(elements);
    }

    /** Shape of one image's tensor. */
    public TensorShape shape() {
        return shape;
    }

    /** Images in the batch. */
    public int images() {
        return images;
    }

    /** Fingerprint of the compiled model that the tensor belongs to. */
    public Fingerprint model() {
        return model;
    }

    /** The ciphertexts, one an element. */
    public List<Ciphertext> elements() {
        return elements;
    }

    /** Bytes that the ciphertexts take in memory. */
    public long sizeBytes() {
        long sum = 0;
        for (Ciphertext c : elements) {
            sum += c.sizeBytes();
        }
        return sum;
    }
}
