package org.veil4j.he.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.he.mlr.clear.ClearMlr;
import org.veil4j.he.mlr.clear.FeatureCsv;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import org.veil4j.he.mlr.clear.StepSchedule;

class HeadInstallerTest {
    private static final int SEED = 81;

    @TempDir
    Path folder;

    private static NeuralNetConfiguration.Builder builder(DataType type) {
        return new NeuralNetConfiguration.Builder().seed(SEED).dataType(type);
    }

    /** A body that hands its input through. */
    private static ComputationGraph identity(int features, DataType type) {
        return init(new ComputationGraph(builder(type)
                .graphBuilder()
                .addInputs("in")
                .addLayer("same", new ActivationLayer(Activation.IDENTITY), "in")
                .setOutputs("same")
                .setInputTypes(InputType.feedForward(features))
                .build()));
    }

    private static ComputationGraph dense(int inputs, int features) {
        return init(new ComputationGraph(builder(DataType.FLOAT)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "dense",
                        new DenseLayer.Builder()
                                .nIn(inputs)
                                .nOut(features)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .setOutputs("dense")
                .build()));
    }

    private static ComputationGraph convolution() {
        return init(new ComputationGraph(builder(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
                .setOutputs("conv")
                .setInputTypes(InputType.convolutional(5, 6, 2))
                .build()));
    }

    private static ComputationGraph init(ComputationGraph graph) {
        graph.init();
        return graph;
    }

    private static LabelledFeatures labelled(INDArray features, int classes) {
        double[][] rows = new double[Math.toIntExact(features.size(0))][];
        int[] labels = new int[rows.length];
        for (int r = 0; r < rows.length; r++) {
            rows[r] = features.slice(r).dup('c').castTo(DataType.DOUBLE).data().asDouble();
            labels[r] = r % classes;
        }
        return LabelledFeatures.of(rows, labels, classes);
    }

    private static SoftmaxHead head(LabelledFeatures rows, Preparation preparation) {
        double step = 1.0 / rows.size();
        MlrSettings settings = new MlrSettings(MlrAlgorithm.SOFTMAX_NAG, 12, new StepSchedule(step, 0), null, 0.01, 0);
        return ClearMlr.train(rows, null, preparation, settings).head();
    }

    private static void assertSame(ComputationGraph network, INDArray input, SoftmaxHead head, LabelledFeatures rows) {
        INDArray output = network.outputSingle(input);
        int[] classes = output.argMax(1).toIntVector();
        for (int r = 0; r < rows.size(); r++) {
            assertThat(classes[r]).as("seed %d, row %d", SEED, r).isEqualTo(head.predict(rows.row(r)));
            double[] probabilities =
                    output.slice(r).dup().castTo(DataType.DOUBLE).data().asDouble();
            assertThat(probabilities).containsExactly(head.probabilities(rows.row(r)), within(2e-5));
        }
    }

    private static INDArray random(DataType type, long... shape) {
        Random random = new Random(SEED);
        double[] values = new double[Math.toIntExact(Nd4j.zeros(shape).length())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return Nd4j.create(values, shape, 'c').castTo(type);
    }

    @ParameterizedTest
    @EnumSource(Preparation.class)
    void install_anyPreparation_predictsWhatTheHeadPredicts(Preparation preparation) throws IOException {
        ComputationGraph body = dense(9, 7);
        INDArray before = body.params().dup();
        INDArray input = random(DataType.FLOAT, 60, 9);
        LabelledFeatures rows = labelled(body.outputSingle(input), 4);
        SoftmaxHead head = head(rows, preparation);
        ComputationGraph network = HeadInstaller.install(body, head, false);
        assertSame(network, input, head, rows);
        assertThat(body.params()).isEqualTo(before);
        assertThat(network.getLayer(HeadInstaller.OUTPUT).conf().getLayer()).isInstanceOf(OutputLayer.class);
        assertThat(network.getVertex("head-normalise") != null)
                .isEqualTo(head.preparation().normalisesRows());
        File file = folder.resolve("network.zip").toFile();
        ModelSerializer.writeModel(network, file, false);
        assertSame(ModelSerializer.restoreComputationGraph(file, false), input, head, rows);
    }

    @Test
    void install_maps_flattenedOrAveraged() {
        ComputationGraph body = convolution();
        INDArray input = random(DataType.DOUBLE, 40, 2, 5, 6);
        INDArray maps = body.outputSingle(input);
        LabelledFeatures flat = labelled(maps.dup('c').reshape(40, 4 * 3 * 4), 3);
        SoftmaxHead flatHead = head(flat, Preparation.STANDARDISE_ROW_NORMALISE);
        assertSame(HeadInstaller.install(body, flatHead, false), input, flatHead, flat);
        LabelledFeatures averaged = labelled(maps.mean(2, 3), 3);
        SoftmaxHead averagedHead = head(averaged, Preparation.STANDARDISE);
        ComputationGraph network = HeadInstaller.install(body, averagedHead, true);
        assertSame(network, input, averagedHead, averaged);
        assertThat(network.params().dataType()).isEqualTo(DataType.DOUBLE);
    }

    @Test
    void install_rowOfNormZero_staysZero() {
        LabelledFeatures rows = labelled(random(DataType.DOUBLE, 30, 5), 3);
        SoftmaxHead head = head(rows, Preparation.ROW_NORMALISE);
        ComputationGraph network = HeadInstaller.install(identity(5, DataType.DOUBLE), head, false);
        assertThat(network.getVertices()).anyMatch(v -> v.getVertexName().equals("head-normalise"));
        assertThat(network.getConfiguration().getVertices().get("head-normalise"))
                .isInstanceOf(L2NormalizeVertex.class);
        double[] have =
                network.outputSingle(Nd4j.zeros(DataType.DOUBLE, 1, 5)).data().asDouble();
        assertThat(have).containsExactly(head.probabilities(new double[5]), within(1e-12));
    }

    @Test
    void install_whatDoesNotFit_isRefused() {
        SoftmaxHead head = head(labelled(random(DataType.DOUBLE, 30, 5), 3), Preparation.CENTRE);
        assertThatThrownBy(() -> HeadInstaller.install(dense(9, 7), head, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gives 7 features, the head takes 5");
        ComputationGraph whole = HeadInstaller.install(dense(9, 5), head, false);
        assertThatThrownBy(() -> HeadInstaller.install(whole, head, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has a vertex head already");
    }

    @Test
    @Tag("slow")
    void install_regNetFeatures_predictsWhatTheHeadPredicts() throws IOException {
        String data = System.getenv("VEIL4J_DATA");
        Assumptions.assumeTrue(data != null, "set VEIL4J_DATA to the folder with the paper's features");
        LabelledFeatures rows =
                FeatureCsv.read(Path.of(data, "regnet-features", "REGNET_X_400MF_MNIST_TRAININGfirst512.csv"), 10);
        double[][] values = new double[rows.size()][];
        for (int r = 0; r < values.length; r++) {
            values[r] = rows.row(r);
        }
        INDArray input = Nd4j.create(values).castTo(DataType.FLOAT);
        for (Preparation preparation :
                new Preparation[] {Preparation.STANDARDISE_ROW_NORMALISE, Preparation.CENTRE, Preparation.NONE}) {
            SoftmaxHead head = ClearMlr.train(rows.slice(0, 128), null, preparation, MlrSettings.recommended(2))
                    .head()
                    .rounded(10);
            ComputationGraph network = HeadInstaller.install(identity(400, DataType.FLOAT), head, false);
            int[] classes = network.outputSingle(input).argMax(1).toIntVector();
            for (int r = 0; r < rows.size(); r++) {
                assertThat(classes[r]).as("%s, row %d", preparation, r).isEqualTo(head.predict(rows.row(r)));
            }
        }
    }
}
