package org.veil4j.dp.gradient;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's 2-D convolution with per-example gradients: the stock layer as long as nothing is captured. In capture mode the
 * backward pass computes the input gradient and each example's weight gradient in one go, leaves out the summed weight gradient
 * (which the clipped sum replaces), and with the identity as activation also the forward convolution that the stock layer
 * repeats.
 *
 * <p>Channels first, any kernel, stride, padding and dilation, modes Same, Truncate and Strict, float and double.
 */
public class PrivateConvolution extends ConvolutionLayer implements PerExampleGradient {
    private static final long serialVersionUID = 1L;

    private transient @Nullable ConvolutionExampleGradients kernel;
    private boolean capturing;
    private boolean inputGradientUnused;

    /**
     * Creates the layer as DL4J does; parameters are set afterwards.
     *
     * @param conf the layer's configuration
     * @param type the network's data type
     */
    public PrivateConvolution(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public void capturePerExample(boolean on) {
        if (on) {
            LayerRules.refuseNoise(this);
            ConvolutionGeometry.check(layerConf());
        }
        capturing = on;
        if (!on && kernel != null) {
            kernel.clear();
        }
    }

    @Override
    public void inputGradientUnused(boolean unused) {
        inputGradientUnused = unused;
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
        INDArray x = input.castTo(dataType);
        INDArray eps = epsilon.castTo(dataType);
        ConvolutionGeometry geometry = ConvolutionGeometry.of(layerConf(), x);
        IActivation activation = layerConf().getActivationFn();
        INDArray delta = eps;
        if (!(activation instanceof ActivationIdentity)) {
            INDArray z = preOutput4d(true, true, workspaces).getFirst();
            delta = activation.backprop(z, eps).getFirst();
        }
        if (kernel == null) {
            kernel = createKernel();
        }
        kernel.capture(geometry, x, delta);
        return new Pair<>(views(), inputGradient(geometry, x, eps, delta, workspaces));
    }

    /**
     * The weights that this pass convolves with: the parameter itself, unless a subclass computes them from it.
     *
     * @param workspaces of the pass
     * @return {@code [out, in, kernelH, kernelW]}
     */
    protected INDArray weights(LayerWorkspaceMgr workspaces) {
        return getParamWithNoise(ConvolutionParamInitializer.WEIGHT_KEY, true, workspaces);
    }

    /**
     * Makes the kernel that captures; called once.
     *
     * @return a new kernel that chooses its strategy by cost, unless a subclass needs a certain one
     */
    protected ConvolutionExampleGradients createKernel() {
        return new ConvolutionExampleGradients(hasBias());
    }

    /**
     * The captured gradients with respect to bias and {@link #weights}.
     *
     * @return never null
     * @throws IllegalStateException when nothing was captured
     */
    protected final ConvolutionExampleGradients captured() {
        return Checks.captured(kernel);
    }

    private Gradient views() {
        Gradient gradient = new DefaultGradient();
        if (hasBias()) {
            gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, view(ConvolutionParamInitializer.BIAS_KEY));
        }
        gradient.setGradientFor(
                ConvolutionParamInitializer.WEIGHT_KEY, view(ConvolutionParamInitializer.WEIGHT_KEY), 'c');
        return gradient;
    }

    private INDArray view(String key) {
        return Objects.requireNonNull(gradientViews.get(key));
    }

    private INDArray inputGradient(
            ConvolutionGeometry g, INDArray x, INDArray eps, INDArray delta, LayerWorkspaceMgr workspaces) {
        if (inputGradientUnused) {
            return workspaces.create(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        }
        boolean convolution = InputGradient.isConvolution(g);
        if (convolution || InputGradient.isPointwise(g)) {
            INDArray next = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
            INDArray weights = weights(workspaces);
            if (convolution) {
                InputGradient.compute(g, weights, delta, next);
            } else {
                InputGradient.computePointwise(g, weights, delta, next);
            }
            return next;
        }
        if (helper != null && helperCountFail == 0) {
            // The helper computes the weight gradient as well; there is no operation for the input gradient alone.
            Pair<Gradient, INDArray> both = helper.backpropGradient(
                    x,
                    weights(workspaces),
                    params.get(ConvolutionParamInitializer.BIAS_KEY),
                    delta,
                    layerConf().getKernelSize(),
                    layerConf().getStride(),
                    layerConf().getPadding(),
                    gradientViews.get(ConvolutionParamInitializer.BIAS_KEY),
                    view(ConvolutionParamInitializer.WEIGHT_KEY),
                    layerConf().getActivationFn(),
                    layerConf().getCudnnAlgoMode(),
                    layerConf().getCudnnBwdFilterAlgo(),
                    layerConf().getCudnnBwdDataAlgo(),
                    convolutionMode,
                    layerConf().getDilation(),
                    layerConf().getCnn2dDataFormat(),
                    workspaces);
            if (both != null) {
                return both.getSecond();
            }
        }
        return super.backpropGradient(eps, workspaces).getSecond();
    }
}
