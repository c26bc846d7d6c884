package org.veil4j.experiments.train;

import java.util.random.RandomGenerator;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.TrainingRecipe;

/**
 * Makes a network's input of a training image: moved by a few pixels (filling with zeros), mirrored, normalised, its contrast
 * varied, at random as a recipe says. Not for several threads at once.
 */
final class Augmentation {
    private final int shift;
    private final boolean flip;
    private final double contrast;
    private final InputShape shape;
    private final InputNormalisation normalisation;
    private final byte[] moved;

    Augmentation(TrainingRecipe recipe, InputShape shape, InputNormalisation normalisation) {
        this.shift = recipe.shift();
        this.flip = recipe.flip();
        this.contrast = recipe.contrast();
        this.shape = shape;
        this.normalisation = normalisation;
        this.moved = new byte[shape.elements()];
    }

    /** Writes the input made of an image to {@code out}, from {@code offset} on. */
    void apply(byte[] image, float[] out, int offset, RandomGenerator random) {
        normalisation.apply(shift == 0 && !flip ? image : moved(image, random), out, offset);
        if (contrast > 0) {
            float factor = (float) random.nextDouble(1 - contrast / 2, 1 + contrast);
            for (int i = 0; i < image.length; i++) {
                out[offset + i] *= factor;
            }
        }
    }

    private byte[] moved(byte[] image, RandomGenerator random) {
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
                    moved[(c * h + y) * w + x] = inside ? image[(c * h + sy) * w + sx] : 0;
                }
            }
        }
        return moved;
    }
}
