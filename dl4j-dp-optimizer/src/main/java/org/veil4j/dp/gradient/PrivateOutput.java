package org.veil4j.dp.gradient;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.OutputLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's output layer with per-example gradients: the stock layer as long as nothing is captured. Any loss function and
 * activation whose gradient for one example depends on that example alone, as all stock loss functions' do.
 */
public class PrivateOutput extends OutputLayer implements PerExampleGradient {
    private static final long serialVersionUID = 1L;

    private transient @Nullable DenseExampleGradients kernel;
    private boolean capturing;

    /**
     * Creates the layer as DL4J does; parameters are set afterwards.
     *
     * @param conf the layer's configuration
     * @param type the network's data type
     */
    public PrivateOutput(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public void capturePerExample(boolean on) {
        if (on) {
            LayerRules.refuseNoise(this);
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
        INDArray z = preOutput2d(true, workspaces);
        INDArray labels2d = getLabels2d(workspaces, ArrayType.BP_WORKING_MEM);
        INDArray delta = workspaces.leverageTo(
                ArrayType.ACTIVATION_GRAD,
                layerConf().getLossFn().computeGradient(labels2d, z, layerConf().getActivationFn(), null));
        if (kernel == null) {
            kernel = new DenseExampleGradients(hasBias());
        }
        kernel.capture(input.castTo(dataType), delta);
        INDArray weights = Objects.requireNonNull(params.get(DefaultParamInitializer.WEIGHT_KEY));
        return new Pair<>(views(), DenseBackward.inputGradient(weights, delta, workspaces));
    }

    private Gradient views() {
        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(DefaultParamInitializer.WEIGHT_KEY, view(DefaultParamInitializer.WEIGHT_KEY));
        if (hasBias()) {
            gradient.setGradientFor(DefaultParamInitializer.BIAS_KEY, view(DefaultParamInitializer.BIAS_KEY));
        }
        return gradient;
    }

    private INDArray view(String key) {
        return Objects.requireNonNull(gradientViews.get(key));
    }
}
