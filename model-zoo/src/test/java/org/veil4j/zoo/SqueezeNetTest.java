package org.veil4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SqueezeNetTest {
    private static final int SEED = 20;

    @TempDir
    Path folder;

    @Test
    void configuration_standardInput_hasThePublishedSizes() {
        ComputationGraph network = new ComputationGraph(SqueezeNet.configuration(SEED));
        network.init();
        assertThat(network.numParams()).isEqualTo(SqueezeNet.PARAMETERS).isEqualTo(722_496);
        Map<String, INDArray> a = network.feedForward(Nd4j.zeros(1, 3, 224, 224), false);
        assertThat(of(a, "conv1").shape()).containsExactly(1, 64, 111, 111);
        assertThat(of(a, "pool1").shape()).containsExactly(1, 64, 55, 55);
        assertThat(of(a, "fire2/concat").shape()).containsExactly(1, 128, 55, 55);
        assertThat(of(a, "pool3").shape()).containsExactly(1, 128, 27, 27);
        assertThat(of(a, "pool5").shape()).containsExactly(1, 256, 13, 13);
        assertThat(of(a, "fire9/concat").shape()).containsExactly(1, 512, 13, 13);
        assertThat(of(a, SqueezeNet.FEATURES_LAYER).shape()).containsExactly(1, SqueezeNet.FEATURES);
    }

    @Test
    void configuration_json_roundTrips() {
        ComputationGraphConfiguration configuration = SqueezeNet.configuration(SEED);
        assertThat(ComputationGraphConfiguration.fromJson(configuration.toJson()))
                .isEqualTo(configuration);
    }

    @Test
    void configuration_leastSize_fillsTheLastWindowAndOneLessDoesNot() {
        ComputationGraph network = new ComputationGraph(SqueezeNet.configuration(SEED));
        network.init();
        int least = SqueezeNet.MIN_SIZE;
        // The last pooling needs three rows; with fewer DL4J makes up a window instead of failing.
        assertThat(of(network.feedForward(Nd4j.zeros(1, 3, least, least), false), "fire5/concat")
                        .size(2))
                .isEqualTo(3);
        assertThat(of(network.feedForward(Nd4j.zeros(1, 3, least - 1, least - 1), false), "fire5/concat")
                        .size(2))
                .isEqualTo(2);
    }

    @Test
    void load_randomWeights_everyLayerEqualsPlainLoops() throws IOException {
        PlainSqueezeNet plain = PlainSqueezeNet.random(SEED);
        Path file = folder.resolve("weights.h5");
        plain.write(file);
        // Neither size is odd at every stage, and they differ: swapped or miscounted borders show.
        compare(SqueezeNet.load(file), plain, random(62, 75));
    }

    @Test
    @Tag("slow")
    void load_trainedWeights_everyLayerEqualsPlainLoopsOnADigit() throws IOException {
        String data = System.getenv("VEIL4J_DATA");
        Path file = Path.of(data == null ? "" : data, "squeezenet", "squeezenet_v1.1_notop.h5");
        Assumptions.assumeTrue(
                data != null && Files.isRegularFile(file), "needs the weights: squeezenet in the folder VEIL4J_DATA");
        double[] features = compare(SqueezeNet.load(file), PlainSqueezeNet.read(file), digit(Path.of(data)));
        // What another program (NumPy in double precision, h5py) makes of the same file and the same pixels.
        assertThat(Arrays.copyOf(features, 12))
                .containsExactly(
                        new double[] {0, 0, 6.259522, 0, 0.617158, 0, 0, 0, 0, 0.141033, 11.224913, 7.242643},
                        within(1e-5));
        assertThat(Arrays.stream(features).sum()).isCloseTo(520.408836, within(1e-4));
    }

    /** Compares all activations of one image [row][column][channel]; returns the plain features. */
    private static double[] compare(ComputationGraph network, PlainSqueezeNet plain, double[][][] image) {
        double[] expected = plain.run(image);
        Map<String, INDArray> actual = network.feedForward(channelsFirst(image), false);
        assertThat(plain.activations).hasSize(1 + 3 + 8 * 4);
        plain.activations.forEach((layer, maps) -> {
            INDArray found = of(actual, layer);
            assertThat(found.shape()).as(layer).containsExactly(1, maps[0][0].length, maps.length, maps[0].length);
            double[] values = found.dup('c').data().asDouble();
            double largest = 0;
            double error = 0;
            int at = 0;
            for (int c = 0; c < maps[0][0].length; c++) {
                for (double[][] row : maps) {
                    for (double[] pixel : row) {
                        largest = Math.max(largest, pixel[c]);
                        error = Math.max(error, Math.abs(pixel[c] - values[at++]));
                    }
                }
            }
            assertThat(largest).as(layer).isPositive();
            assertThat(error / largest).as("%s, seed %d", layer, SEED).isLessThan(1e-5);
        });
        double[] features = of(actual, SqueezeNet.FEATURES_LAYER).data().asDouble();
        double largest = Arrays.stream(expected).max().orElseThrow();
        assertThat(features).containsExactly(expected, within(1e-5 * largest));
        return expected;
    }

    private static INDArray of(Map<String, INDArray> activations, String layer) {
        return Objects.requireNonNull(activations.get(layer), layer);
    }

    private static INDArray channelsFirst(double[][][] image) {
        INDArray x = Nd4j.create(1, 3, image.length, image[0].length);
        for (int c = 0; c < 3; c++) {
            for (int r = 0; r < image.length; r++) {
                for (int k = 0; k < image[0].length; k++) {
                    x.putScalar(new int[] {0, c, r, k}, image[r][k][c]);
                }
            }
        }
        return x;
    }

    private static double[][][] random(int rows, int columns) {
        Random random = new Random(SEED);
        double[][][] image = new double[rows][columns][3];
        for (double[][] row : image) {
            for (double[] pixel : row) {
                for (int c = 0; c < 3; c++) {
                    pixel[c] = (float) (100 * random.nextGaussian());
                }
            }
        }
        return image;
    }

    /** The first training image of MNIST, each pixel repeated 8 times in both directions, normalised. */
    private static double[][][] digit(Path data) throws IOException {
        byte[] pixels;
        try (InputStream in =
                new GZIPInputStream(Files.newInputStream(data.resolve("mnist/train-images-idx3-ubyte.gz")))) {
            in.skipNBytes(16);
            pixels = in.readNBytes(28 * 28);
        }
        double[] mean = SqueezeNet.normalisation().mean();
        double[][][] image = new double[224][224][3];
        for (int r = 0; r < 224; r++) {
            for (int c = 0; c < 224; c++) {
                for (int channel = 0; channel < 3; channel++) {
                    image[r][c][channel] = (float) ((pixels[r / 8 * 28 + c / 8] & 255) - mean[channel]);
                }
            }
        }
        return image;
    }
}
