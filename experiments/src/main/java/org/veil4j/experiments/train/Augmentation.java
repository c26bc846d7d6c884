package org.veil4j.experiments.train;

import java.util.SplittableRandom;
import org.veil4j.zoo.InputShape;

/** Moves an image by a few pixels (filling with zeros) and mirrors it, at random. */
final class Augmentation {
    private final int shift;
    private final boolean flip;
    private final InputShape shape;

    Augmentation(int shift, boolean flip, InputShape shape) {
        this.shift = shift;
        this.flip = flip;
        this.shape = shape;
    }

    /** Returns the image itself when nothing is to be done, else {@code out}, overwritten. */
    byte[] apply(byte[] image, byte[] out, SplittableRandom random) {
        if (shift == 0 && !flip) {
            return image;
        }
        int dy = shift == 0 ? 0 : random.nextInt(-shift, shift + 1);
        int dx = shift == 0 ? 0 : random.nextInt(-shift, shift + 1);
        boolean mirror = flip && random.nextInt(2) == 1;
        int h = shape.height();
        int w = shape.width();
        for (int c = 0; c < shape.channels(); c++) {
            for (int y = 0; y < h; y++) {
                int sy = y - dy;
                for (int x = 0; x < w; x++) {
                    int sx = (mirror ? w - 1 - x : x) - dx;
                    boolean inside = sy >= 0 && sy < h && sx >= 0 && sx < w;
                    out[(c * h + y) * w + x] = inside ? image[(c * h + sy) * w + sx] : 0;
                }
            }
        }
        return out;
    }
}
