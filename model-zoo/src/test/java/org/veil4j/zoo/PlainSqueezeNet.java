package org.veil4j.zoo;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * SqueezeNet v1.1 by its definition: plain loops in double over (row, column, channel), weights in Keras' order. Shares nothing
 * with the network under test but the names of the layers.
 */
final class PlainSqueezeNet {
    /** Keras' kernel [row][column][input][output] and bias of each layer. */
    private final Map<String, float[][][][]> kernels = new LinkedHashMap<>();

    private final Map<String, float[]> biases = new LinkedHashMap<>();

    /** Activations of the last run, by layer, [row][column][channel]. */
    final Map<String, double[][][]> activations = new LinkedHashMap<>();

    private PlainSqueezeNet() {}

    /** With random weights that keep activations of order one. */
    static PlainSqueezeNet random(long seed) {
        PlainSqueezeNet net = new PlainSqueezeNet();
        Random random = new Random(seed);
        net.fill(random, "conv1", 3, 3, 64);
        int[][] fires = {
            {64, 16, 64},
            {128, 16, 64},
            {128, 32, 128},
            {256, 32, 128},
            {256, 48, 192},
            {384, 48, 192},
            {384, 64, 256},
            {512, 64, 256}
        };
        for (int f = 0; f < fires.length; f++) {
            String name = "fire" + (f + 2);
            net.fill(random, name + "/squeeze1x1", 1, fires[f][0], fires[f][1]);
            net.fill(random, name + "/expand1x1", 1, fires[f][1], fires[f][2]);
            net.fill(random, name + "/expand3x3", 3, fires[f][1], fires[f][2]);
        }
        return net;
    }

    private void fill(Random random, String layer, int size, int in, int out) {
        float[][][][] kernel = new float[size][size][in][out];
        double deviation = Math.sqrt(2.0 / (size * size * in)) / (layer.equals("conv1") ? 60 : 1);
        for (float[][][] row : kernel) {
            for (float[][] column : row) {
                for (float[] weights : column) {
                    for (int o = 0; o < out; o++) {
                        weights[o] = (float) (deviation * random.nextGaussian());
                    }
                }
            }
        }
        float[] bias = new float[out];
        for (int o = 0; o < out; o++) {
            bias[o] = (float) (0.2 * random.nextGaussian());
        }
        kernels.put(layer, kernel);
        biases.put(layer, bias);
    }

    /** With the weights of a Keras file. */
    static PlainSqueezeNet read(Path file) {
        PlainSqueezeNet net = random(0);
        try (HdfFile hdf = new HdfFile(file)) {
            for (String layer : List.copyOf(net.kernels.keySet())) {
                String[] names = (String[])
                        hdf.getByPath(layer).getAttribute("weight_names").getData();
                String path = "/" + layer + "/";
                net.kernels.put(layer, (float[][][][])
                        hdf.getDatasetByPath(path + names[0]).getData());
                net.biases.put(
                        layer, (float[]) hdf.getDatasetByPath(path + names[1]).getData());
            }
        }
        return net;
    }

    private static <T> T of(Map<String, T> weights, String layer) {
        return Objects.requireNonNull(weights.get(layer), layer);
    }

    /** Replaces the kernel of a layer. */
    PlainSqueezeNet with(String layer, float[][][][] kernel) {
        kernels.put(layer, kernel);
        return this;
    }

    /** A copy of the kernel of a layer. */
    float[][][][] kernel(String layer) {
        float[][][][] source = of(kernels, layer);
        float[][][][] copy = new float[source.length][source[0].length][source[0][0].length][];
        for (int y = 0; y < source.length; y++) {
            for (int x = 0; x < source[0].length; x++) {
                for (int i = 0; i < source[0][0].length; i++) {
                    copy[y][x][i] = source[y][x][i].clone();
                }
            }
        }
        return copy;
    }

    /** Writes the weights as Keras does, without the layers named. */
    void write(Path file, String... without) {
        try (WritableHdfFile hdf = HdfFile.write(file)) {
            Map<String, WritableGroup> groups = new LinkedHashMap<>();
            for (String layer : kernels.keySet()) {
                if (List.of(without).contains(layer)) {
                    continue;
                }
                WritableGroup group = group(hdf, groups, layer);
                group.putAttribute("weight_names", new String[] {layer + "_1/kernel:0", layer + "_1/bias:0"});
                WritableGroup inner = group(hdf, groups, layer + "/" + layer + "_1");
                inner.putDataset("kernel:0", of(kernels, layer));
                inner.putDataset("bias:0", of(biases, layer));
            }
        }
    }

    private static WritableGroup group(WritableHdfFile hdf, Map<String, WritableGroup> groups, String path) {
        WritableGroup known = groups.get(path);
        if (known != null) {
            return known;
        }
        int slash = path.lastIndexOf('/');
        WritableGroup made = slash < 0
                ? hdf.putGroup(path)
                : group(hdf, groups, path.substring(0, slash)).putGroup(path.substring(slash + 1));
        groups.put(path, made);
        return made;
    }

    /** Runs an image [row][column][channel] and returns the 512 features. */
    double[] run(double[][][] image) {
        double[][][] x = pool("pool1", convolve("conv1", image, 2, false));
        for (int number = 2; number <= 9; number++) {
            x = fire("fire" + number, x);
            if (number == 3 || number == 5) {
                x = pool("pool" + number, x);
            }
        }
        double[] features = new double[x[0][0].length];
        for (double[][] row : x) {
            for (double[] pixel : row) {
                for (int c = 0; c < features.length; c++) {
                    features[c] += pixel[c] / (x.length * x[0].length);
                }
            }
        }
        return features;
    }

    private double[][][] fire(String name, double[][][] x) {
        double[][][] squeezed = convolve(name + "/squeeze1x1", x, 1, false);
        double[][][] left = convolve(name + "/expand1x1", squeezed, 1, false);
        double[][][] right = convolve(name + "/expand3x3", squeezed, 1, true);
        int maps = left[0][0].length;
        double[][][] out = new double[x.length][x[0].length][2 * maps];
        for (int r = 0; r < x.length; r++) {
            for (int c = 0; c < x[0].length; c++) {
                System.arraycopy(left[r][c], 0, out[r][c], 0, maps);
                System.arraycopy(right[r][c], 0, out[r][c], maps, maps);
            }
        }
        activations.put(name + "/concat", out);
        return out;
    }

    private double[][][] convolve(String layer, double[][][] x, int stride, boolean padded) {
        float[][][][] kernel = of(kernels, layer);
        float[] bias = of(biases, layer);
        int size = kernel.length;
        int border = padded ? size / 2 : 0;
        int rows = (x.length + 2 * border - size) / stride + 1;
        int columns = (x[0].length + 2 * border - size) / stride + 1;
        double[][][] out = new double[rows][columns][bias.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                double[] sum = out[r][c];
                for (int ky = 0; ky < size; ky++) {
                    for (int kx = 0; kx < size; kx++) {
                        int y = r * stride + ky - border;
                        int z = c * stride + kx - border;
                        if (y >= 0 && y < x.length && z >= 0 && z < x[0].length) {
                            add(sum, x[y][z], kernel[ky][kx]);
                        }
                    }
                }
                for (int o = 0; o < sum.length; o++) {
                    sum[o] = Math.max(0, sum[o] + bias[o]);
                }
            }
        }
        activations.put(layer, out);
        return out;
    }

    private static void add(double[] sum, double[] pixel, float[][] weights) {
        for (int i = 0; i < pixel.length; i++) {
            for (int o = 0; o < sum.length; o++) {
                sum[o] += pixel[i] * weights[i][o];
            }
        }
    }

    private double[][][] pool(String name, double[][][] x) {
        int rows = (x.length - 3) / 2 + 1;
        int columns = (x[0].length - 3) / 2 + 1;
        double[][][] out = new double[rows][columns][x[0][0].length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                for (int m = 0; m < out[r][c].length; m++) {
                    double most = Double.NEGATIVE_INFINITY;
                    for (int k = 0; k < 9; k++) {
                        most = Math.max(most, x[2 * r + k / 3][2 * c + k % 3][m]);
                    }
                    out[r][c][m] = most;
                }
            }
        }
        activations.put(name, out);
        return out;
    }
}
