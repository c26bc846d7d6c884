package org.veil4j.layers.norm;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.gradient.ConvolutionExampleGradients;
import org.veil4j.dp.gradient.GradientStrategy;
import org.veil4j.layers.conv.OneDnnConvolutionImpl;
import org.veil4j.layers.kernel.NativeArrays;

/**
 * The fast convolution with standardised weights in place of its parameter. Its gradients are those of the effective weights, pulled
 * back through the standardisation, which is a linear map that does not depend on the data: so weighted sums are pulled back
 * once, and single gradients one by one for their norms.
 */
final class WeightStandardizedConvolutionImpl extends OneDnnConvolutionImpl {
    private static final long serialVersionUID = 1L;
    private static final String WEIGHTS = ConvolutionParamInitializer.WEIGHT_KEY;

    private transient @Nullable Standardisation map;

    /** The effective weights, outside of all workspaces. */
    private transient @Nullable INDArray effective;

    private double[] scratch = new double[0];
    private double[] gains = new double[0];

    WeightStandardizedConvolutionImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    private WeightStandardizedConvolution settings() {
        return (WeightStandardizedConvolution) layerConf();
    }

    /** Standardises the parameters as they are now. */
    Standardisation standardise() {
        Standardisation s = map;
        if (s == null) {
            s = new Standardisation(
                    Math.toIntExact(layerConf().getNOut()),
                    settings().fanIn(),
                    settings().getEps());
            map = s;
            scratch = new double[s.weights()];
            gains = new double[s.outputs()];
        }
        NativeArrays.read(getParam(WEIGHTS), scratch);
        NativeArrays.read(getParam(WeightStandardizedConvolution.GAIN), gains);
        s.set(scratch, gains);
        return s;
    }

    /** The stock layer asks here for the weights of each pass. */
    @Override
    protected INDArray getParamWithNoise(String key, boolean training, LayerWorkspaceMgr workspaces) {
        INDArray parameter = super.getParamWithNoise(key, training, workspaces);
        if (!key.equals(WEIGHTS)) {
            return parameter;
        }
        if (layerConf().getWeightNoise() != null) {
            throw new IllegalStateException("weightNoise of layer "
                    + layerConf().getLayerName() + ": has no effect on standardised weights; remove it");
        }
        INDArray weights = effective;
        if (weights == null) {
            weights = Nd4j.createUninitializedDetached(dataType, 'c', parameter.shape());
            effective = weights;
        }
        Standardisation s = standardise();
        s.effective(scratch);
        NativeArrays.write(scratch, weights);
        return weights;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        Pair<Gradient, INDArray> result = super.backpropGradient(epsilon, workspaces);
        INDArray weightView = Objects.requireNonNull(gradientViews.get(WEIGHTS));
        INDArray gainView = Objects.requireNonNull(gradientViews.get(WeightStandardizedConvolution.GAIN));
        result.getFirst().setGradientFor(WeightStandardizedConvolution.GAIN, gainView);
        if (isCapturing()) {
            return result; // the views are not filled
        }
        NativeArrays.read(weightView, scratch);
        Objects.requireNonNull(map).pullBack(scratch, 0, gains, 0);
        NativeArrays.write(scratch, weightView);
        NativeArrays.write(gains, gainView);
        return result;
    }

    @Override
    protected ConvolutionExampleGradients createKernel() {
        return new ConvolutionExampleGradients(hasBias(), GradientStrategy.MATERIALISED);
    }

    @Override
    public void addSquaredNorms(double[] squaredNorms) {
        Standardisation s = Objects.requireNonNull(map);
        int bias = hasBias() ? s.outputs() : 0;
        captured().addSquaredNorms(squaredNorms, gradient -> {
            double sum = s.squaredNormOfPullBack(gradient, bias);
            for (int o = 0; o < bias; o++) {
                sum += gradient[o] * gradient[o];
            }
            return sum;
        });
    }

    @Override
    public void addWeightedSum(double[] factors, double[] target, int offset) {
        ConvolutionExampleGradients kernel = captured();
        Standardisation s = Objects.requireNonNull(map);
        int bias = hasBias() ? s.outputs() : 0;
        int gain = offset + bias;
        int weights = gain + s.outputs();
        if (offset < 0 || weights + s.weights() > target.length) {
            throw new IllegalArgumentException(
                    "offset=" + offset + ": layer " + layerConf().getLayerName() + " needs " + numParams()
                            + " places of " + target.length + "; give the place of its parameters");
        }
        double[] sum = new double[bias + s.weights()];
        kernel.addWeightedSum(factors, sum, 0);
        s.pullBack(sum, bias, gains, 0);
        for (int i = 0; i < bias; i++) {
            target[offset + i] += sum[i];
        }
        for (int o = 0; o < s.outputs(); o++) {
            target[gain + o] += gains[o];
        }
        for (int i = 0; i < s.weights(); i++) {
            target[weights + i] += sum[bias + i];
        }
    }
}
