package org.veil4j.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;

class ImageResizerTest {
    private static final int SEED = 12;

    private static InputNormalisation none(int channels) {
        double[] ones = new double[channels];
        Arrays.fill(ones, 1);
        return new InputNormalisation(new double[channels], ones);
    }

    private static byte[] random(InputShape shape) {
        byte[] image = new byte[shape.elements()];
        new Random(SEED).nextBytes(image);
        return image;
    }

    private static float[] apply(ImageResizer resizer, byte[] image, InputShape to) {
        float[] out = new float[to.elements() + 3];
        resizer.apply(image, out, 2);
        assertThat(out[0] + out[1] + out[out.length - 1]).isZero();
        return Arrays.copyOfRange(out, 2, out.length - 1);
    }

    @Test
    void apply_sameShape_onlyNormalises() {
        InputShape shape = new InputShape(3, 5, 7);
        InputNormalisation normalisation = new InputNormalisation(new double[] {1, 2, 3}, new double[] {2, 4, 8});
        byte[] image = random(shape);
        float[] expected = new float[shape.elements()];
        normalisation.apply(image, expected, 0);
        assertThat(apply(new ImageResizer(shape, shape, normalisation, false), image, shape))
                .containsExactly(expected);
    }

    @Test
    void apply_reversed_swapsChannelsBeforeNormalising() {
        InputShape shape = new InputShape(3, 2, 1);
        InputNormalisation normalisation = new InputNormalisation(new double[] {1, 2, 3}, new double[] {1, 1, 1});
        byte[] image = {10, 11, 20, 21, 30, (byte) 200}; // red, green, blue
        assertThat(apply(new ImageResizer(shape, shape, normalisation, true), image, shape))
                .containsExactly(29, 199, 18, 19, 7, 8);
    }

    @Test
    void apply_doubleSize_hasTheKnownValues() {
        InputShape from = new InputShape(1, 1, 2);
        InputShape to = new InputShape(3, 1, 4);
        byte[] image = {0, (byte) 200};
        // What PyTorch's interpolate(mode='bilinear', align_corners=False) gives for doubling.
        assertThat(apply(new ImageResizer(from, to, none(3), true), image, to))
                .containsExactly(0, 50, 150, 200, 0, 50, 150, 200, 0, 50, 150, 200);
    }

    @ParameterizedTest
    @CsvSource({"1, 28, 28, 224, 224", "3, 32, 32, 224, 224", "3, 9, 5, 13, 17", "1, 28, 28, 20, 15", "3, 4, 4, 1, 1"})
    void apply_anySize_equalsTheDefinition(int channels, int rows, int columns, int toRows, int toColumns) {
        InputShape from = new InputShape(channels, rows, columns);
        InputShape to = new InputShape(3, toRows, toColumns);
        byte[] image = random(from);
        float[] out = apply(new ImageResizer(from, to, none(3), false), image, to);
        for (int c = 0; c < 3; c++) {
            int plane = channels == 1 ? 0 : c * rows * columns;
            for (int y = 0; y < toRows; y++) {
                for (int x = 0; x < toColumns; x++) {
                    double row = (y + 0.5) * rows / toRows - 0.5;
                    double column = (x + 0.5) * columns / toColumns - 0.5;
                    // The sum over all pixels of value times tent(distance), positions held at the border.
                    double expected = 0;
                    for (int i = 0; i < rows; i++) {
                        for (int j = 0; j < columns; j++) {
                            expected += (image[plane + i * columns + j] & 255)
                                    * tent(row, i, rows)
                                    * tent(column, j, columns);
                        }
                    }
                    assertThat((double) out[(c * toRows + y) * toColumns + x])
                            .as("channel %d row %d column %d seed %d", c, y, x, SEED)
                            .isCloseTo(expected, within(1e-3));
                }
            }
        }
    }

    private static double tent(double position, int pixel, int size) {
        double held = Math.min(size - 1, Math.max(0, position));
        return Math.max(0, 1 - Math.abs(held - pixel));
    }

    @Test
    void create_whatDoesNotFit_isRefused() {
        InputShape colour = InputShape.COLOUR_32;
        assertThatThrownBy(() -> new ImageResizer(colour, InputShape.GREY_28, none(1), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shape=1x28x28");
        assertThatThrownBy(() -> new ImageResizer(colour, colour, none(1), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 channels");
        InputShape huge = new InputShape(3, 99_999, 99_999);
        assertThatThrownBy(() -> new ImageResizer(colour, huge, none(3), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shape=3x99999x99999");
    }
}
