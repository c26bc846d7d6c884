package org.veil4j.layers;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** Small networks and checks that the layer tests share. Everything is seeded with {@link #SEED}. */
public final class TestNetworks {
    public static final long SEED = 20260101;

    private TestNetworks() {}

    public static MultiLayerNetwork network(DataType type, InputType input, Layer... layers) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(type)
                .updater(new NoOp())
                .list();
        for (Layer layer : layers) {
            list.layer(layer);
        }
        MultiLayerConfiguration configuration = list.setInputType(input).build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    /** Normal values, so that no special point of a piecewise function is hit. */
    public static INDArray normal(DataType type, long... shape) {
        Random random = new Random(SEED);
        INDArray a = Nd4j.create(DataType.DOUBLE, shape);
        for (long i = 0; i < a.length(); i++) {
            a.putScalar(i, random.nextGaussian());
        }
        return a.castTo(type);
    }

    public static INDArray oneHot(DataType type, int n, int classes) {
        INDArray a = Nd4j.zeros(type, n, classes);
        for (int i = 0; i < n; i++) {
            a.putScalar(i, (i * 7) % classes, 1);
        }
        return a;
    }

    /** Deeplearning4j's own check of backward against finite differences, in double precision. */
    public static boolean gradientsAreRight(MultiLayerNetwork network, INDArray x, INDArray y) {
        DataType before = Nd4j.defaultFloatingPointType();
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE); // the check insists
        try {
            return GradientCheckUtil.checkGradients(new GradientCheckUtil.MLNConfig()
                    .net(network)
                    .epsilon(1e-6)
                    .maxRelError(1e-3)
                    .minAbsoluteError(1e-8)
                    .exitOnFirstError(false)
                    .input(x)
                    .labels(y));
        } finally {
            Nd4j.setDefaultDataTypes(before, before);
        }
    }

    public static MultiLayerNetwork savedAndLoaded(MultiLayerNetwork network) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ModelSerializer.writeModel(network, out, true);
        return ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(out.toByteArray()), true);
    }

    /** Largest absolute difference over largest absolute value of the second. */
    public static double relativeDifference(INDArray a, INDArray b) {
        double scale = Math.max(1e-30, b.castTo(DataType.DOUBLE).amaxNumber().doubleValue());
        return a.castTo(DataType.DOUBLE)
                        .sub(b.castTo(DataType.DOUBLE))
                        .amaxNumber()
                        .doubleValue()
                / scale;
    }
}
