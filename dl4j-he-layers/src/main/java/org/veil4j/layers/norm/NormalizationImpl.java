package org.veil4j.layers.norm;

import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.layers.activation.FusedActivation;
import org.veil4j.layers.kernel.Elements;
import org.veil4j.layers.kernel.NativeArrays;

/**
 * Forward and backward pass that the normalisations share; the kinds differ in {@link #normalise} and {@link #differentiate}.
 * An activation function that cannot be fused is applied to the normalised values afterwards, and backward these are computed
 * again.
 */
abstract class NormalizationImpl<C extends ChannelNormalization> extends BaseLayer<C> {
    private static final long serialVersionUID = 1L;
    private static final FusedActivation IDENTITY =
            Objects.requireNonNull(FusedActivation.of(new ActivationIdentity()));

    /** Scratch; made when first used. */
    private transient @Nullable Elements elements;

    private transient @Nullable IActivation known;
    private transient @Nullable FusedActivation fused;

    /** Parameters on the heap, and their summed gradients; one entry a channel. */
    double[] gamma = new double[0];

    double[] beta = new double[0];
    double[] gammaGradient = new double[0];
    double[] betaGradient = new double[0];

    NormalizationImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    /** Shape of a mini-batch: examples, channels, positions. */
    record Extent(int examples, int channels, int positions) {
        /** Elements of an example. */
        int size() {
            return channels * positions;
        }
    }

    /**
     * Computes statistics where the kind needs them, and stores the output. Elements: values and output are bound.
     *
     * @param again true for a second forward pass over the same input, to get the normalised values back
     */
    abstract void normalise(Elements e, Extent x, FusedActivation f, boolean training, boolean again);

    /** Stores the input gradient and fills both parameter gradients. Elements: values, gradients and output are bound. */
    abstract void differentiate(Elements e, Extent x, FusedActivation f);

    /** Puts what the kind has besides gamma and beta into the gradient; nothing by default. */
    void addGradients(Gradient gradient) {}

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public void setParams(INDArray params) {
        if (params != paramsFlattened) {
            setParams(params, 'c');
        }
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        INDArray x = NativeArrays.contiguous(input, dataType, workspaces, ArrayType.FF_WORKING_MEM);
        FusedActivation f = fused();
        INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
        forward(x, out, f == null ? IDENTITY : f, training, false);
        return f == null ? layerConf().getActivationFn().getActivation(out, training) : out;
    }

    private void forward(INDArray x, INDArray out, FusedActivation f, boolean training, boolean again) {
        Extent extent = extent(x);
        gamma = sized(gamma, extent.channels);
        beta = sized(beta, extent.channels);
        NativeArrays.read(getParam(ChannelNormalization.GAMMA), gamma);
        NativeArrays.read(getParam(ChannelNormalization.BETA), beta);
        Elements e = elements();
        e.bind(x, null, out, extent.size());
        normalise(e, extent, f, training, again);
        e.release();
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray x = NativeArrays.contiguous(input, dataType, workspaces, ArrayType.BP_WORKING_MEM);
        FusedActivation f = fused();
        INDArray delta = epsilon;
        if (f == null) {
            INDArray z = workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, x.shape(), 'c');
            forward(x, z, IDENTITY, true, true);
            delta = layerConf()
                    .getActivationFn()
                    .backprop(z, epsilon.castTo(dataType))
                    .getFirst();
        }
        delta = NativeArrays.contiguous(delta, dataType, workspaces, ArrayType.BP_WORKING_MEM);
        Extent extent = extent(x);
        gammaGradient = cleared(gammaGradient, extent.channels);
        betaGradient = cleared(betaGradient, extent.channels);
        INDArray next = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        Elements e = elements();
        e.bind(x, delta, next, extent.size());
        differentiate(e, extent, f == null ? IDENTITY : f);
        e.release();
        Gradient gradient = new DefaultGradient();
        put(gradient, ChannelNormalization.GAMMA, gammaGradient);
        put(gradient, ChannelNormalization.BETA, betaGradient);
        addGradients(gradient);
        return new Pair<>(gradient, backpropDropOutIfPresent(next));
    }

    private void put(Gradient gradient, String key, double[] values) {
        INDArray view = Objects.requireNonNull(gradientViews.get(key));
        NativeArrays.write(values, view);
        gradient.setGradientFor(key, view);
    }

    private Extent extent(INDArray x) {
        long channels = layerConf().getNIn();
        if ((x.rank() != 2 && x.rank() != 4) || x.size(1) != channels) {
            throw new IllegalArgumentException("input=" + Arrays.toString(x.shape()) + " of layer "
                    + layerConf().getLayerName() + ": must be [n, " + channels + "] or [n, " + channels
                    + ", height, width]; check nIn or the input type");
        }
        long positions = x.rank() == 2 ? 1 : x.size(2) * x.size(3);
        return new Extent((int) x.size(0), (int) channels, Math.toIntExact(positions));
    }

    private Elements elements() {
        if (elements == null) {
            elements = Elements.of(dataType);
        }
        return elements;
    }

    private @Nullable FusedActivation fused() {
        IActivation activation = layerConf().getActivationFn();
        if (known != activation) {
            known = activation;
            fused = FusedActivation.of(activation);
        }
        return fused;
    }

    /** An array of at least the length; contents are undefined. */
    static double[] sized(double[] array, int length) {
        return array.length >= length ? array : new double[length];
    }

    /** An array of at least the length, all zero. */
    static double[] cleared(double[] array, int length) {
        double[] a = sized(array, length);
        Arrays.fill(a, 0);
        return a;
    }
}
