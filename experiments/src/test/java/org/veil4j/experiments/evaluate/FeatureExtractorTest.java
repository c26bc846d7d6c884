package org.veil4j.experiments.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;

class FeatureExtractorTest {
    private static final int SEED = 6;
    private static final InputShape SHAPE = new InputShape(1, 6, 5);
    private static final InputNormalisation NORMALISATION =
            new InputNormalisation(new double[] {100}, new double[] {50});

    private static Dataset images(int count) {
        Random random = new Random(SEED);
        byte[][] images = new byte[count][SHAPE.elements()];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            random.nextBytes(images[i]);
            labels[i] = i % 3;
        }
        return new Dataset("random", SHAPE, List.of("a", "b", "c"), images, labels);
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static MultiLayerNetwork stack(DataType type) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(type)
                .activation(Activation.TANH)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).name("conv").nOut(4).build())
                .layer(new BatchNormalization.Builder().name("norm").build())
                .layer(new DenseLayer.Builder()
                        .name("dense")
                        .nOut(7)
                        .dropOut(0.5)
                        .build())
                .layer(output())
                .setInputType(InputType.convolutional(6, 5, 1))
                .build());
        network.init();
        // Statistics that are not the initial ones, so that a copy that forgets them shows.
        network.getParam("1_mean").assign(0.1);
        network.getParam("1_log10stdev").assign(-0.3);
        return network;
    }

    /** Two branches that meet: the first has a layer that the second's input is still needed after. */
    private static ComputationGraph branches() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 5, 1))
                .addLayer("stem", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
                .addLayer("left", new ConvolutionLayer.Builder(1, 1).nOut(2).build(), "stem")
                .addLayer("right", new ConvolutionLayer.Builder(1, 1).nOut(3).build(), "stem")
                .addVertex("merge", new MergeVertex(), "left", "right")
                .addLayer("dense", new DenseLayer.Builder().nOut(7).build(), "merge")
                .addLayer("out", output(), "dense")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static List<float[]> extract(NetworkBody body, Dataset images, int batch, boolean averaged)
            throws IOException {
        List<float[]> rows = new ArrayList<>();
        List<Integer> done = new ArrayList<>();
        new FeatureExtractor(body, SHAPE, NORMALISATION, false, averaged)
                .extract(
                        images,
                        batch,
                        (label, features) -> {
                            assertThat(label).isEqualTo(images.labels()[rows.size()]);
                            rows.add(features);
                        },
                        done::add);
        assertThat(done).isSorted().endsWith(images.size());
        return rows;
    }

    private static void compare(List<float[]> rows, INDArray expected, String what) {
        int length = (int) (expected.length() / rows.size());
        double[] values = expected.dup('c').data().asDouble();
        for (int i = 0; i < rows.size(); i++) {
            assertThat(rows.get(i)).as(what).hasSize(length);
            for (int f = 0; f < length; f++) {
                assertThat((double) rows.get(i)[f])
                        .as("%s image %d feature %d seed %d", what, i, f, SEED)
                        .isCloseTo(values[i * length + f], within(1e-5));
            }
        }
    }

    @Test
    void extract_everyLayerOfAStack_equalsItsActivations() throws IOException {
        Dataset images = images(11);
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            MultiLayerNetwork network = stack(type);
            List<INDArray> activations =
                    network.feedForward(images.features(0, 11, NORMALISATION).castTo(type), false);
            String[] names = {"conv", "norm", "dense"};
            for (int l = 0; l < names.length; l++) {
                NetworkBody body = NetworkBody.cut(network, names[l]);
                assertThat(body.layer()).isEqualTo(names[l]);
                compare(extract(body, images, 4, false), activations.get(l + 1), names[l] + " " + type);
            }
        }
    }

    @Test
    void extract_everyVertexOfAGraph_equalsItsActivations() throws IOException {
        Dataset images = images(5);
        ComputationGraph network = branches();
        Map<String, INDArray> activations = network.feedForward(images.features(0, 5, NORMALISATION), false);
        for (String name : List.of("stem", "left", "right", "merge", "dense", "out")) {
            List<float[]> rows = extract(NetworkBody.cut(network, name), images, 5, false);
            compare(rows, Objects.requireNonNull(activations.get(name)), name);
        }
    }

    @Test
    void extract_averagedMaps_areTheirMeans() throws IOException {
        Dataset images = images(3);
        ComputationGraph network = branches();
        INDArray maps = Objects.requireNonNull(
                network.feedForward(images.features(0, 3, NORMALISATION), false).get("merge"));
        compare(extract(NetworkBody.cut(network, "merge"), images, 2, true), maps.mean(2, 3), "mean");
    }

    @Test
    void extract_networkOfRows_getsFlatImages() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .list()
                .layer(new DenseLayer.Builder().name("dense").nIn(30).nOut(7).build())
                .layer(output())
                .setInputType(InputType.feedForward(30))
                .build());
        network.init();
        Dataset images = images(4);
        INDArray rows = images.features(0, 4, NORMALISATION).reshape(4, 30);
        compare(
                extract(NetworkBody.cut(network, null), images, 3, false),
                network.feedForward(rows, false).get(1),
                "dense");
    }

    @Test
    void cut_noLayerNamed_takesTheOneBeforeTheOutput() {
        assertThat(NetworkBody.cut(stack(DataType.FLOAT), null).layer()).isEqualTo("dense");
        assertThat(NetworkBody.cut(branches(), null).layer()).isEqualTo("dense");
        ComputationGraph headless = NetworkBody.cut(branches(), "merge").graph();
        assertThat(NetworkBody.cut(headless, null).layer()).isEqualTo("merge");
    }

    @Test
    void cut_part_holdsItsOwnParametersOnly() {
        ComputationGraph network = branches();
        ComputationGraph body = NetworkBody.cut(network, "left").graph();
        assertThat(body.numParams()).isEqualTo(4 * 9 + 4 + 4 * 2 + 2);
        network.params().assign(0);
        assertThat(body.params().norm2Number().doubleValue()).isPositive();
    }

    @Test
    void cut_unknownLayer_isRefusedWithTheNames() {
        assertThatThrownBy(() -> NetworkBody.cut(branches(), "nose"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("layer=nose")
                .hasMessageContaining("merge");
        assertThatThrownBy(() -> NetworkBody.cut(stack(DataType.FLOAT), "nose"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[conv, norm, dense");
    }

    @Test
    void cut_nothingBeforeTheOutput_isRefused() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(output())
                .setInputType(InputType.feedForward(30))
                .build());
        network.init();
        assertThatThrownBy(() -> NetworkBody.cut(network, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing before its output layer");
    }

    @Test
    void extract_badBatchOrShape_isRefused() {
        NetworkBody body = NetworkBody.cut(stack(DataType.FLOAT), null);
        Dataset images = images(2);
        assertThatThrownBy(() -> extract(body, images, 0, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batch=0");
        FeatureExtractor larger = new FeatureExtractor(body, new InputShape(1, 9, 9), NORMALISATION, false, false);
        assertThatThrownBy(() -> larger.extract(images, 2, (label, features) -> {}, done -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shape=1x9x9")
                .hasMessageContaining("--shape");
    }
}
