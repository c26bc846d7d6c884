package org.veil4j.he.nn.layout;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.nn.graph.TensorShape;

/**
 * One image a slot: ciphertext e holds element e of every image, image i in slot i. For many images; a weight is one number
 * for all slots.
 *
 * @param shape shape of one image's tensor
 * @param slots slots of a ciphertext, at least 1
 */
public record BatchLayout(TensorShape shape, int slots) implements TensorLayout {
    /** Checks the number of slots. */
    public BatchLayout {
        if (slots < 1) {
            throw new IllegalArgumentException("slots=" + slots + ": must be at least 1");
        }
    }

    @Override
    public String tag() {
        return LayoutFormat.BATCH;
    }

    @Override
    public int images() {
        return slots;
    }

    @Override
    public int ciphertexts() {
        return shape.size();
    }

    @Override
    public double[] pack(Values values, int images, int ciphertext) {
        requireImages(images);
        double[] packed = new double[images];
        for (int i = 0; i < images; i++) {
            packed[i] = values.value(i, ciphertext);
        }
        return packed;
    }

    @Override
    public double[][] unpack(double[][] decrypted, int images) {
        requireImages(images);
        double[][] rows = new double[images][shape.size()];
        for (int e = 0; e < shape.size(); e++) {
            for (int i = 0; i < images; i++) {
                rows[i][e] = decrypted[e][i];
            }
        }
        return rows;
    }

    @Override
    public void visit(int images, int ciphertext, Visitor visitor) {
        requireImages(images);
        for (int i = 0; i < images; i++) {
            visitor.at(i, i, ciphertext);
        }
    }

    @Override
    public void write(DataOutput out) throws IOException {
        LayoutFormat.writeHead(out, this);
    }

    @Override
    public String toString() {
        return tag() + " of " + shape;
    }
}
