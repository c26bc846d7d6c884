package org.veil4j.he.dl4j;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.he.mlr.clear.FeaturePreparation;
import org.veil4j.he.mlr.clear.SoftmaxHead;

/**
 * Puts a trained head on the body that its features came from, as a softmax {@link OutputLayer}. Where preparation is affine it is
 * multiplied into the layer's weights. Where rows are normalised, which is not, two stock vertices go before it: an element-wise
 * layer that shifts and scales, and one that divides by the norm. All layers are Deeplearning4j's own.
 */
public final class HeadInstaller {
    /** Name of the output layer. */
    public static final String OUTPUT = "head";

    private static final String MAPS = "head-maps";
    private static final String PREPARE = "head-prepare";
    private static final String NORMALISE = "head-normalise";

    private HeadInstaller() {}

    /**
     * A network that predicts what the head predicts for the body's output.
     *
     * @param body a network with one output, the features; not changed
     * @param head whose features are that output
     * @param averageMaps whether features are the means of the output's maps; otherwise they are its values, in the order channel,
     *     row, column
     * @return a new network, of the body's data type, with a copy of its parameters
     * @throws IllegalArgumentException if the body has several outputs, an output layer of its own, vertices of the names used
     *     here, or another number of features
     */
    public static ComputationGraph install(ComputationGraph body, SoftmaxHead head, boolean averageMaps) {
        ComputationGraphConfiguration conf = body.getConfiguration();
        List<String> outputs = conf.getNetworkOutputs();
        if (outputs.size() != 1) {
            throw new IllegalArgumentException(
                    "network: has the outputs " + outputs + ", must have one, the features; cut it at a layer");
        }
        for (String name : List.of(OUTPUT, MAPS, PREPARE, NORMALISE)) {
            if (conf.getVertices().containsKey(name)) {
                throw new IllegalArgumentException(
                        "network: has a vertex " + name + " already; cut it before the head that it has");
            }
        }
        String last = outputs.get(0);
        int width = width(conf.getVertices().get(last));
        if (width > 0 && width != head.features()) {
            throw new IllegalArgumentException("layer=" + last + ": gives " + width + " features, the head takes "
                    + head.features() + "; cut the network where the features came from");
        }
        // Not by TransferLearning, which makes every graph one of floats.
        ComputationGraphConfiguration.GraphBuilder builder = new ComputationGraphConfiguration.GraphBuilder(
                conf,
                new NeuralNetConfiguration.Builder()
                        .seed(conf.getDefaultConfiguration().getSeed())
                        .dataType(conf.getDataType()));
        if (averageMaps) {
            builder.addLayer(MAPS, new GlobalPoolingLayer(PoolingType.AVG), last);
            last = MAPS;
        } else if (width <= 0) {
            builder.addVertex(MAPS, new ReshapeVertex(-1, head.features()), last);
            last = MAPS;
        }
        FeaturePreparation preparation = head.preparation();
        if (preparation.normalisesRows()) {
            builder.addLayer(PREPARE, elementWise(head.features()), last);
            builder.addVertex(NORMALISE, new L2NormalizeVertex(), PREPARE);
            last = NORMALISE;
        }
        ComputationGraph network = new ComputationGraph(
                builder.addLayer(OUTPUT, output(head), last).setOutputs(OUTPUT).build());
        network.init();
        Map<String, INDArray> parameters = network.paramTable();
        body.paramTable()
                .forEach((name, value) ->
                        Objects.requireNonNull(parameters.get(name), name).assign(value));
        if (preparation.normalisesRows()) {
            setShiftAndFactor(network, preparation);
            setWeights(network, head, new double[head.features()], ones(head.features()));
        } else {
            setWeights(network, head, preparation.shift(), preparation.factor());
        }
        return network;
    }

    /** Features that a dense layer gives; 0 for anything that may give maps, whose size depends on the input. */
    private static int width(@Nullable GraphVertex vertex) {
        return vertex instanceof LayerVertex layer && layer.getLayerConf().getLayer() instanceof DenseLayer dense
                ? Math.toIntExact(dense.getNOut())
                : 0;
    }

    private static ElementWiseMultiplicationLayer elementWise(int features) {
        return new ElementWiseMultiplicationLayer.Builder()
                .nIn(features)
                .nOut(features)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static OutputLayer output(SoftmaxHead head) {
        return new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nIn(head.features())
                .nOut(head.classes())
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static double[] ones(int length) {
        double[] ones = new double[length];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** (x - shift) * factor as x * factor + (-shift * factor). */
    private static void setShiftAndFactor(ComputationGraph network, FeaturePreparation preparation) {
        double[] factor = preparation.factor();
        double[] bias = preparation.shift();
        for (int k = 0; k < bias.length; k++) {
            bias[k] *= -factor[k];
        }
        set(network, PREPARE, DefaultParamInitializer.WEIGHT_KEY, factor);
        set(network, PREPARE, DefaultParamInitializer.BIAS_KEY, bias);
    }

    /** w * (x - shift) * factor + b as (w * factor) * x + (b - w * factor * shift). */
    private static void setWeights(ComputationGraph network, SoftmaxHead head, double[] shift, double[] factor) {
        double[][] weights = head.weights();
        double[] w = new double[head.features() * head.classes()];
        double[] b = new double[head.classes()];
        for (int c = 0; c < b.length; c++) {
            b[c] = weights[c][0];
            for (int k = 0; k < factor.length; k++) {
                double product = weights[c][k + 1] * factor[k];
                w[k * b.length + c] = product;
                b[c] -= product * shift[k];
            }
        }
        set(network, OUTPUT, DefaultParamInitializer.WEIGHT_KEY, w);
        set(network, OUTPUT, DefaultParamInitializer.BIAS_KEY, b);
    }

    /** Values in row order. */
    private static void set(ComputationGraph network, String layer, String key, double[] values) {
        INDArray parameter = network.getLayer(layer).getParam(key);
        try (INDArray doubles = Nd4j.createFromArray(values);
                INDArray typed = doubles.castTo(parameter.dataType())) {
            parameter.assign(typed.reshape('c', parameter.shape()));
        }
    }
}
