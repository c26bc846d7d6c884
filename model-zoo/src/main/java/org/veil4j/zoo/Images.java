package org.veil4j.zoo;

/** What the zoo's networks ask of their images. */
final class Images {
    static final int CLASSES = 10;

    private Images() {}

    /** Refuses shapes that the presets are not made for. */
    static void check(InputShape input) {
        boolean size = input.height() == input.width() && (input.height() == 28 || input.height() == 32);
        boolean channels = input.channels() == 1 || input.channels() == 3;
        if (!size || !channels) {
            throw new IllegalArgumentException(
                    "input=" + input + ": must have 1 or 3 channels and 28x28 or 32x32 pixels; resize the images");
        }
    }

    /** The stride of the last pooling, whose 4x4 window takes 7x7 or 8x8 to 2x2. */
    static int lastStride(InputShape input) {
        return input.height() == 28 ? 3 : 4;
    }
}
