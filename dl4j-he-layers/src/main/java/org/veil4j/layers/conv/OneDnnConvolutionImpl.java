package org.veil4j.layers.conv;

import java.util.Objects;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.dp.gradient.ConvolutionGeometry;
import org.veil4j.dp.gradient.PrivateConvolution;
import org.veil4j.layers.kernel.NativeArrays;

/**
 * The stock convolution with the helper set where the network's type and the binaries allow it; its per-example gradients are
 * those of {@link PrivateConvolution}. Public for layers that compute their weights; configure {@link OneDnnConvolution}.
 */
public class OneDnnConvolutionImpl extends PrivateConvolution {
    private static final long serialVersionUID = 2L;
    private static final Logger LOG = LogManager.getLogger(OneDnnConvolutionImpl.class);

    private transient @Nullable PointwiseBackward pointwise;
    private boolean capturing;

    /**
     * Creates the layer as Deeplearning4j does; parameters are set afterwards.
     *
     * @param conf the layer's configuration
     * @param type the network's data type
     */
    public OneDnnConvolutionImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
        if (type == DataType.FLOAT && OneDnn.isAvailable() && !isDilated()) {
            helper = createHelper(type);
        }
    }

    @Override
    public void capturePerExample(boolean on) {
        super.capturePerExample(on);
        capturing = on;
    }

    /**
     * Whether backward passes capture per-example gradients and leave the gradient views alone.
     *
     * @return true after {@code capturePerExample(true)}
     */
    protected final boolean isCapturing() {
        return capturing;
    }

    /**
     * Does without what the stock layer repeats: the forward convolution, whose result the identity's gradient does not need; and
     * oneDNN's backward pass of a 1x1 convolution, where two matrix products are faster.
     */
    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        boolean fast = helper instanceof MKLDNNConvHelper
                && helperCountFail == 0
                && !capturing
                && layerConf().getActivationFn() instanceof ActivationIdentity
                && layerConf().getCnn2dDataFormat() == CNN2DFormat.NCHW;
        if (!fast) {
            return super.backpropGradient(epsilon, workspaces);
        }
        assertInputSet(true);
        INDArray x = NativeArrays.contiguous(input, DataType.FLOAT, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray delta = NativeArrays.contiguous(epsilon, DataType.FLOAT, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray w = weights(workspaces);
        INDArray weightGradient = Objects.requireNonNull(gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY));
        INDArray biasGradient = hasBias() ? gradientViews.get(ConvolutionParamInitializer.BIAS_KEY) : null;
        ConvolutionGeometry geometry = ConvolutionGeometry.of(layerConf(), x);
        INDArray next;
        if (PointwiseBackward.fits(geometry) && biasGradient == null) {
            next = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, DataType.FLOAT, x.shape(), 'c');
            pointwise().compute(geometry, w, x, delta, weightGradient, next, workspaces);
        } else {
            next = helper.backpropGradient(
                            x,
                            w,
                            getParam(ConvolutionParamInitializer.BIAS_KEY),
                            delta,
                            layerConf().getKernelSize(),
                            layerConf().getStride(),
                            layerConf().getPadding(),
                            biasGradient,
                            weightGradient,
                            layerConf().getActivationFn(),
                            layerConf().getCudnnAlgoMode(),
                            layerConf().getCudnnBwdFilterAlgo(),
                            layerConf().getCudnnBwdDataAlgo(),
                            convolutionMode,
                            layerConf().getDilation(),
                            CNN2DFormat.NCHW,
                            workspaces)
                    .getSecond();
        }
        weightNoiseParams.clear();
        Gradient gradient = new DefaultGradient();
        if (biasGradient != null) {
            gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, biasGradient);
        }
        gradient.setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, weightGradient, 'c');
        return new Pair<>(gradient, backpropDropOutIfPresent(next));
    }

    private PointwiseBackward pointwise() {
        if (pointwise == null) {
            pointwise = new PointwiseBackward();
        }
        return pointwise;
    }

    /** With dilation the native operation refuses the helper's call, and the stock path would log a warning a batch. */
    private boolean isDilated() {
        int[] dilation = layerConf().getDilation();
        return dilation[0] != 1 || dilation[1] != 1;
    }

    /** The helper, or what the stock layer found by itself (usually null) where the class is not there. */
    private ConvolutionHelper createHelper(DataType type) {
        try {
            return new MKLDNNConvHelper(type);
        } catch (LinkageError e) {
            LOG.debug("No oneDNN convolution helper in this Deeplearning4j; using the stock path", e);
            return helper;
        }
    }
}
