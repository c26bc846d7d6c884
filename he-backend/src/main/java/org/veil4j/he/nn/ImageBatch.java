package org.veil4j.he.nn;

/** Images to encrypt, without a copy into another format. */
public interface ImageBatch {
    /** Number of images. */
    int count();

    /** Elements of an image. */
    int size();

    /** One element, in the network's input units before normalisation. */
    double value(int image, int element);

    /**
     * Unsigned bytes, 0 to 255.
     *
     * @param images all of one length; shared, not copied
     * @throws IllegalArgumentException naming the first image of another length
     */
    static ImageBatch of(byte[][] images) {
        for (int i = 0; i < images.length; i++) {
            requireSize(i, images[i].length, images[0].length);
        }
        return of(images.length, images.length == 0 ? 0 : images[0].length, (i, e) -> images[i][e] & 0xff);
    }

    /**
     * Doubles.
     *
     * @param images all of one length; shared, not copied
     * @throws IllegalArgumentException naming the first image of another length
     */
    static ImageBatch of(double[][] images) {
        for (int i = 0; i < images.length; i++) {
            requireSize(i, images[i].length, images[0].length);
        }
        return of(images.length, images.length == 0 ? 0 : images[0].length, (i, e) -> images[i][e]);
    }

    private static void requireSize(int image, int size, int wanted) {
        if (size != wanted) {
            throw new IllegalArgumentException("image " + image + ": has " + size + " elements, must have " + wanted
                    + " as image 0; give images of one shape");
        }
    }

    /** A part of these images, from one number to before another. */
    default ImageBatch slice(int from, int to) {
        if (from < 0 || to < from || to > count()) {
            throw new IllegalArgumentException(
                    "slice " + from + " to " + to + ": must lie within " + count() + " images");
        }
        return of(to - from, size(), (i, e) -> value(from + i, e));
    }

    private static ImageBatch of(int count, int size, Elements values) {
        return new ImageBatch() {
            @Override
            public int count() {
                return count;
            }

            @Override
            public int size() {
                return size;
            }

            @Override
            public double value(int image, int element) {
                return values.value(image, element);
            }
        };
    }

    /** Where the numbers come from. */
    @FunctionalInterface
    interface Elements {
        /** One element of one image. */
        double value(int image, int element);
    }
}
