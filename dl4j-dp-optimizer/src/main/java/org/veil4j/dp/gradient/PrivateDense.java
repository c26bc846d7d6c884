package org.veil4j.dp.gradient;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's dense layer with per-example gradients: the stock layer as long as nothing is captured. In capture mode the summed
 * weight gradient is left out; the clipped sum replaces it. Layer normalisation inside the layer is refused.
 */
public class PrivateDense extends DenseLayer implements PerExampleGradient {
    private static final long serialVersionUID = 1L;

    private transient @Nullable DenseExampleGradients kernel;
    private boolean capturing;

    /**
     * Creates the layer as DL4J does; parameters are set afterwards.
     *
     * @param conf the layer's configuration
     * @param type the network's data type
     */
    public PrivateDense(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public void capturePerExample(boolean on) {
        if (on) {
            LayerRules.refuseNoise(this);
            if (hasLayerNorm()) {
                throw new IllegalArgumentException(
                        "hasLayerNorm=true of layer " + layerConf().getLayerName()
                                + ": is not supported with per-example gradients; set it to false");
            }
        }
        capturing = on;
        if (!on && kernel != null) {
            kernel.clear();
        }
    }

    @Override
    public void addSquaredNorms(double[] squaredNorms) {
        Checks.captured(kernel).addSquaredNorms(squaredNorms);
    }

    @Override
    public void addWeightedSum(double[] factors, double[] target, int offset) {
        Checks.captured(kernel).addWeightedSum(factors, target, offset);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        if (!capturing) {
            return super.backpropGradient(epsilon, workspaces);
        }
        assertInputSet(true);
        LayerRules.refuseMask(this, maskArray);
        INDArray z = preOutputWithPreNorm(true, true, workspaces).getFirst();
        INDArray delta = layerConf().getActivationFn().backprop(z, epsilon).getFirst();
        if (kernel == null) {
            kernel = new DenseExampleGradients(hasBias());
        }
        kernel.capture(input.castTo(dataType), delta);
        INDArray weights = Objects.requireNonNull(params.get(DefaultParamInitializer.WEIGHT_KEY));
        return new Pair<>(views(), DenseBackward.inputGradient(weights, delta, workspaces));
    }

    private Gradient views() {
        Gradient gradient = new DefaultGradient();
        if (hasBias()) {
            gradient.setGradientFor(DefaultParamInitializer.BIAS_KEY, view(DefaultParamInitializer.BIAS_KEY));
        }
        gradient.setGradientFor(DefaultParamInitializer.WEIGHT_KEY, view(DefaultParamInitializer.WEIGHT_KEY));
        return gradient;
    }

    private INDArray view(String key) {
        return Objects.requireNonNull(gradientViews.get(key));
    }
}
