package org.veil4j.experiments.data;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;

/** Labelled images in memory, one byte a channel and pixel. The arrays are shared, not copied: treat them as read-only. */
public final class Dataset {
    private final String name;
    private final InputShape shape;
    private final List<String> classNames;
    private final byte[][] images;
    private final int[] labels;

    /**
     * Creates a data set.
     *
     * @param name for reports, for example {@code fashion-mnist}
     * @param shape of every image
     * @param classNames one a class
     * @param images one array an image, channels first, row by row
     * @param labels class indices, one an image
     * @throws IllegalArgumentException when counts, an image's length or a label do not fit
     */
    public Dataset(String name, InputShape shape, List<String> classNames, byte[][] images, int[] labels) {
        if (images.length != labels.length) {
            throw new IllegalArgumentException(
                    name + " has " + images.length + " images and " + labels.length + " labels: counts must agree");
        }
        for (int i = 0; i < images.length; i++) {
            if (images[i].length != shape.elements()) {
                throw new IllegalArgumentException(name + " image " + i + " has " + images[i].length
                        + " bytes: must have " + shape.elements() + " for " + shape);
            }
            if (labels[i] < 0 || labels[i] >= classNames.size()) {
                throw new IllegalArgumentException(
                        name + " label " + i + " is " + labels[i] + ": must be in 0.." + (classNames.size() - 1));
            }
        }
        this.name = name;
        this.shape = shape;
        this.classNames = List.copyOf(classNames);
        this.images = images;
        this.labels = labels;
    }

    /**
     * Name for reports.
     *
     * @return for example {@code fashion-mnist}
     */
    public String name() {
        return name;
    }

    /**
     * Shape of every image.
     *
     * @return channels, height, width
     */
    public InputShape shape() {
        return shape;
    }

    /**
     * Names of the classes.
     *
     * @return one a class
     */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * The images.
     *
     * @return shared arrays, one an image, channels first, 0..255 as unsigned bytes
     */
    public byte[][] images() {
        return images;
    }

    /**
     * The labels.
     *
     * @return shared array of class indices
     */
    public int[] labels() {
        return labels;
    }

    /**
     * Number of images.
     *
     * @return 0 or more
     */
    public int size() {
        return labels.length;
    }

    /**
     * Part of this set.
     *
     * @param indices which images, in which order
     * @return a set that shares the images
     */
    public Dataset select(int[] indices) {
        byte[][] x = new byte[indices.length][];
        int[] y = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            x[i] = images[indices[i]];
            y[i] = labels[indices[i]];
        }
        return new Dataset(name, shape, classNames, x, y);
    }

    /**
     * The first images.
     *
     * @param count how many, at most the size
     * @return a set that shares the images
     * @throws IllegalArgumentException when there are fewer
     */
    public Dataset first(int count) {
        if (count < 0 || count > size()) {
            throw new IllegalArgumentException(
                    "count=" + count + ": " + name + " has " + size() + " images; ask for 0.." + size());
        }
        int[] indices = new int[count];
        for (int i = 0; i < count; i++) {
            indices[i] = i;
        }
        return select(indices);
    }

    /**
     * A mini-batch ready for the network.
     *
     * @param from first image
     * @param count how many
     * @param normalisation to apply to the pixels
     * @return float array of shape [count, channels, height, width]
     */
    public INDArray features(int from, int count, InputNormalisation normalisation) {
        float[] out = new float[count * shape.elements()];
        for (int i = 0; i < count; i++) {
            normalisation.apply(images[from + i], out, i * shape.elements());
        }
        return Nd4j.create(out, new long[] {count, shape.channels(), shape.height(), shape.width()}, 'c');
    }
}
