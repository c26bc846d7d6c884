package org.veil4j.zoo;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.object.message.DataLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The weights of convolutions in an HDF5 file that Keras 2 wrote ({@code model.save_weights}, TensorFlow order): a group a
 * layer, whose attribute {@code weight_names} lists the paths of kernel and bias inside the group. Only what is asked for is
 * read, and sizes are compared with what is expected before any data is. Not thread-safe.
 */
final class KerasWeights implements AutoCloseable {
    private static final String NAMES = "weight_names";

    private final Path path;
    private final HdfFile file;

    private KerasWeights(Path path, HdfFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Parameters of one convolution.
     *
     * @param kernel in the order output channel, input channel, row, column (Deeplearning4j's), the last index fastest
     * @param bias one an output channel
     */
    record Convolution(float[] kernel, float[] bias) {}

    /**
     * Opens a file.
     *
     * @throws IOException if it does not exist or is no HDF5 file
     */
    static KerasWeights open(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new NoSuchFileException(path.toString());
        }
        try {
            return new KerasWeights(path, new HdfFile(path));
        } catch (RuntimeException e) {
            throw new IOException(
                    "weights=" + path + ": not a readable HDF5 file (" + e.getMessage() + "); fetch it again", e);
        }
    }

    /**
     * Reads one convolution.
     *
     * @param layer Keras' name of the layer, such as {@code fire2/squeeze1x1}
     * @param size height and width of the kernel that the layer must have
     * @param in input channels that it must have
     * @param out output channels that it must have
     * @throws IOException if the file lacks the layer, or its shapes differ, or a weight is not finite
     */
    Convolution convolution(String layer, int size, int in, int out) throws IOException {
        try {
            String[] names = names(layer);
            float[] hwio = read(layer + "/" + names[0], size, size, in, out);
            return new Convolution(outputFirst(hwio, size * size, in, out), read(layer + "/" + names[1], out));
        } catch (RuntimeException e) { // what the library throws for damaged files is not one type
            throw new IOException(
                    "weights=" + path + ": layer " + layer + " cannot be read (" + e.getMessage() + "); fetch it again",
                    e);
        }
    }

    private String[] names(String layer) throws IOException {
        Node group = file;
        for (String step : layer.split("/", -1)) {
            group = group instanceof Group g ? g.getChild(step) : null;
        }
        Attribute names = group == null ? null : group.getAttribute(NAMES);
        if (names == null || !(names.getData() instanceof String[] text) || text.length != 2) {
            throw new IOException("weights=" + path + ": has no layer " + layer
                    + " with kernel and bias; give weights of this network that Keras 2 wrote");
        }
        return text;
    }

    private float[] read(String name, int... shape) throws IOException {
        Dataset data = file.getDatasetByPath("/" + name);
        if (!Arrays.equals(data.getDimensions(), shape) || data.getJavaType() != float.class) {
            throw new IOException("weights=" + path + ": " + name + " is "
                    + data.getJavaType().getSimpleName() + Arrays.toString(data.getDimensions()) + ", must be float"
                    + Arrays.toString(shape) + "; give weights of this network in TensorFlow's order");
        }
        if (data.getDataLayout() == DataLayout.CHUNKED) { // the codecs that jHDF knows are not on the class path
            throw new IOException(
                    "weights=" + path + ": " + name
                            + " is compressed or in chunks, must be stored whole as Keras does; convert it by h5repack -l CONTI");
        }
        float[] values = (float[]) data.getDataFlat();
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new IOException("weights=" + path + ": " + name + " holds " + value
                        + ", weights must be finite; fetch it again");
            }
        }
        return values;
    }

    /** From (row, column, input, output) to (output, input, row, column). */
    private static float[] outputFirst(float[] hwio, int window, int in, int out) {
        float[] oihw = new float[hwio.length];
        for (int w = 0; w < window; w++) {
            for (int i = 0; i < in; i++) {
                for (int o = 0; o < out; o++) {
                    oihw[(o * in + i) * window + w] = hwio[(w * in + i) * out + o];
                }
            }
        }
        return oihw;
    }

    @Override
    public void close() {
        file.close();
    }
}
