package org.veil4j.he.nn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.rlwe.Ciphertext;

/** A batch of encrypted tensors; its layout says which element of which image is in which slot. Immutable. */
public final class EncryptedTensor {
    private final TensorLayout layout;
    private final int images;
    private final Fingerprint model;
    private final @Nullable Fingerprint keyPair;
    private final List<Ciphertext> ciphertexts;

    /** A tensor of an unnamed key pair, see the other constructor. */
    public EncryptedTensor(TensorLayout layout, int images, Fingerprint model, List<Ciphertext> ciphertexts) {
        this(layout, images, model, null, ciphertexts);
    }

    /**
     * A tensor of the given ciphertexts.
     *
     * @param layout what is in their slots
     * @param images images in the batch, 1 to the layout's; the first that the layout has room for
     * @param model fingerprint of the compiled model that the tensor belongs to
     * @param keyPair names the key pair that the ciphertexts belong to, see
     *     {@link org.veil4j.he.rlwe.PublicKey#keyPair}; null where it is unknown
     * @param ciphertexts as many as the layout says, with as many slots
     */
    public EncryptedTensor(
            TensorLayout layout,
            int images,
            Fingerprint model,
            @Nullable Fingerprint keyPair,
            List<Ciphertext> ciphertexts) {
        if (ciphertexts.size() != layout.ciphertexts()) {
            throw new IllegalArgumentException("ciphertexts=" + ciphertexts.size() + ": must be " + layout.ciphertexts()
                    + " for layout " + layout);
        }
        int slots = ciphertexts.get(0).parameters().n() / 2;
        if (slots != layout.slots()) {
            throw new IllegalArgumentException(
                    "ciphertexts: have " + slots + " slots, must have " + layout.slots() + " for layout " + layout);
        }
        layout.requireImages(images);
        this.layout = layout;
        this.images = images;
        this.model = model;
        this.keyPair = keyPair;
        this.ciphertexts = List.copyOf(ciphertexts);
    }

    /** What is in the slots of the ciphertexts. */
    public TensorLayout layout() {
        return layout;
    }

    /** Shape of one image's tensor. */
    public TensorShape shape() {
        return layout.shape();
    }

    /** Images in the batch. */
    public int images() {
        return images;
    }

    /** Fingerprint of the compiled model that the tensor belongs to. */
    public Fingerprint model() {
        return model;
    }

    /** Names the key pair that the ciphertexts belong to; null where it is unknown, as in files of earlier versions. */
    public @Nullable Fingerprint keyPair() {
        return keyPair;
    }

    /** The ciphertexts, in the layout's order. */
    public List<Ciphertext> ciphertexts() {
        return ciphertexts;
    }

    /** Bytes that the ciphertexts take in memory. */
    public long sizeBytes() {
        long sum = 0;
        for (Ciphertext c : ciphertexts) {
            sum += c.sizeBytes();
        }
        return sum;
    }
}
