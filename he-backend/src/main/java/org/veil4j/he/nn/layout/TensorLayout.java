package org.veil4j.he.nn.layout;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.TensorShape;

/**
 * Which element of which image is in which slot of which ciphertext of an encrypted tensor. Immutable; equal if it says the
 * same of every slot.
 */
public sealed interface TensorLayout permits BatchLayout, SlotLayout {
    /** Name of the form, as in files and reports. */
    String tag();

    /** Shape of one image's tensor. */
    TensorShape shape();

    /** Slots of a ciphertext. */
    int slots();

    /** Most images that one encrypted tensor holds. */
    int images();

    /** Ciphertexts of an encrypted tensor, however many images are in it. */
    int ciphertexts();

    /**
     * Numbers for the slots of one ciphertext.
     *
     * @param values of the images
     * @param images how many there are, 1 to {@link #images}; slots of others are zero
     * @param ciphertext 0 to {@link #ciphertexts} - 1
     * @return for the first slots, at most {@link #slots}; those that are left out are zero
     */
    double[] pack(Values values, int images, int ciphertext);

    /**
     * The images' elements, out of all slots.
     *
     * @param slots [ciphertext][slot], as decrypted: at least those that {@link #pack} fills for so many images
     * @param images how many images to read, 1 to {@link #images}
     * @return [image][element]
     */
    double[][] unpack(double[][] slots, int images);

    /** Tells what is in the slots of a ciphertext that holds the given number of images: slots ascend, unused ones are left out. */
    void visit(int images, int ciphertext, Visitor visitor);

    /** Writes the layout with all that {@link #read} needs. */
    void write(DataOutput out) throws IOException;

    /**
     * Reads a layout.
     *
     * @param slots slots of a ciphertext, which the layout must be for
     * @throws org.veil4j.he.io.CorruptDataException if it is none, of a form that this version does not know, or for
     *     ciphertexts of another size
     */
    static TensorLayout read(PayloadReader in, int slots) throws IOException {
        return LayoutFormat.read(in, slots);
    }

    /** Whether there is nothing to say in files that know of no layouts: one image a slot. */
    default boolean isBatch() {
        return this instanceof BatchLayout;
    }

    /**
     * Checks a number of images.
     *
     * @throws IllegalArgumentException if it is not 1 to {@link #images}
     */
    default void requireImages(int count) {
        if (count < 1 || count > images()) {
            throw new IllegalArgumentException("images=" + count + ": must be 1 to " + images()
                    + ", what an encrypted tensor holds; split them into batches");
        }
    }

    /** Where the numbers come from. */
    @FunctionalInterface
    interface Values {
        /** One element of one image. */
        double value(int image, int element);
    }

    /** Told what is in a slot. */
    @FunctionalInterface
    interface Visitor {
        /** A slot that is used. */
        void at(int slot, int image, int element);
    }
}
