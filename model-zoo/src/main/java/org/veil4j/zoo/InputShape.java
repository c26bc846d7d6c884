package org.veil4j.zoo;

/**
 * Shape of one input image.
 *
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param height rows
 * @param width columns
 */
public record InputShape(int channels, int height, int width) {
    /** MNIST and Fashion-MNIST. */
    public static final InputShape GREY_28 = new InputShape(1, 28, 28);
    /** CIFAR-10. */
    public static final InputShape COLOUR_32 = new InputShape(3, 32, 32);

    /**
     * Checks the shape.
     *
     * @throws IllegalArgumentException when a dimension is not positive
     */
    public InputShape {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "shape=" + channels + "x" + height + "x" + width + ": every dimension must be positive");
        }
    }

    /**
     * Number of values of one image.
     *
     * @return channels times height times width
     */
    public int elements() {
        return channels * height * width;
    }

    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
